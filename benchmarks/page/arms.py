"""What running experiments cost a page: pairs of pages of the same viewers at the same moment, with them and without.

    python benchmarks/page/arms.py [--titles 4000] [--pages 600]

One workspace is made and trained, and copied; in the copy experiments run. Both are open in this process, and each
viewer's page is laid by one and by the other, in an order that alternates, so that what else the machine does falls on
both alike. Told are the median and the 99th percentile of the pairs' differences, with a 95 % interval of the median
(order statistics), beside the page and the floor loop. Writes arms.json beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import contextlib
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench import VIEWERS, WARM, build
from floor import floor_ms

from frontrow import Workspace

HERE = Path(__file__).resolve().parent
OVERRIDES: tuple[dict[str, object], ...] = (
    {"tuning.because_rows": 3}, {"tuning.new_days": 45}, {"tuning.source_factors": {"fresh": 1.2}},
    {"tuning.rows_first": ["trending"]}, {"tuning.genre_pairs": 4},
)  # fmt: skip


def main() -> None:
    """All figures, and their file."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--titles", type=int, default=4000)
    asked.add_argument("--pages", type=int, default=600, help="pairs for each number of experiments")
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="frontrow-arms-"))
    try:
        build(folder, options.titles, True)
        runs = [pairs(folder, count, options.pages) for count in (0, 1, 5, 20)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = {"titles": options.titles, "pairs": options.pages, "load": os.getloadavg(), "runs": runs}
    (HERE / "arms.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def pairs(folder: Path, count: int, pages: int) -> dict[str, Any]:
    """Pages with `count` experiments running (the first five override something) beside pages without; with none, what
    the method itself tells apart."""
    shutil.copytree(folder / "workspace", folder / "arms")
    floor = floor_ms()[0]
    with (
        contextlib.closing(Workspace.open(folder / "workspace")) as without,
        contextlib.closing(Workspace.open(folder / "arms")) as running,
    ):
        for number in range(count):
            overrides = OVERRIDES[number] if number < len(OVERRIDES) else {}
            arms = [{"key": "control", "weight": 0.5}, {"key": "on", "weight": 0.5, "overrides": overrides}]
            body = {"hypothesis": "costs nothing", "arms": arms, "primary": "viewing_time", "state": "running"}
            running.register.put(f"x{number}", body, lambda _: True)
        took = np.array([pair(without, running, number) for number in range(WARM + pages)][WARM:])
    shutil.rmtree(folder / "arms")
    apart = np.sort(took[:, 1] - took[:, 0])
    reach = 0.98 * np.sqrt(len(apart))
    ends = (int(len(apart) / 2 - reach), int(len(apart) / 2 + reach))
    base = float(np.median(took[:, 0]))
    return {
        "experiments": count,
        "floor_ms": round(floor, 3),
        "page_ms_p50": {"without": round(base, 3), "with": round(float(np.median(took[:, 1])), 3)},
        "difference_ms": {
            "p50": round(float(np.median(apart)), 4),
            "p50, 95 %": [round(float(apart[end]), 4) for end in ends],
            "p99": round(float(np.percentile(apart, 99)), 3),
        },
        "difference_of_page": round(float(np.median(apart)) / base, 4),
    }


def pair(without: Workspace, running: Workspace, number: int) -> tuple[float, float]:
    """Milliseconds of one viewer's page in either workspace."""
    viewer, took = f"v-{number % VIEWERS}", [0.0, 0.0]
    for side in (number % 2, 1 - number % 2):
        began = time.perf_counter()
        (without, running)[side].home(viewer, rows=20, columns=20, device="tv")
        took[side] = 1000 * (time.perf_counter() - began)
    return took[0], took[1]


if __name__ == "__main__":
    main()
