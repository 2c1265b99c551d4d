"""A/A tests read by `analyze_table` look after look, as an operator would: CUPED, ratios and quantiles included.

300 tests, 20 looks, every metric in turn as the primary one. Run: python benchmarks/experiments/table_looks.py
"""

from __future__ import annotations

import math
import time

import numpy as np
import polars as pl
from result import write

from frontrow.core.random import stream
from frontrow.experiments.statistics.analyze import analyze_table

TESTS, LOOKS, UNITS, ALPHA = 300, 20, 8_000, 0.05
METRICS = ["minutes", "player:proportion", "minutes:ratio/plays", "minutes:quantile=.9"]


def main() -> None:
    began = time.perf_counter()
    rejected = dict.fromkeys(METRICS, 0)
    mismatched = 0
    for test in range(TESTS):
        rng = stream(1, "table looks", test)
        before = rng.lognormal(2, 1, UNITS)
        table = pl.DataFrame(
            {
                "unit": np.arange(UNITS),
                "arm": rng.integers(0, 2, UNITS),
                "minutes": before * rng.lognormal(0, 0.7, UNITS),
                "before": before,
                "plays": 1 + rng.poisson(2, UNITS),
                "player": rng.random(UNITS) < 0.1,
            }
        )
        previous = None
        for end in np.linspace(UNITS // LOOKS, UNITS, LOOKS).astype(int):
            previous = analyze_table(
                table.head(int(end)),
                unit="unit",
                arm="arm",
                control="0",
                metrics=METRICS,
                covariates=["before"],
                planned_units=UNITS / 2,
                previous=previous,
            )
        assert previous is not None
        mismatched += previous.mismatch.broken
        for name, effect in zip(METRICS, previous.effects, strict=True):
            interval = effect.difference_interval
            rejected[name] += interval is not None and not interval.low <= 0 <= interval.high
    limit = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / TESTS)
    shares = {name: count / TESTS for name, count in rejected.items()}
    gates = {name: share <= limit for name, share in shares.items()} | {"mismatch": mismatched / TESTS <= 0.01}
    figures = {"tests": TESTS, "looks": LOOKS, "limit": round(limit, 4), "A/A ever rejected": shares}
    write(__file__, figures | {"mismatch flagged": mismatched / TESTS, "gates": gates}, began)


if __name__ == "__main__":
    main()
