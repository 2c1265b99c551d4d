"""The lake: how fast it is made and read, how small it is, and that reading it holds up nobody.

    python benchmarks/lake/run.py [--events 1000000] [--profiles 20000] [--days 30] [--result FILE]

A log of `--events`, arrived evenly over `--days`, is compacted by `frontrow compact` in a process of its own. Then
what training reads is read from lake and log, and from SQLite alone as before, in turn, three times each. Then somebody
posts batches of 20 events and erases a profile, while another process reads the whole log again and again: from
neither, from the lake, from SQLite. Prints a JSON object and writes result.json beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sizing"))

from world import fill  # noqa: E402 - lies beside

from frontrow.workspace import Workspace  # noqa: E402

READER = """
import os, sys
from pathlib import Path
from frontrow.storage.workspace import SqliteWorkspace
store = SqliteWorkspace(Path(sys.argv[1]), os.urandom)
read = store.lake.log.columns if sys.argv[2] == "lake" else store.log.columns
print("ready", flush=True)
while True:
    read()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="frontrow-lake-") as name:
        folder = Path(name) / "w"
        fill(folder, asked.profiles, asked.events, days=asked.days)
        result: dict[str, Any] = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "load": os.getloadavg()[0]},
            "asked": {"events": asked.events, "profiles": asked.profiles, "days": asked.days},
        }
        before = rows_on_disk(folder)
        result["first_compaction"] = compacted(folder)
        lake = sum(path.stat().st_size for path in (folder / "lake").rglob("*") if path.is_file())
        result["bytes_an_event"] = {"log": round(before / asked.events, 1), "lake": round(lake / asked.events, 1)}
        post(folder, 500, 20, "more")
        result["compaction_of_10000_more"] = compacted(folder)
        result["reading"] = read_both(folder)
        result["beside_a_reader"] = {who: beside(folder, who) for who in ("nobody", "lake", "sqlite")}
        with Workspace.open(folder) as workspace:
            result["doctor"] = [each.message for each in workspace.doctor() if each.check == "lake"]
    print(json.dumps(result, indent=1))
    asked.result.write_text(json.dumps(result, indent=1) + "\n")


def rows_on_disk(folder: Path) -> int:
    """Bytes of the database, its write-ahead log moved into it."""
    with Workspace.open(folder) as workspace:
        workspace._parts.store.clear()
    return (folder / "frontrow.db").stat().st_size


def compacted(folder: Path) -> dict[str, Any]:
    """What `frontrow compact` did, in seconds, with its peak memory."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "frontrow", "compact", "--json", "--workspace", str(folder)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    seconds, rows = time.perf_counter() - started, told["lake"]["rows"]
    return {"seconds": round(seconds, 2), "rows": rows, "rows_per_s": round(rows / seconds),
            "peak_gb": round(usage.ru_maxrss * 1024 / 1e9, 2)}  # fmt: skip


def read_both(folder: Path) -> dict[str, Any]:
    """Seconds of reading everything, medians of three in turn."""
    took: dict[str, list[float]] = {"lake_and_log": [], "sqlite": []}
    with Workspace.open(folder) as workspace:
        store = workspace._parts.store
        for _ in range(3):
            for name, read in (("lake_and_log", store.lake.log.columns), ("sqlite", store.log.columns)):
                started = time.perf_counter()
                found = read()
                took[name].append(time.perf_counter() - started)
    medians = {name: round(statistics.median(times), 2) for name, times in took.items()}
    return medians | {"events": len(found), "times_as_fast": round(medians["sqlite"] / medians["lake_and_log"], 1)}


def post(folder: Path, batches: int, size: int, tag: str) -> list[float]:
    """Milliseconds of each post."""
    took = []
    with Workspace.open(folder) as workspace:
        for number in range(batches):
            batch = [
                {"event_id": f"{tag}-{number}-{n}", "type": "stop", "profile_id": f"p{number * 31 % 20_000}",
                 "title_id": f"t{n}", "seconds": 900, "fraction": 0.5, "at": "2026-03-20T11:00:00Z"}
                for n in range(size)
            ]  # fmt: skip
            started = time.perf_counter()
            assert workspace.ingest(batch).accepted == size
            took.append(1e3 * (time.perf_counter() - started))
    return took


def beside(folder: Path, who: str) -> dict[str, Any]:
    """Posts, the largest write-ahead log, and one erasure, while `who` is read again and again."""
    reader = None
    if who != "nobody":
        reader = subprocess.Popen([sys.executable, "-c", READER, str(folder), who], stdout=subprocess.PIPE, text=True)
        assert reader.stdout is not None
        reader.stdout.readline()
        time.sleep(1)
    try:
        took = post(folder, 1_500, 20, who)
        log = (folder / "frontrow.db-wal").stat().st_size if (folder / "frontrow.db-wal").exists() else 0
        with Workspace.open(folder) as workspace:
            started = time.perf_counter()
            receipt = workspace.forget({"nobody": "p1", "lake": "p2", "sqlite": "p3"}[who])
            erasure = time.perf_counter() - started
    finally:
        if reader is not None:
            reader.kill()
            reader.wait()
    places = {place.place: place.note for place in receipt.places}
    return {
        "post_ms": {f"p{at}": round(float(np.percentile(took, at)), 2) for at in (50, 99)},
        "wal_mb": round(log / 1e6, 1), "erasure_s": round(erasure, 2),
        "lake": places["lake"], "write-ahead log": places["write-ahead log"],
    }  # fmt: skip


if __name__ == "__main__":
    main()
