"""Time of one assignment: `PYTHONPATH=src python benchmarks/assignment/bench.py` writes result.json beside itself.

Processor time in batches of 200 calls (reading a clock costs a tenth of a call); batches give the quantiles.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from frontrow.core.random import stable_hash
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.evaluate import Evaluation, Ruleset
from frontrow.experiments.assignment.hashing import bucket_hash
from frontrow.experiments.assignment.records import Experiment
from frontrow.experiments.assignment.split import Holdout, Layer, Split, Variant

BATCH = 200
BATCHES = 500
UNITS = [str(UUID(int=stable_hash(number) << 64 | stable_hash(-number))) for number in range(BATCH)]
HALVES = (Variant(key="control", weight=0.5), Variant(key="treatment", weight=0.5))
VIEWER = {"country": "DE", "plan": "basic", "attributes": {"app": "2.10.0"}}


def split(number: int, **fields: Any) -> Split:
    return Split(key=f"experiment-number-{number}", variants=HALVES, **fields)


def microseconds(call: Callable[[str], object], each: int = 1) -> dict[str, float]:
    """Best, median and 99th percentile over batches of one assignment's time; `each` assignments a call.

    The best is what the code costs; where neighbours share the cores, the median says more about them.
    """
    times = []
    for _ in range(BATCHES):
        start = time.thread_time_ns()
        for unit in UNITS:
            call(unit)
        times.append((time.thread_time_ns() - start) / BATCH / each / 1000)
    best = round(min(times), 3)
    return {
        "best": best,
        "p50": round(statistics.median(times), 3),
        "p99": round(statistics.quantiles(times, n=100)[98], 3),
    }


def main() -> None:
    audience = {"country": {"$in": ["DE", "FR"]}, "attributes.app": {"$vgte": "2.9.0"}}
    holdout, layers = Holdout(share=0.05), [Layer(key="page")]
    plain = Assigner([split(0)])
    full = Assigner([split(0, audience=audience, layer="page", ranges=((0.0, 0.8),))], holdout, layers)
    layered = [split(n, audience=audience, layer="page", ranges=((n / 10, n / 10 + 0.1),)) for n in range(10)]
    twenty = Assigner([split(n + 10) for n in range(10)] + layered, holdout, layers)
    inline = Experiment(key="experiment-number-0", variations=[0, 1], hash_version=2)
    rules = Ruleset()
    result = {
        "unit": "microseconds of processor time an assignment, 36-character ids; over batches of 200",
        "machine": {"python": platform.python_version(), "processor": platform.machine()},
        "hash, version 2": microseconds(lambda unit: bucket_hash("experiment-number-0", unit, 2)),
        "one experiment": microseconds(lambda unit: plain.assign(unit, VIEWER, True)),
        "one experiment with holdout, layer and audience": microseconds(lambda unit: full.assign(unit, VIEWER, True)),
        "each of twenty experiments": microseconds(lambda unit: twenty.assign(unit, VIEWER, True), 20),
        "inline experiment by GrowthBook's rules": microseconds(
            lambda unit: Evaluation(rules, {"id": unit}).run(inline)
        ),
    }
    Path(__file__).with_name("result.json").write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
