"""Cumulative snapshots of experiments (count, mean and variance a side over time), read look by look.

For archives that keep no units, such as the ASOS digital experiments data (Liu, Cardoso, Couturier & McCoy 2021). Each
series is followed from its first snapshot on: the sequence's verdict is the first that it reaches and stays, beside
the naive rule that tests every snapshot as if it were the only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import polars as pl
from scipy.stats import norm, t

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.guardrail import MIN_UNITS
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.moments import F64
from frontrow.experiments.statistics.ratio_mismatch import THRESHOLD, log_mismatch_evidence
from frontrow.experiments.statistics.verdict import Decision


class SnapshotColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Names in the table; the defaults are those of the ASOS data. Variances are of units, not of means."""

    time: str = "time_since_start"
    control_units: str = "count_c"
    arm_units: str = "count_t"
    control_mean: str = "mean_c"
    arm_mean: str = "mean_t"
    control_variance: str = "variance_c"
    arm_variance: str = "variance_t"


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot. low and high are what all looks so far agree on; None before anything can be ruled out."""

    time: float
    control_units: float
    arm_units: float
    difference: float
    low: float | None
    high: float | None
    naive_p_value: float
    mismatch_p_value: float
    decision: Decision
    naive_decision: Decision


class SnapshotSeries(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one arm. A naive verdict is withdrawn when a later look says something else."""

    key: list[str]
    decision: Decision
    decided_at: float | None
    looks: list[Look]
    naive_withdrawals: int
    contradicted: bool
    """Some look's interval did not meet those before it: the effect moved by more than chance explains."""
    warnings: list[str]


def analyze_snapshots(
    frame: pl.DataFrame,
    *,
    by: Sequence[str] = ("experiment_id", "variant_id", "metric_id"),
    columns: SnapshotColumns | None = None,
    alpha: float = 0.05,
    planned_units: float | None = None,
    better: Literal["up", "down"] = "up",
    control_share: float = 0.5,
) -> list[SnapshotSeries]:
    """Every series, in the order of its key. `control_share`: the control's intended share of control and arm."""
    named = columns or SnapshotColumns()
    wanted = [*by, *msgspec.structs.astuple(named)]
    for name in wanted:
        if name not in frame.columns:
            raise UsageError(f"no column {name} in the table", f"Columns: {', '.join(frame.columns)}")
    if twice := [name for name in dict.fromkeys(wanted) if wanted.count(name) > 1]:
        raise UsageError(f"column {twice[0]} is named twice", "Each column has one role")
    numbers = [pl.col(name).cast(pl.Float64).fill_nan(None) for name in msgspec.structs.astuple(named)]
    table = frame.select(*(pl.col(name).cast(pl.String) for name in by), *numbers).sort([*by, named.time])
    if table.select(*by, named.time).is_duplicated().any():
        raise FrontrowError("a series has two snapshots of one time", "Name all columns that tell series apart")
    mixture = Mixture.untuned() if planned_units is None else Mixture.planned(planned_units, alpha)
    shares = np.array([control_share, 1 - control_share])
    parts = table.partition_by(list(by), as_dict=True, maintain_order=True)
    return [
        _series([str(part) for part in key], rows, named, mixture, alpha, -1 if better == "down" else 1, shares)
        for key, rows in parts.items()
    ]


