"""The per-unit table of an experiment: arm, outcomes since exposure, the same from before it, segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from frontrow.core.clock import DAY
from frontrow.experiments.metrics.definitions import BEFORE
from frontrow.experiments.metrics.tables import MetricTables
from frontrow.experiments.metrics.totals import unit_totals

COVARIATE_DAYS: Final = 28
MOST_NOVELTY_DAYS: Final = 14
WHOLE: Final = 1e6
"""Of a day's numbers so many parts are summed as whole numbers: those add up alike in any order."""
DAILY: Final = {
    "viewing_time": pl.col("viewing_seconds") / 60,
    "qualified_plays": pl.col("qualified_plays"),
    "new_title_discovery": pl.col("new_titles"),
    "list_adds": pl.col("list_adds"),
    "hides": pl.col("hides"),
}
"""Metrics whose days add up, from the columns of DAYS: their effect can be followed day by day."""


def exposed_units(exposures: pl.DataFrame, members: pl.DataFrame, until: int) -> pl.DataFrame:
    """`unit`, `arm`, `first_at` of who was served something before `until` and consents today. A unit that was served
    two arms has a row for each."""
    found = exposures.filter(pl.col("first_at") < until).join(members.filter("consents"), on="profile")
    found = found.filter(pl.col("unit").is_not_null())
    return found.group_by("unit", pl.col("variant").alias("arm")).agg(pl.col("first_at").min()).sort("unit", "arm")


def unit_rows(
    units: pl.DataFrame,
    tables: MetricTables,
    members: pl.DataFrame,
    genres: pl.DataFrame,
    until: int,
    covariate_days: int,
    segments: Sequence[str],
) -> pl.DataFrame:
    """`units` with the totals of every metric from the UTC day of their exposure to that of `until`, and under
    `before_` those of `covariate_days` before it, less the last: what was shown then may be played after exposure.
    What happened on the day of exposure before it counts too: it is the same in all arms."""
    first = units.group_by("unit").agg(pl.col("first_at").min())
    day = (pl.col("first_at") // DAY).cast(pl.Int32)
    spans = first.select("unit", from_day=day, to_day=pl.lit(until // DAY, pl.Int32))
    earlier = first.select("unit", from_day=day - 1 - covariate_days, to_day=day - 2)
    own, pages = members.select("profile", "unit"), tables.all_page_days()
    after = unit_totals(tables.days, pages, own, spans, genres)
    before = unit_totals(tables.days, pages, own, earlier, genres)
    before = before.rename({name: BEFORE + name for name in before.columns if name != "unit"})
    rows = units  # their order is that of sums, so it is kept
    for more in (after, before):
        rows = rows.join(more, on="unit", maintain_order="left")
    if segments:
        first_members = members.sort("profile").unique("unit", keep="first").select("unit", *segments)
        rows = rows.join(first_members, on="unit", maintain_order="left")
    return rows


def daily_rows(
    metric: str, units: pl.DataFrame, tables: MetricTables, members: pl.DataFrame, until: int
) -> tuple[pl.DataFrame, int]:
    """(`unit` (a number), `arm`, `day` since exposure, `value`; how many days) of units observed for all of them.

    The days are as many, up to 14, as at least half of the units were observed for; 0 where that is fewer than two.
    """
    whole = units.with_columns(seen=until // DAY - pl.col("first_at") // DAY)  # the last day is not over yet
    whole = whole.filter(pl.len().over("unit") == 1)
    days = min(MOST_NOVELTY_DAYS, int(whole["seen"].median() or 0))  # type: ignore[arg-type]
    if days < 2:
        return pl.DataFrame(), 0
    watched = whole.filter(pl.col("seen") >= days).with_row_index("code")
    watched = watched.with_columns(first_day=(pl.col("first_at") // DAY).cast(pl.Int32))
    own = members.select("profile", "unit").join(watched, on="unit").select("profile", "code", "first_day")
    since = pl.col("day") >= (watched["first_day"].min() or 0)
    found = (
        tables.days.lazy()
        .filter(since)
        .select("profile", "day", (DAILY[metric] * WHOLE).round().cast(pl.Int64).alias("value"))
        .join(own.lazy(), on="profile")
        .select("code", pl.col("day") - pl.col("first_day"), "value")
        .filter(pl.col("day").is_between(0, days - 1))
    )
    nothing = watched.lazy().select("code", day=pl.lit(0, pl.Int32), value=pl.lit(0, pl.Int64))
    rows = pl.concat([found, nothing]).group_by("code", "day").agg(pl.col("value").sum() / WHOLE)
    named = rows.join(watched.lazy().select("code", "arm"), on="code").rename({"code": "unit"})
    return named.collect(engine="streaming"), days
