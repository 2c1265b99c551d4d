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
    """Of some units, by their `code`. Sums are numpy's, in the table's order: a frame's own come in that of its
    threads, and differ in the last bits from one reading to the next."""
    first, units = int(spans["code"][0]) if spans.height else 0, spans.height
    place = there["code"].to_numpy() - first
    sums = {name: _sum(there[name], place, units) for name in SUMS if name != "active"}
    seconds = sums.pop("viewing_seconds")
    long_ago = (there["day"] <= there["to_day"] - ABANDONED_DAYS).to_numpy()
    sums |= {"viewing_minutes": seconds / 60, "diversity": _diversity(there, first, units, genres)}
    sums["started_long_ago"] = _sum(there["started"], place, units, long_ago)
    at = pages["code"].to_numpy() - first
    sums |= {name: _sum(pages[name], at, units) for name in PAGE_SUMS}
    back = (pl.col("day") > pl.col("from_day")) & (pl.col("day") <= pl.col("from_day") + RETURN_DAYS)
    others = there.group_by("code").agg(
        pl.col("day").filter(pl.col("active") > 0).n_unique().alias("active_days"),
        ((pl.col("active") > 0) & back).any().alias("returned"),
        pl.col("cancelled_at").max(),
        pl.col("rejoined_at").max(),
    )
    left = pl.col("cancelled_at") > pl.col("rejoined_at").fill_null(-(2**62))
    long_enough = pl.col("from_day") + RETURN_DAYS <= pl.col("to_day")
    return (
        spans.with_columns(pl.Series(name, values) for name, values in sums.items())
        .join(others, on="code", how="left")
        .join(_ends(there), on="code", how="left")
        .with_columns(
            churned=left.fill_null(False), returned=pl.when(long_enough).then(pl.col("returned").fill_null(False))
        )
        .drop("code", "cancelled_at", "rejoined_at", "from_day", "to_day")
        .with_columns(pl.all().exclude("unit").cast(pl.Float64))
        .with_columns(pl.all().exclude("unit", "returned").fill_null(0.0))
        .sort("unit")
    )


def _sum(
    values: pl.Series, place: NDArray[np.intp], units: int, chosen: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """float64[units]: the sum of `values` at each place, nulls being nothing."""
    weights = values.fill_null(0).to_numpy().astype(np.float64)
    return np.bincount(place, weights if chosen is None else weights * chosen, units).astype(np.float64)


def _ends(there: pl.DataFrame) -> pl.DataFrame:
    """By `code`: how many of the titles started were finished, and how many lapsed, until the span's last day."""
    ended = there.filter(pl.col("ends").list.len() > 0).select("code", "day", "to_day", end="ends").explode("end")
    ended = ended.filter(pl.col("day") + pl.col("end").abs() <= pl.col("to_day"))
    return ended.group_by("code").agg(
        (pl.col("end") >= 0).sum().alias("finished"), (pl.col("end") < 0).sum().alias("abandoned")
    )


def _diversity(there: pl.DataFrame, first: int, units: int, genres: pl.DataFrame) -> NDArray[np.float64]:
    """exp of the Shannon entropy of each unit's viewing time over genres. Titles without a genre share one."""
    watched = there.select("code", "titles", "title_seconds").explode("titles", "title_seconds").drop_nulls()
    of_genre = watched.join(genres, left_on="titles", right_on="title", how="left", maintain_order="left_right")
    genre = of_genre["genre"].fill_null(-1).to_numpy().astype(np.intp) + 1
    width = int(genres["genre"].max() or 0) + 2  # type: ignore[arg-type]
    seconds = of_genre["title_seconds"].to_numpy().astype(np.float64) * of_genre["share"].fill_null(1.0).to_numpy()
    place = (of_genre["code"].to_numpy().astype(np.intp) - first) * width + genre
    by_genre = np.bincount(place, seconds, units * width).reshape(units, width)
    whole = by_genre.sum(axis=1)
    share = by_genre / np.where(whole > 0, whole, 1.0)[:, None]
    entropy = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1)
    return np.where(whole > 0, np.exp(entropy), 0.0)