def _series(
    key: list[str],
    rows: pl.DataFrame,
    named: SnapshotColumns,
    mixture: Mixture,
    alpha: float,
    sign: int,
    shares: F64,
) -> SnapshotSeries:
    time = rows[named.time].to_numpy()
    counts = rows.select(named.control_units, named.arm_units).fill_null(0.0).to_numpy()
    variances = rows.select(named.control_variance, named.arm_variance).to_numpy().astype(np.float64)
    difference = (rows[named.arm_mean] - rows[named.control_mean]).fill_null(0.0).to_numpy()
    if np.nanmin(variances, initial=0.0) < 0 or counts.min(initial=0.0) < 0:
        raise FrontrowError(f"series {' '.join(key)} has a negative count or variance")
    usable = (counts >= 2).all(axis=1) & np.isfinite(variances).all(axis=1) & (variances.sum(axis=1) > 0)
    safe = np.maximum(counts, 2.0)
    parts = np.where(usable[:, None], variances, 1.0) / safe
    error = np.sqrt(parts.sum(axis=1))
    degrees = parts.sum(axis=1) ** 2 / (parts**2 / (safe - 1)).sum(axis=1)
    units = 2 * safe[:, 0] * safe[:, 1] / safe.sum(axis=1)
    half = t.isf(norm.sf(mixture.critical(units, alpha)), degrees) * error
    half = np.where(usable & (counts >= MIN_UNITS).all(axis=1), half, np.inf)
    low, high, contradicted = _agreed(difference - half, difference + half)
    naive_p = np.where(usable, 2 * t.sf(np.abs(difference) / error, degrees), 1.0)
    evidence = np.maximum.accumulate(np.maximum(log_mismatch_evidence(counts, shares), 0.0))
    mismatch = np.exp(-evidence)
    said = np.where(sign * np.where(sign > 0, low, high) > 0, "ship", "keep running")
    said = np.where(sign * np.where(sign > 0, high, low) < 0, "stop", said)
    said = np.where(mismatch < THRESHOLD, "broken", said)
    naive = np.where(naive_p < alpha, np.where(sign * difference > 0, "ship", "stop"), "keep running")
    decided = np.flatnonzero(said != "keep running")
    first = int(decided[0]) if len(decided) else None
    final = said.copy()
    if first is not None:
        final[first:] = said[first]
    withdrawn = int(((naive[:-1] != "keep running") & (naive[1:] != naive[:-1])).sum())
    return SnapshotSeries(
        key=key,
        decision=_DECISIONS[str(final[-1])],
        decided_at=None if first is None else float(time[first]),
        looks=[
            Look(
                time=float(time[at]),
                control_units=float(counts[at, 0]),
                arm_units=float(counts[at, 1]),
                difference=float(difference[at]),
                low=float(low[at]) if np.isfinite(low[at]) else None,
                high=float(high[at]) if np.isfinite(high[at]) else None,
                naive_p_value=float(naive_p[at]),
                mismatch_p_value=float(mismatch[at]),
                decision=_DECISIONS[str(final[at])],
                naive_decision=_DECISIONS[str(naive[at])],
            )
            for at in range(len(time))
        ],
        naive_withdrawals=withdrawn,
        contradicted=contradicted,
        warnings=_warnings(counts, usable, mismatch, first, said),
    )


def _agreed(low: F64, high: F64) -> tuple[F64, F64, bool]:
    """Running intersections; a look that does not meet those before changes nothing."""
    lows, highs = np.maximum.accumulate(low), np.minimum.accumulate(high)
    if bool((lows <= highs).all()):
        return lows, highs, False
    bottom, top = -np.inf, np.inf
    for at in range(len(low)):
        if max(bottom, low[at]) <= min(top, high[at]):
            bottom, top = max(bottom, low[at]), min(top, high[at])
        lows[at], highs[at] = bottom, top
    return lows, highs, True


_DECISIONS: dict[str, Decision] = {
    "ship": "ship",
    "stop": "stop",
    "keep running": "keep running",
    "broken": "broken",
}


def _warnings(counts: F64, usable: np.ndarray, mismatch: F64, first: int | None, said: np.ndarray) -> list[str]:
    warnings = []
    if bool((np.diff(counts, axis=0) < 0).any()):
        warnings.append("counts fall over time: the snapshots are not cumulative")
    if not usable.all():
        warnings.append(f"{int((~usable).sum())} snapshots without variance or units say nothing")
    if first is not None and said[first] != "broken" and bool((mismatch < THRESHOLD).any()):
        warnings.append("a sample-ratio mismatch showed after the verdict: look into the assignment")
    return warnings
