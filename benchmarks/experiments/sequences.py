"""A/A tests looked at a hundred times, and the power to find what was planned; the naive t-test beside as control.

Per metric 2,000 tests without an effect and 2,000 with the minimal effect, through `analyze_snapshots`. Viewing time
is 30 % zeros, else lognormal with σ = 1.2; plays are yes or no with 5 %. Run:
python benchmarks/experiments/sequences.py
"""

from __future__ import annotations

import math
import time

import numpy as np
import polars as pl
from result import write

from frontrow.core.random import stream
from frontrow.experiments.statistics.power import sample_plan
from frontrow.experiments.statistics.snapshots import analyze_snapshots

TESTS, LOOKS, ALPHA = 2_000, 100, 0.05
UNITS = 10_000
"""A side at the last look, before the arm is drawn unit by unit."""

METRICS = {"viewing time": (0.7 * math.exp(3 + 0.72), 0.7 * math.exp(6 + 2.88)), "share of players": (0.05, 0.05)}
"""Mean and mean square."""


def draw(metric: str, rng: np.random.Generator, count: int) -> np.ndarray:
    if metric == "viewing time":
        return np.where(rng.random(count) < 0.7, rng.lognormal(3.0, 1.2, count), 0.0)
    return (rng.random(count) < 0.05).astype(float)


def snapshots(metric: str, tests: int, effect: float, purpose: str) -> pl.DataFrame:
    """Cumulative statistics of tests where the arm's units get `effect` on top (a shift leaves the variance alone)."""
    parts = []
    for test in range(tests):
        rng = stream(1, f"sequences {purpose} {metric}", test)
        values = draw(metric, rng, 2 * UNITS)
        arm = rng.random(2 * UNITS) < 0.5
        values = values + effect * arm
        ends = np.arange(1, LOOKS + 1) * (2 * UNITS // LOOKS) - 1
        columns: dict[str, np.ndarray] = {"time_since_start": np.arange(LOOKS)}
        for side, mask in (("c", ~arm), ("t", arm)):
            count = np.cumsum(mask)[ends]
            total, square = np.cumsum(values * mask)[ends], np.cumsum(values**2 * mask)[ends]
            columns |= {f"count_{side}": count, f"mean_{side}": total / count}
            columns[f"variance_{side}"] = (square - total**2 / count) / (count - 1)
        parts.append(pl.DataFrame(columns).with_columns(test=pl.lit(test)))
    return pl.concat(parts)


def rejected(frame: pl.DataFrame, planned: float | None) -> tuple[float, float, float, float]:
    """Shares of tests: ever rejected, ever rejected naively, mismatch ever found; and the mean share of looks used."""
    series = analyze_snapshots(frame, by=["test"], alpha=ALPHA, planned_units=planned)
    found = [
        next((at for at, look in enumerate(one.looks) if look.low is not None and not look.low <= 0 <= look.high), None)
        for one in series
    ]
    ever = sum(at is not None for at in found) / len(series)
    naive = sum(any(look.naive_p_value < ALPHA for look in one.looks) for one in series) / len(series)
    broken = sum(one.looks[-1].mismatch_p_value < 0.005 for one in series) / len(series)
    used = sum(LOOKS if at is None else at + 1 for at in found) / (LOOKS * len(series))
    return ever, naive, broken, used


def main() -> None:
    began = time.perf_counter()
    limit = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / TESTS)
    figures: dict[str, object] = {"tests": TESTS, "looks": LOOKS, "alpha": ALPHA, "limit": round(limit, 4)}
    gates: dict[str, bool] = {}
    for metric, (mean, square) in METRICS.items():
        frame = snapshots(metric, TESTS, 0.0, "aa")
        tuned, naive, broken, _ = rejected(frame, float(UNITS))
        untuned, _, _, _ = rejected(frame, None)
        # the effect whose fixed-horizon test needs 1/1.6 of the units
        variance = square - mean**2
        effect = math.sqrt(variance / UNITS * 1.6) * sample_plan(1.0, 1.0).fixed_units ** 0.5
        power, _, _, used = rejected(snapshots(metric, TESTS, effect, "ab"), float(UNITS))
        figures[metric] = {
            "A/A ever rejected, planned": tuned,
            "A/A ever rejected, untuned": untuned,
            "A/A ever rejected, naive t-test": naive,
            "A/A mismatch ever flagged, sequential": broken,
            "power within 1.6 times the fixed-horizon sample": power,
            "mean sample over the fixed-horizon one": round(1.6 * used, 3),
        }
        gates[f"{metric}: A/A"] = max(tuned, untuned) <= limit
        gates[f"{metric}: mismatch"] = broken <= 0.01
        gates[f"{metric}: power"] = power >= 0.8
    plan = sample_plan(1.0, 0.05)
    figures["planned stretch for 80 % power"] = round(plan.sequence_units / plan.fixed_units, 3)
    write(__file__, figures | {"gates": gates}, began)


if __name__ == "__main__":
    main()
