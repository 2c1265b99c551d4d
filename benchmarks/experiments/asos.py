"""The 78 real tests of the ASOS data, snapshot by snapshot: who takes back what was said. Run:
python benchmarks/experiments/asos.py PATH/asos_digital_experiments_dataset.parquet"""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
from result import write

from frontrow.experiments.statistics.snapshots import SnapshotSeries, analyze_snapshots


def withdrawn(one: SnapshotSeries) -> int:
    """Verdicts that a later look took back."""
    said = [look.decision for look in one.looks]
    return sum(now != then for then, now in pairwise(said) if then != "keep running")


def taken_back_interval(one: SnapshotSeries) -> int:
    """Looks after which an interval without zero holds zero again."""
    clear = [look.low is not None and not look.low <= 0 <= look.high for look in one.looks]
    return sum(then and not now for then, now in pairwise(clear))


def main() -> None:
    began = time.perf_counter()
    default = Path(__file__).parents[3] / "shared/data/asos-experiments/asos_digital_experiments_dataset.parquet"
    frame = pl.read_parquet(sys.argv[1] if len(sys.argv) > 1 else default)
    series = analyze_snapshots(frame)
    naive_ever = [one for one in series if any(look.naive_decision != "keep running" for look in one.looks)]
    figures = {
        "tests": frame["experiment_id"].n_unique(),
        "series (test, arm, metric)": len(series),
        "snapshots": sum(len(one.looks) for one in series),
        "naive: series with a verdict": len(naive_ever),
        "naive: series that withdraw one": sum(one.naive_withdrawals > 0 for one in series),
        "naive: verdicts withdrawn": sum(one.naive_withdrawals for one in series),
        "naive: tests that withdraw one": len({one.key[0] for one in series if one.naive_withdrawals}),
        "naive: last snapshot": dict(Counter(one.looks[-1].naive_decision for one in series)),
        "ours: verdicts withdrawn": sum(withdrawn(one) for one in series),
        "ours: intervals that take zero back": sum(taken_back_interval(one) for one in series),
        "ours: last snapshot": dict(Counter(one.decision for one in series)),
        "ours: series whose effect left its interval": sum(one.contradicted for one in series),
        "ours: verdict against the naive last one": sum(
            {one.decision, one.looks[-1].naive_decision} == {"ship", "stop"} for one in series
        ),
        "tests broken by sample-ratio mismatch": len({one.key[0] for one in series if one.decision == "broken"}),
    }
    figures["gates"] = {
        "ours never withdraws": figures["ours: verdicts withdrawn"] == 0,
        "no interval takes zero back": figures["ours: intervals that take zero back"] == 0,
    }
    write(__file__, figures, began)


if __name__ == "__main__":
    main()
