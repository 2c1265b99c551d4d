"""From days to units: each unit's totals over a span of days, in the columns that the definitions name."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.experiments.metrics.page_days import PAGE_SUMS
from frontrow.experiments.metrics.unit_days import SUMS
from frontrow.features.watching import ABANDONED_DAYS

RETURN_DAYS: Final = 7
CHUNK: Final = 50_000
"""Units that are summed at once: what their days take is all that is held beside the tables."""
SPANS: Final = ("unit", "from_day", "to_day")


def unit_totals(
    days: pl.DataFrame, page_days: pl.DataFrame, members: pl.DataFrame, spans: pl.DataFrame, genres: pl.DataFrame
) -> pl.DataFrame:
    """One row for each unit of `spans` (`unit`, `from_day`, `to_day`, both days inside), zeros where nothing happened.

    `days` are DAYS and `page_days` PAGE_DAYS, by profile. `members` (`profile`, `unit`) says whose they are. `genres`
    (`title`, `genre`, `share`) splits each title over its genres. `returned` is null where the span is too short.
    """
    spans = spans.select(SPANS).sort("unit").with_row_index("code")
    own = members.join(spans, on="unit")
    inside, pages_inside = _codes(days, own, spans), _codes(page_days, own, spans)
    parts = []
    for start in range(0, max(spans.height, 1), CHUNK):
        chosen = spans.slice(start, CHUNK)
        there = _between(days, inside, start).join(chosen.drop("unit"), on="code")
        parts.append(_totals(there, _between(page_days, pages_inside, start), chosen, genres))
    return pl.concat(parts)


def _codes(rows: pl.DataFrame, own: pl.DataFrame, spans: pl.DataFrame) -> NDArray[np.int32]:
    """The `code` of the unit of each row (`profile`, `day`), -1 where it has none or the day is outside its span.

    By look-up instead of a join: profile numbers are dense, and a join would copy every row.
    """
    if not spans.height or not rows.height:
        return np.full(rows.height, -1, np.int32)
    profile, day = rows["profile"].to_numpy(), rows["day"].to_numpy()
    code_of = np.full(max(int(profile.max()), int(own["profile"].max() or 0)) + 1, -1, np.int32)  # type: ignore[arg-type]
    code_of[own["profile"].to_numpy()] = own["code"].to_numpy()
    code: NDArray[np.int32] = code_of[profile]
    first, last = spans["from_day"].to_numpy(), spans["to_day"].to_numpy()
    code[(code < 0) | (day < first[code]) | (day > last[code])] = -1
    return code


def _between(rows: pl.DataFrame, code: NDArray[np.int32], start: int) -> pl.DataFrame:
    """Rows of the CHUNK units from `start` on, with their `code`."""
    chosen = np.flatnonzero((code >= start) & (code < start + CHUNK))
    return rows[chosen].with_columns(code=pl.Series(code[chosen], dtype=pl.UInt32))


def _totals(there: pl.DataFrame, pages: pl.DataFrame, spans: pl.DataFrame, genres: pl.DataFrame) -> pl.DataFrame:
    """Of some units, by their `code`."""
    back = (pl.col("day") > pl.col("from_day")) & (pl.col("day") <= pl.col("from_day") + RETURN_DAYS)
    sums = there.group_by("code").agg(
        *(pl.col(name).cast(pl.Float64).sum() for name in SUMS if name not in ("viewing_seconds", "active")),
        (pl.col("viewing_seconds").sum() / 60).alias("viewing_minutes"),
        pl.col("started").filter(pl.col("day") <= pl.col("to_day") - ABANDONED_DAYS).sum().alias("started_long_ago"),
        pl.col("day").filter(pl.col("active") > 0).n_unique().alias("active_days"),
        ((pl.col("active") > 0) & back).any().alias("returned"),
        pl.col("cancelled_at").max(),
        pl.col("rejoined_at").max(),
    )
    ended = there.filter(pl.col("ends").list.len() > 0).select("code", "day", "to_day", end="ends").explode("end")
    ended = ended.filter(pl.col("day") + pl.col("end").abs() <= pl.col("to_day"))
    ends = ended.group_by("code").agg(
        (pl.col("end") >= 0).sum().alias("finished"), (pl.col("end") < 0).sum().alias("abandoned")
    )
    watched = there.select("code", "titles", "title_seconds").explode("titles", "title_seconds").drop_nulls()
    served = pages.group_by("code").agg(pl.col(name).cast(pl.Float64).sum() for name in PAGE_SUMS)
    left = pl.col("cancelled_at") > pl.col("rejoined_at").fill_null(-(2**62))
    long_enough = pl.col("from_day") + RETURN_DAYS <= pl.col("to_day")
    return (
        spans.join(sums, on="code", how="left")
        .join(ends, on="code", how="left")
        .join(served, on="code", how="left")
        .join(_diversity(watched, genres), on="code", how="left")
        .with_columns(
            churned=left.fill_null(False), returned=pl.when(long_enough).then(pl.col("returned").fill_null(False))
        )
        .drop("code", "cancelled_at", "rejoined_at", "from_day", "to_day")
        .with_columns(pl.all().exclude("unit").cast(pl.Float64))
        .with_columns(pl.all().exclude("unit", "returned").fill_null(0.0))
        .sort("unit")
    )


def _diversity(watched: pl.DataFrame, genres: pl.DataFrame) -> pl.DataFrame:
    """exp of the Shannon entropy of each unit's viewing time over genres. Titles without a genre share one."""
    by_title = watched.group_by("code", "titles").agg(pl.col("title_seconds").sum())
    of_genre = by_title.join(genres, left_on="titles", right_on="title", how="left").with_columns(
        pl.col("genre").fill_null(-1), pl.col("share").fill_null(1.0)
    )
    seconds = of_genre.group_by("code", "genre").agg((pl.col("title_seconds") * pl.col("share")).sum().alias("s"))
    share = pl.col("s") / pl.col("s").sum()
    return seconds.filter(pl.col("s") > 0).group_by("code").agg((-(share * share.log()).sum()).exp().alias("diversity"))
