"""From days to units: each unit's totals over a span of days, in the columns that the definitions name."""

from __future__ import annotations

from typing import Final

import polars as pl

from frontrow.experiments.metrics.page_days import PAGE_SUMS
from frontrow.experiments.metrics.unit_days import SUMS

RETURN_DAYS: Final = 7
SPANS: Final = ("unit", "from_day", "to_day")
MEMBERS: Final = ("profile", "unit")


def unit_totals(
    days: pl.DataFrame, page_days: pl.DataFrame, members: pl.DataFrame, spans: pl.DataFrame, genres: pl.DataFrame
) -> pl.DataFrame:
    """One row for each unit of `spans` (`unit`, `from_day`, `to_day`, both days inside), zeros where nothing happened.

    `days` are DAYS and `page_days` PAGE_DAYS, by profile. `members` (`profile`, `unit`) says whose they are. `genres`
    (`title`, `genre`, `share`) splits each title over its genres. `returned` is null where the span is too short.
    """
    own = members.join(spans, on="unit")
    inside = (pl.col("day") >= pl.col("from_day")) & (pl.col("day") <= pl.col("to_day"))
    there = days.lazy().join(own.lazy(), on="profile").filter(inside)
    back = (pl.col("day") > pl.col("from_day")) & (pl.col("day") <= pl.col("from_day") + RETURN_DAYS)
    sums = there.group_by("unit").agg(
        *(pl.col(name).sum() for name in SUMS if name not in ("viewing_seconds", "active")),
        (pl.col("viewing_seconds").sum() / 60).alias("viewing_minutes"),
        pl.col("day").filter(pl.col("active") > 0).n_unique().alias("active_days"),
        ((pl.col("active") > 0) & back).any().alias("returned"),
        pl.col("cancelled_at").max(),
        pl.col("rejoined_at").max(),
    )
    watched = there.select("unit", "titles", "title_seconds").explode("titles", "title_seconds").drop_nulls()
    pages = page_days.lazy().join(own.lazy(), on="profile").filter(inside)
    totals = (
        spans.lazy()
        .select(SPANS)
        .join(sums, on="unit", how="left")
        .join(pages.group_by("unit").agg(pl.col(name).sum() for name in PAGE_SUMS), on="unit", how="left")
        .join(_diversity(watched, genres), on="unit", how="left")
        .with_columns(
            churned=pl.col("cancelled_at").is_not_null()
            & (pl.col("cancelled_at") > pl.col("rejoined_at").fill_null(-(2**62))),
            returned=pl.when(pl.col("from_day") + RETURN_DAYS <= pl.col("to_day")).then(
                pl.col("returned").fill_null(False)
            ),
        )
        .with_columns(pl.col("churned").cast(pl.Float64), pl.col("returned").cast(pl.Float64))
        .drop("cancelled_at", "rejoined_at", "from_day", "to_day")
    )
    filled = totals.with_columns(pl.all().exclude("unit", "returned").cast(pl.Float64).fill_null(0.0))
    return filled.sort("unit").collect(engine="streaming")


def _diversity(watched: pl.LazyFrame, genres: pl.DataFrame) -> pl.LazyFrame:
    """exp of the Shannon entropy of each unit's viewing time over genres. Titles without a genre share one."""
    of_genre = watched.join(genres.lazy(), left_on="titles", right_on="title", how="left").with_columns(
        pl.col("genre").fill_null(-1), pl.col("share").fill_null(1.0)
    )
    seconds = of_genre.group_by("unit", "genre").agg((pl.col("title_seconds") * pl.col("share")).sum().alias("s"))
    share = pl.col("s") / pl.col("s").sum()
    return seconds.filter(pl.col("s") > 0).group_by("unit").agg((-(share * share.log()).sum()).exp().alias("diversity"))
