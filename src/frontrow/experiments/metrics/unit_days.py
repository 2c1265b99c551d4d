"""One pass over events: what each profile did on each day, in sums that add up over days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.catalog.title import FOREVER
from frontrow.core.clock import DAY
from frontrow.events.event import TYPE_NUMBER
from frontrow.experiments.metrics.sessions import attributed, lasting_plays, selections, with_visits
from frontrow.experiments.metrics.viewing import playback_events, title_marks

EVENTS: Final[Mapping[str, pl.DataType]] = {
    "offset": pl.Int64(), "at": pl.Int64(), "profile": pl.Int64(), "title": pl.Int32(), "type": pl.Int8(),
    "seconds": pl.Float64(), "fraction": pl.Float64(), "value": pl.Float64(), "playback": pl.Int64(),
    "session": pl.Int64(), "page": pl.String(), "topic": pl.String(),
}  # fmt: skip
"""Events as this room reads them: numbers of profile, title (-1: none) and type; playback and session are hashes (0:
none); null is what an event does not say."""

SUMS: Final[Mapping[str, pl.DataType]] = {
    "viewing_seconds": pl.Float64(), "qualified_plays": pl.Int16(), "select_seconds": pl.Float32(),
    "selections": pl.Int16(), "started": pl.Int16(), "new_titles": pl.Int16(), "list_adds": pl.Int16(),
    "hides": pl.Int16(), "survey_points": pl.Float32(), "survey_answers": pl.Int16(), "nps_points": pl.Float32(),
    "nps_answers": pl.Int16(), "active": pl.Int16(),
}  # fmt: skip
LATEST: Final[Mapping[str, pl.DataType]] = {"cancelled_at": pl.Int64(), "rejoined_at": pl.Int64()}
ENDS: Final[Mapping[str, pl.DataType]] = {"ends": pl.List(pl.Int16())}
"""What became of the titles started on a day, after how many days: finished (0 or more), lapsed (below 0)."""
WATCHED: Final[Mapping[str, pl.DataType]] = {
    "titles": pl.List(pl.Int32()), "title_seconds": pl.List(pl.Float32())
}  # fmt: skip
DAYS: Final[Mapping[str, pl.DataType]] = {"profile": pl.Int64(), "day": pl.Int32(), **SUMS, **LATEST, **ENDS, **WATCHED}
"""A row for each profile and UTC day on which something happened: sums, the latest cancel and rejoin (microseconds
UTC), what became of the titles started, and the titles watched (series, not episodes) with their seconds."""
PICKS: Final[Mapping[str, pl.DataType]] = {
    "profile": pl.Int64(), "page": pl.String(), "whole": pl.Int32(), "at": pl.Int64()
}  # fmt: skip
"""Plays that lasted and the page that they came from."""

MOST_A_DAY: Final = 32_767
"""Of anything that one profile does on one day; tables of millions of days stay small."""

_DAY = (pl.col("at") // DAY).cast(pl.Int32).alias("day")


def unit_days(
    events: pl.DataFrame, series_of: NDArray[np.int32], added_at: NDArray[np.int64]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(DAYS, PICKS) of all of some profiles' EVENTS. `series_of` and `added_at` are by title number (catalogue).

    A title's lapse may lie in the future: 14 days after it was last touched.
    """
    if events.is_empty():
        return empty(DAYS), empty(PICKS)
    events = with_visits(_with_titles(events, series_of, added_at))
    plays = playback_events(events)
    lasting = lasting_plays(plays)
    rates = events.filter((pl.col("type") == TYPE_NUMBER["rate"]) & (pl.col("title") >= 0))
    marks = title_marks(plays, rates)
    parts = [
        plays.select("profile", _DAY, pl.col("gained").alias("viewing_seconds"),
                     pl.col("lasted").cast(pl.Int32).alias("qualified_plays")),
        selections(events, lasting),
        marks.drop("end"),
        _said(events),
    ]  # fmt: skip
    rows = pl.concat(parts, how="diagonal_relaxed").group_by("profile", "day").agg(
        pl.col(name).sum() for name in SUMS
    )  # fmt: skip
    active = pl.col("active") > 0
    rows = rows.with_columns(active=active.cast(pl.Int32))
    ends = marks.drop_nulls("end").sort("profile", "day", "end").group_by("profile", "day", maintain_order=True).agg(
        pl.col("end").clip(-MOST_A_DAY, MOST_A_DAY).cast(pl.Int16).alias("ends")
    )  # fmt: skip
    days = rows
    for more in (_latest(events), ends, _watched(plays)):
        days = days.join(more, on=["profile", "day"], how="left")
    return shaped(days, DAYS).sort("profile", "day"), shaped(attributed(events, lasting), PICKS)


