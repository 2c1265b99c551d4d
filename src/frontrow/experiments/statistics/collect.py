"""One pass over a per-unit table: the sufficient statistics of every metric, by arm and by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from frontrow.experiments.statistics.moments import Moments

Cell = tuple[str, str | None]
"""(arm, level of the segment or None)."""


@dataclass(frozen=True)
class Columns:
    """What one metric reads: outcome columns with their caps, covariates, and a centre near each column's mean.

    A unit with a missing outcome is left out of this metric; a missing covariate counts as its centre, which keeps the
    estimate unbiased since covariates are from before the experiment.
    """

    outcome: tuple[str, ...]
    covariates: tuple[str, ...]
    caps: tuple[float | None, ...]
    centres: tuple[float, ...]

    @property
    def width(self) -> int:
        """Outcome and covariates together."""
        return len(self.outcome) + len(self.covariates)


def collect_moments(
    frame: pl.DataFrame, wanted: Sequence[Columns], arm: str, segment: str | None = None
) -> list[dict[Cell, Moments]]:
    """Moments by cell for each of `wanted`; all columns are Float64, missing values null."""
    keys = [arm] if segment is None else [arm, segment]
    sums = [expression for at, columns in enumerate(wanted) for expression in _sums(frame, columns, at)]
    table = frame.lazy().group_by(keys).agg(sums).collect().to_dicts()
    found: list[dict[Cell, Moments]] = []
    for at, columns in enumerate(wanted):
        centre = np.array(columns.centres)
        cells: dict[Cell, Moments] = {}
        for row in table:
            level = None if segment is None else str(row[segment])
            total = np.array([row[f"{at}.{j}"] for j in range(columns.width)], np.float64)
            products = np.empty((columns.width, columns.width))
            for j in range(columns.width):
                for k in range(j, columns.width):
                    products[j, k] = products[k, j] = row[f"{at}.{j}.{k}"]
            cells[(str(row[arm]), level)] = Moments.from_sums(int(row[f"{at}.n"]), centre, total, products)
        found.append(cells)
    return found


def _sums(frame: pl.DataFrame, columns: Columns, at: int) -> list[pl.Expr]:
    gaps = [name for name in columns.outcome if frame[name].null_count()]
    present = pl.all_horizontal([pl.col(name).is_not_null() for name in gaps]) if gaps else None
    values: list[pl.Expr] = []
    for name, cap, centre in zip(columns.outcome, columns.caps, columns.centres, strict=False):
        value = pl.col(name) if cap is None else pl.col(name).clip(upper_bound=cap)
        values.append(value - centre)
    for name, centre in zip(columns.covariates, columns.centres[len(columns.outcome) :], strict=True):
        value = pl.col(name) - centre
        values.append(value.fill_null(0.0) if frame[name].null_count() else value)
    if present is not None:
        values = [pl.when(present).then(value) for value in values]
    count = pl.len() if present is None else present.sum()
    sums = [count.alias(f"{at}.n")]
    for j, left in enumerate(values):
        sums.append(left.sum().alias(f"{at}.{j}"))
        sums += [(left * right).sum().alias(f"{at}.{j}.{k}") for k, right in enumerate(values[j:], start=j)]
    return sums
