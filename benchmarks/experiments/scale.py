"""10 million unit-days, 12 metrics, 20 segments: from a table of days on disk to the whole read-out.

`python benchmarks/experiments/scale.py` writes scale.json beside itself; the table is made first and not timed. The
gate: 60 s (aim: 20 s) and 3 GB on 2 cores. Baseline in the same run: reading the file and summing it by unit, alone.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from result import write

from frontrow.experiments.statistics.analyze import analyze_table

UNITS, DAYS = 500_000, 20
METRICS = [f"m{number}" for number in range(12)]
SEGMENTS = {"country": 8, "device": 6, "plan": 3, "tenure": 3}
GIGABYTE = 1e9


def make(path: Path) -> None:
    """Long-tailed metrics that go with the unit's own level; one arm is 1 % better."""
    random = np.random.default_rng(7)
    level = random.gamma(2.0, 0.5, UNITS)
    arm = random.integers(0, 2, UNITS)
    fixed = {name: random.integers(0, levels, UNITS).astype(np.int8) for name, levels in SEGMENTS.items()}
    before = level * random.gamma(4.0, 0.25, UNITS)
    folder = path
    folder.mkdir()
    for day in range(DAYS):
        days = {
            name: (random.exponential(1.0, UNITS) * level * (1 + 0.01 * arm)).astype(np.float32) for name in METRICS
        }
        frame = pl.DataFrame({"unit": np.arange(UNITS, dtype=np.int32), "arm": arm.astype(np.int8), **fixed} | days)
        frame.with_columns(before=pl.lit(before.astype(np.float32))).write_parquet(folder / f"{day:02d}.parquet")


def by_unit(path: Path) -> pl.DataFrame:
    """The units' totals over all days."""
    days = pl.scan_parquet(path / "*.parquet")
    kept = [pl.col(name).first() for name in ("arm", "before", *SEGMENTS)]
    return days.group_by("unit").agg(*kept, *(pl.col(name).sum() for name in METRICS)).collect(engine="streaming")


def measured(path: Path, whole: bool) -> None:
    """In a process of its own, for its peak memory: seconds, bytes and effects read, on one line."""
    began = time.perf_counter()
    table = by_unit(path)
    effects = 0
    if whole:
        found = analyze_table(
            table.with_columns(pl.col("arm").cast(pl.String)),
            unit="unit",
            arm="arm",
            control="0",
            metrics=METRICS,
            covariates=["before"],
            segments=list(SEGMENTS),
            planned_units=UNITS / 2,
        )
        effects = len(found.effects) + len(found.segments)
    seconds = time.perf_counter() - began
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, effects)


def asked(path: Path, what: str) -> list[float]:
    done = subprocess.run([sys.executable, __file__, what, str(path)], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "days"
        make(path)
        runs = sorted(asked(path, "whole") for _ in range(3))
        sums = sorted(asked(path, "sums") for _ in range(3))
    seconds, peak, effects = runs[1][0], max(run[1] for run in runs), int(runs[0][2])
    figures = {
        "unit-days": UNITS * DAYS,
        "units": UNITS,
        "metrics": len(METRICS),
        "segments": sum(SEGMENTS.values()),
        "effects": effects,
        "read-out, seconds (median of 3)": round(seconds, 2),
        "of these reading and summing by unit": round(sums[1][0], 2),
        "peak memory, GB": round(peak / GIGABYTE, 2),
        "cores": os.cpu_count(),
        "load before": os.getloadavg()[0],
        "gates": {"60 seconds": seconds <= 60, "3 GB": peak <= 3 * GIGABYTE},
        "aims": {"20 seconds": seconds <= 20},
    }
    write(__file__, figures, began)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measured(Path(sys.argv[2]), sys.argv[1] == "whole")
    else:
        main()