def empty(schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """No rows of a table."""
    return pl.DataFrame(schema=dict(schema))


def shaped(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The columns of a schema, cast; those that are not there are null. Small counts end at 32,767 a row."""

    def column(name: str, kind: pl.DataType) -> pl.Expr:
        if name not in frame.columns:
            return pl.lit(None, kind).alias(name)
        return (pl.col(name).clip(upper_bound=MOST_A_DAY) if kind == pl.Int16 else pl.col(name)).cast(kind)

    return frame.select(column(name, kind) for name, kind in schema.items())


def _with_titles(events: pl.DataFrame, series_of: NDArray[np.int32], added_at: NDArray[np.int64]) -> pl.DataFrame:
    """With `whole`, the series of an episode (else the title itself), and when that joined the catalogue; a number
    that the catalogue does not have yet stands for itself and joined never."""
    title, last = events["title"].to_numpy(), len(series_of) - 1
    known = (title >= 0) & (title <= last)
    whole = title.copy()
    whole[known] = series_of[title[known]]
    added = np.full(len(title), FOREVER, np.int64)
    added[known] = added_at[whole[known]]
    return events.with_columns(whole=pl.Series(whole, dtype=pl.Int32), added_at=pl.Series(added, dtype=pl.Int64))


def _said(events: pl.DataFrame) -> pl.DataFrame:
    """What viewers said and did beside watching, event by event."""
    kind = pl.col("type")
    survey = kind == TYPE_NUMBER["survey"]
    nps = survey & (pl.col("topic").str.to_lowercase() == "nps").fill_null(False)
    value = pl.col("value")
    points = pl.when(value >= 9).then(100.0).when(value > 6).then(0.0).otherwise(-100.0)
    gone = kind.is_in([TYPE_NUMBER["cancel"], TYPE_NUMBER["rejoin"]])
    return events.select(
        "profile",
        _DAY,
        (kind == TYPE_NUMBER["list_add"]).cast(pl.Int32).alias("list_adds"),
        (kind == TYPE_NUMBER["hide"]).cast(pl.Int32).alias("hides"),
        pl.when(survey & ~nps).then(value).otherwise(0.0).alias("survey_points"),
        (survey & ~nps).cast(pl.Int32).alias("survey_answers"),
        pl.when(nps).then(points).otherwise(0.0).alias("nps_points"),
        nps.cast(pl.Int32).alias("nps_answers"),
        (~gone).cast(pl.Int32).alias("active"),
    )


def _latest(events: pl.DataFrame) -> pl.DataFrame:
    kind, at = pl.col("type"), pl.col("at")
    return (
        events.filter(kind.is_in([TYPE_NUMBER["cancel"], TYPE_NUMBER["rejoin"]]))
        .group_by("profile", _DAY)
        .agg(
            at.filter(kind == TYPE_NUMBER["cancel"]).max().alias("cancelled_at"),
            at.filter(kind == TYPE_NUMBER["rejoin"]).max().alias("rejoined_at"),
        )
    )


def _watched(plays: pl.DataFrame) -> pl.DataFrame:
    """The titles of each day with their seconds."""
    return (
        plays.group_by("profile", _DAY, "whole")
        .agg(pl.col("gained").sum())
        .filter(pl.col("gained") > 0)
        .sort("profile", "day", "whole")
        .group_by("profile", "day", maintain_order=True)
        .agg(pl.col("whole").alias("titles"), pl.col("gained").alias("title_seconds"))
    )
