"""What home pages were like, and whether somebody played one of their Top Picks, by profile and day."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Final

import polars as pl

from frontrow.core.clock import DAY
from frontrow.experiments.metrics.unit_days import shaped

PAGES: Final[Mapping[str, pl.DataType]] = {
    "page": pl.String(), "profile": pl.Int64(), "at": pl.Int64(), "created_at": pl.Int64(), "degraded": pl.Boolean(),
    "took_ms": pl.Float64(), "picks": pl.List(pl.Int32()),
}  # fmt: skip
"""Home pages: `at` is the moment answered for, `created_at` wall time (both microseconds UTC), `took_ms` null where it
was not measured, `picks` the titles of the Top Picks row as answered (null: there was none)."""

EXPOSURES: Final[Mapping[str, pl.DataType]] = {
    "experiment": pl.String(), "variant": pl.String(), "profile": pl.Int64(), "served_as": pl.UInt32(),
    "first_at": pl.Int64(),
}  # fmt: skip
"""Who was served what under an experiment, and when first on that UTC day: one row for each experiment, variant,
profile and day, since an experiment can be deleted and stated again under its id. `served_as` is `id_mark` of the id
that was served: of a merged profile it is not the one that the profile has now."""

PAGE_SUMS: Final[Mapping[str, pl.DataType]] = {
    "pages": pl.Int16(), "degraded_pages": pl.Int16(), "page_ms": pl.Float32(), "timed_pages": pl.Int16(),
    "pick_pages": pl.Int16(), "pick_hits": pl.Int16(),
}  # fmt: skip
PAGE_DAYS: Final[Mapping[str, pl.DataType]] = {"profile": pl.Int64(), "day": pl.Int32(), **PAGE_SUMS}
"""Sums over the pages of a profile on a UTC day."""

HIT_WITHIN: Final = DAY
"""A play counts for a page's Top Picks for so long after the page."""


def page_days(pages: pl.DataFrame, plays: pl.DataFrame) -> pl.DataFrame:
    """PAGE_DAYS of PAGES, with the plays that came from them (PICKS of `unit_days`)."""
    came = plays.join(pages.select("page", "profile", "picks", pl.col("at").alias("served_at")), on=["page", "profile"])
    hit = (
        came.filter((pl.col("at") >= pl.col("served_at")) & (pl.col("at") - pl.col("served_at") <= HIT_WITHIN))
        .explode("picks")
        .filter(pl.col("picks") == pl.col("whole"))
        .select("page", hit=pl.lit(True))
        .unique()
    )
    rows = pages.join(hit, on="page", how="left").group_by(
        "profile", (pl.col("at") // DAY).cast(pl.Int32).alias("day")
    ).agg(
        pl.len().alias("pages"),
        pl.col("degraded").sum().alias("degraded_pages"),
        pl.col("took_ms").sum().alias("page_ms"),
        pl.col("took_ms").is_not_null().sum().alias("timed_pages"),
        pl.col("picks").is_not_null().sum().alias("pick_pages"),
        pl.col("hit").fill_null(False).sum().alias("pick_hits"),
    )  # fmt: skip
    return shaped(rows, PAGE_DAYS).sort("profile", "day")


def id_mark(profile_id: str) -> int:
    """32 bits that tell the ids apart under which one profile was served."""
    return zlib.crc32(profile_id.encode())


def first_exposures(exposures: pl.DataFrame) -> pl.DataFrame:
    """EXPOSURES with the earliest of each experiment, variant, profile, id and day."""
    keys = ["experiment", "variant", "profile", "served_as"]
    day = (pl.col("first_at") // DAY).alias("day")
    return exposures.group_by(*keys, day).agg(pl.col("first_at").min()).sort(*keys, "day").drop("day")
