"""One pass over a per-unit table: the sufficient statistics of every metric, by arm and by segment.

Sums are numpy's, over rows in the table's order. A data frame's grouped sums would add in whatever order its threads
and chunks come, and so differ in the last bits from one run to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.experiments.statistics.moments import F64, Moments

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
    """Moments by cell, in order of cell, for each of `wanted`; all columns are Float64, missing values null."""
    cells, order, starts = _by_cell(frame, [arm] if segment is None else [arm, segment])
    found: list[dict[Cell, Moments]] = []
    for columns in wanted:
        count, values = _values(frame, columns, order)
        width = columns.width
        counts = np.add.reduceat(count, starts)
        totals = np.stack([np.add.reduceat(value, starts) for value in values], axis=1)
        products = np.empty((len(cells), width, width))
        for j in range(width):
            for k in range(j, width):
                products[:, j, k] = products[:, k, j] = np.add.reduceat(values[j] * values[k], starts)
        centre = np.array(columns.centres)
        found.append(
            {
                cell: Moments.from_sums(int(counts[at]), centre, totals[at], products[at])
                for at, cell in enumerate(cells)
            }
        )
    return found


def _by_cell(frame: pl.DataFrame, keys: Sequence[str]) -> tuple[list[Cell], NDArray[np.intp], NDArray[np.intp]]:
    """The cells that have rows, sorted; the rows cell after cell, within a cell as they lie; where each cell begins."""
    levels = [frame[key].unique().sort() for key in keys]
    code = np.zeros(frame.height, np.int64)
    for key, known in zip(keys, levels, strict=True):
        code = code * len(known) + frame[key].cast(pl.Enum(known)).to_physical().to_numpy()
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    arms, parts = levels[0].to_list(), levels[1].to_list() if len(levels) > 1 else [None]
    cells: list[Cell] = [(arms[at // len(parts)], parts[at % len(parts)]) for at in ordered[starts].tolist()]
    return cells, order, starts


def _values(frame: pl.DataFrame, columns: Columns, order: NDArray[np.intp]) -> tuple[NDArray[np.int64], list[F64]]:
    """int64[n] whether a unit counts (0 or 1), and float64[n] of each column less its centre, 0 where it does not."""
    outcome = []
    for name, cap, centre in zip(columns.outcome, columns.caps, columns.centres, strict=False):
        value = frame[name].to_numpy()[order]
        outcome.append((value if cap is None else np.minimum(value, cap)) - centre)
    covariates = [
        np.nan_to_num(frame[name].to_numpy()[order] - centre, copy=False)
        for name, centre in zip(columns.covariates, columns.centres[len(columns.outcome) :], strict=True)
    ]
    values = [*outcome, *covariates]
    present = np.ones(len(order), np.bool_)
    for value in outcome:
        present &= ~np.isnan(value)
    if not present.all():
        values = [np.where(present, value, 0.0) for value in values]
    return present.astype(np.int64), values
