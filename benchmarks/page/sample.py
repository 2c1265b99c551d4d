"""What the logging of feature values costs a page: the same pages with and without it, in turn, in one process.

    python benchmarks/page/sample.py [--titles 4000] [--pages 2000]

Three workspaces are the same but for `pages.values_share`: 0, 0.01 (the default), 1. Each round asks the three for the
page of one viewer right after an event of that viewer's own; which goes first changes from round to round. Pages that
were in the sample of 0.01 are told apart. Then `verify` compares what 1 logged, timed. Writes sample.json beside this
file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import contextlib
import gc
import json
import platform
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from world import write_world

from frontrow.core.random import stable_hash
from frontrow.workspace import Workspace

HERE = Path(__file__).resolve().parent
VIEWERS, WARM = 3_000, 150
SHARES = (0.0, 0.01, 1.0)


def main() -> None:
    """Measures, prints and writes the result."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--titles", type=int, default=4_000)
    asked.add_argument("--pages", type=int, default=2_000)
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="frontrow-sample-"))
    try:
        result = measure(folder, options.titles, options.pages)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result, indent=1))
    (HERE / "sample.json").write_text(json.dumps(result, indent=1) + "\n")


def measure(folder: Path, titles: int, pages: int) -> dict[str, object]:
    """Times in milliseconds of processor and wall, by share, for pages outside and inside the sample."""
    write_world(folder / "tables", titles, VIEWERS)
    with Workspace.init(folder / "0.0") as workspace:
        workspace.import_tables(folder / "tables")
        workspace.train()
    for share in SHARES[1:]:
        shutil.copytree(folder / "0.0", folder / str(share))
    with contextlib.ExitStack() as stack:
        opened = {}
        for share in SHARES:
            (folder / str(share) / "frontrow.toml").write_text(f"[pages]\nvalues_share = {share}\n")
            opened[share] = stack.enter_context(Workspace.open(folder / str(share)))
        took: dict[tuple[float, bool], list[tuple[float, float]]] = {}
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)  # as a worker does
        for number in range(WARM + pages):
            for share in np.roll(SHARES, number % 3).tolist():
                wall, cpu, page_id = one_page(opened[share], number)
                inside = share == 1 or (share > 0 and stable_hash("values", page_id) < share * 2**64)
                if number >= WARM:
                    took.setdefault((share, inside), []).append((wall, cpu))
        started = time.perf_counter()
        found = opened[1.0].verify(pages)
        verified = time.perf_counter() - started
        doctor = time.perf_counter()
        opened[1.0].verify(20, popularity=False)
        doctor = time.perf_counter() - doctor
        size = sum(len(inputs) for _, inputs in opened[1.0]._parts.served.sampled(500)) / 500
    runs = [
        {
            "values_share": share, "logged": inside, "pages": len(times),
            "wall_ms": percentiles([wall for wall, _ in times]), "cpu_ms": percentiles([cpu for _, cpu in times]),
        }
        for (share, inside), times in sorted(took.items())
    ]  # fmt: skip
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "titles": titles, "runs": runs, "bytes_of_one_pages_values": round(size),
        "verify": {"pages": found.pages, "compared": found.compared, "values": found.values,
                   "different": found.different, "seconds": round(verified, 2), "doctors_20_pages_s": round(doctor, 3)},
    }  # fmt: skip


def one_page(workspace: Workspace, number: int) -> tuple[float, float, str]:
    """Wall and processor milliseconds of a page right after an event, and its id."""
    who = f"v-{number % VIEWERS}"
    workspace.ingest([{
        "event_id": f"run-{number}", "type": "stop", "profile_id": who, "title_id": f"t-{number % 1000}",
        "at": datetime.now(UTC).isoformat(), "seconds": 1500, "fraction": 0.3, "device": "tv",
    }])  # fmt: skip
    wall, cpu = time.perf_counter(), time.process_time()
    page = workspace.home(who, device="tv")
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3, page.page_id


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p90 and p99, rounded."""
    return {f"p{at}": round(float(np.percentile(values, at)), 3) for at in (50, 90, 99)}


if __name__ == "__main__":
    main()
