"""Sessions, how long it took to select something in them, and the page that a play came from."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.clock import DAY, MINUTE, SECOND
from frontrow.events.event import TYPE_NUMBER
from frontrow.experiments.metrics.viewing import PLAYBACK

IDLE_MINUTES: Final = 30
_SESSION: Final = ["profile", "session", "visit"]


def with_visits(events: pl.DataFrame) -> pl.DataFrame:
    """Events in order of (profile, at, offset) with `visit`: numbers from 1 for sessions without an id, 0 otherwise.

    Without an id a session begins at `session_start`, after a `session_end`, or after 30 minutes without an event.
    """
    ordered = events.sort("profile", "at", "offset")
    visit = np.zeros(ordered.height, np.int64)
    where = np.flatnonzero(ordered["session"].to_numpy() == 0)
    if len(where):
        visit[where] = _visits(*(ordered[name].to_numpy()[where] for name in ("profile", "at", "type")))
    return ordered.with_columns(visit=pl.Series(visit, dtype=pl.Int64))


def _visits(profile: NDArray[np.int64], at: NDArray[np.int64], type_: NDArray[np.int8]) -> NDArray[np.int64]:
    begins = np.ones(len(at), bool)
    begins[1:] = (
        (profile[1:] != profile[:-1])
        | (at[1:] - at[:-1] > IDLE_MINUTES * MINUTE)
        | (type_[:-1] == TYPE_NUMBER["session_end"])
    )
    begins |= type_ == TYPE_NUMBER["session_start"]
    return np.cumsum(begins)


def lasting_plays(plays: pl.DataFrame) -> pl.DataFrame:
    """Playbacks of more than 2 minutes: when they began, in which session, from which page (null: not said)."""
    return plays.group_by(PLAYBACK, maintain_order=True).agg(
        pl.col("at", "whole", "session", "visit").first(),
        pl.col("page").drop_nulls().first(),
        pl.col("lasted").any(),
    ).filter("lasted")  # fmt: skip


def selections(events: pl.DataFrame, lasting: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `day` (of the session's start), `select_seconds`, `selections` (1) of each session that has both a
    start and, after it, a play that lasts."""
    starts = events.filter(pl.col("type") == TYPE_NUMBER["session_start"])
    starts = starts.group_by(_SESSION).agg(pl.col("at").min().alias("start"))
    found = lasting.join(starts, on=_SESSION).filter(pl.col("at") >= pl.col("start"))
    found = found.group_by(*_SESSION, "start").agg(pl.col("at").min())
    return found.select(
        "profile",
        (pl.col("start") // DAY).cast(pl.Int32).alias("day"),
        ((pl.col("at") - pl.col("start")) / SECOND).alias("select_seconds"),
        pl.lit(1, pl.Int32).alias("selections"),
    )


def attributed(events: pl.DataFrame, lasting: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `page`, `whole`, `at` of lasting plays: the page that the play names, else that of the title's last
    impression in the session. Plays from no page are left out."""
    columns = ["profile", "page", "whole", "at"]
    seen = events.filter((pl.col("type") == TYPE_NUMBER["impression"]) & pl.col("page").is_not_null())
    keys = [*_SESSION, "whole"]
    unnamed = lasting.filter(pl.col("page").is_null()).drop("page").sort("at")
    if unnamed.height and seen.height:
        shown = seen.select(*keys, "page", pl.col("at").alias("shown_at")).sort("shown_at")
        unnamed = unnamed.join_asof(
            shown, left_on="at", right_on="shown_at", by=keys, strategy="backward", check_sortedness=False
        )
        named = pl.concat([lasting.select(columns), unnamed.select(columns)])
    else:
        named = lasting.select(columns)
    return named.filter(pl.col("page").is_not_null())
