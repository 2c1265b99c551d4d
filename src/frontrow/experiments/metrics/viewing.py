"""What was watched: play, progress and stop events as playbacks, with the seconds that each event added."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.interactions import FINISHED, LEAST_SECONDS, PLAYBACK_HOURS
from frontrow.features.watching import ABANDONED_BELOW, ABANDONED_DAYS, IN_PROGRESS_FROM

NEW_DAYS: Final = 30
PLAYING: Final = [TYPE_NUMBER[name] for name in ("play", "progress", "stop")]
PLAYBACK: Final = ["profile", "title", "playback", "part"]
"""What tells playbacks apart: `part` numbers those without an id."""
_TITLE: Final = ["profile", "title"]


def playback_events(events: pl.DataFrame) -> pl.DataFrame:
    """Playing events in order of (profile, title, at, offset), with `part`, `so_far` (the playback's largest seconds
    up to this event), `gained` (what this event added to it) and `lasted` (this event took it over 2 minutes)."""
    plays = events.filter(pl.col("type").is_in(PLAYING) & (pl.col("title") >= 0)).sort(*_TITLE, "at", "offset")
    plays = plays.with_columns(part=pl.Series(_parts(plays), dtype=pl.Int64))
    plays = plays.with_columns(so_far=pl.col("seconds").fill_null(0.0).cum_max().over(PLAYBACK))
    plays = plays.with_columns(gained=pl.col("so_far") - pl.col("so_far").shift(1, fill_value=0.0).over(PLAYBACK))
    return plays.with_columns(
        lasted=(pl.col("so_far") > LEAST_SECONDS) & (pl.col("so_far") - pl.col("gained") <= LEAST_SECONDS)
    )


def _parts(plays: pl.DataFrame) -> NDArray[np.int64]:
    """Numbers from 1 for the playbacks without an id, 0 for events with one. Such a playback ends at its stop, or 4
    hours after it began."""
    part = np.zeros(plays.height, np.int64)
    where = np.flatnonzero(plays["playback"].to_numpy() == 0)
    if not len(where):
        return part
    at, profile, title, type_ = (plays[name].to_numpy()[where] for name in ("at", "profile", "title", "type"))
    begins = np.ones(len(where), bool)
    same = (profile[1:] == profile[:-1]) & (title[1:] == title[:-1])
    begins[1:] = ~same | (type_[:-1] == TYPE_NUMBER["stop"])
    while True:
        group = np.cumsum(begins) - 1
        late = at - at[np.flatnonzero(begins)][group] > PLAYBACK_HOURS * HOUR
        late[1:] &= ~(late[:-1] & (group[1:] == group[:-1]))  # only the first late one of each begins another
        if not late.any():
            break
        begins |= late
    part[where] = group + 1
    return part


def title_marks(plays: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """One row for each thing that happens to a title once, on the day on which it was started: `profile`, `day`, and 1
    in `started` or `new_titles`, or in `end` after how many days it was finished (0 or more) or first lapsed (below 0).

    `rates` are rate events, which take a title out of progress.
    """
    rated = rates.with_columns(fraction=pl.lit(-1.0), gained=pl.lit(0.0))
    marks = pl.concat([plays, rated], how="diagonal").sort(*_TITLE, "at", "offset")
    marks = marks.with_columns(
        total=pl.col("gained").cum_sum().over(_TITLE),
        position=pl.col("fraction").forward_fill().over(_TITLE),
        until=pl.col("at").shift(-1).over(_TITLE),
    )
    ended = pl.col("fraction").fill_null(0.0) >= FINISHED
    marks = marks.with_columns(
        started=_first((pl.col("total") > LEAST_SECONDS) | ended, _TITLE), finished=_first(ended, _TITLE)
    )
    lapse = pl.col("at") + ABANDONED_DAYS * DAY
    left = (
        (pl.col("position") >= IN_PROGRESS_FROM)
        & (pl.col("position") < ABANDONED_BELOW)
        & (pl.col("total") > LEAST_SECONDS)
        & (pl.col("until").is_null() | (pl.col("until") > lapse))
    )
    fresh = (pl.col("at") - pl.col("added_at")).is_between(0, NEW_DAYS * DAY)
    day = (pl.col("at") // DAY).cast(pl.Int32).alias("day")
    first_of_whole = marks.filter("started").sort("profile", "at", "offset").unique(["profile", "whole"], keep="first")
    marks = marks.with_columns(began=pl.col("at").filter(pl.col("started")).first().over(_TITLE) // DAY)
    began = pl.col("began").cast(pl.Int32)
    lapses = marks.filter(left).unique(_TITLE, keep="first", maintain_order=True)
    return pl.concat(
        [
            marks.filter("started").select("profile", day, started=pl.lit(1, pl.Int32)),
            marks.filter("finished").select("profile", began.alias("day"), end=day - began),
            lapses.select("profile", began.alias("day"), end=began - ((lapse + 1) // DAY).cast(pl.Int32)),
            first_of_whole.filter(fresh).select("profile", day, new_titles=pl.lit(1, pl.Int32)),
        ],
        how="diagonal",
    )


def _first(flag: pl.Expr, over: list[str]) -> pl.Expr:
    return flag & (flag.cum_sum().over(over) == 1)
