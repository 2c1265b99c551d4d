"""Latency of a full home page over HTTP, stage by stage, as multiples of the floor loop.

    python benchmarks/page/bench.py [--titles 4000,50000] [--workers 1,2] [--pages 400] [--untrained]

For each size a workspace is made, filled by `import tables`, trained, and served. One client on kept connections asks
for pages of 20 rows x 20 titles, each for another profile, right after an event of that profile's own was answered 202:
nothing of the page can have been computed before. With two workers the event goes to one and the page is asked of the
other. A page that does not show the event (the title in `continue_watching`) is counted stale. The floor is measured
before and after each run of pages and their mean is taken. Writes result.json beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import contextlib
import http.client
import json
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from floor import floor_ms
from world import write_world

HERE = Path(__file__).resolve().parent
SERVE = (
    "import sys; from pathlib import Path; from frontrow.api.serve import serve; "
    "serve(Path(sys.argv[1]), '127.0.0.1', int(sys.argv[2]), int(sys.argv[3]), True)"
)
VIEWERS = 3_000
WARM = 100
PAGE = {"rows": 20, "columns": 20, "device": "tv"}


def main() -> None:
    """Runs all sizes and prints a table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--titles", default="4000,50000", help="catalogue sizes")
    asked.add_argument("--workers", default="1,2", help="numbers of workers")
    asked.add_argument("--pages", type=int, default=400, help="pages that are timed in each run")
    asked.add_argument("--untrained", action="store_true", help="without a model: fallbacks; result.json stays")
    options = asked.parse_args()
    runs = []
    for titles in map(int, options.titles.split(",")):
        folder = Path(tempfile.mkdtemp(prefix="frontrow-page-"))
        try:
            built = build(folder, titles, not options.untrained)
            for workers in map(int, options.workers.split(",")):
                runs.append(measure(folder / "workspace", titles, workers, options.pages) | built)
                show(runs[-1])
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    if options.untrained:
        return
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    result = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "runs": runs}
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n")


def build(folder: Path, titles: int, train: bool) -> dict[str, float]:
    """A workspace, trained unless told otherwise; how long import and training took, in seconds."""
    from frontrow.workspace import Workspace

    write_world(folder / "tables", titles, VIEWERS)
    with contextlib.closing(Workspace.init(folder / "workspace")) as workspace:
        started = time.perf_counter()
        workspace.import_tables(folder / "tables")
        imported = time.perf_counter()
        if train:
            workspace.train()
        return {"import_s": round(imported - started, 1), "train_s": round(time.perf_counter() - imported, 1)}


def measure(workspace: Path, titles: int, workers: int, pages: int, run: str = "") -> dict[str, Any]:
    """One run of pages against a fresh server; `run` tells its events from those of another."""
    before = floor_ms()
    with serving(workspace, workers) as port:
        links = connections(port, workers)
        for number in range(WARM):  # every worker has seen some events and built some pages
            page_after_event(links, number, f"warm-{workers}-{run}-{number}")
            links.reverse()
        asked = [page_after_event(links, WARM + number, f"run-{workers}-{run}-{number}") for number in range(pages)]
        for link in links:
            link.close()
    return {"titles": titles, "workers": workers, "pages": pages} | of_pages(asked, before, floor_ms())


def of_pages(asked: list[dict[str, Any]], before: tuple[float, float], after: tuple[float, float]) -> dict[str, Any]:
    """What pages took, in all and by stage, and as multiples of the floor, p50 and p99 `before` and `after` them."""
    floor = (before[0] + after[0]) / 2
    took, posted = np.array([page["ms"] for page in asked]), np.array([page["event_ms"] for page in asked])
    stages = sorted({stage for page in asked for stage in page["stages"]}, key=list(asked[0]["stages"]).index)
    return {
        "floor_ms": {"p50": round(floor, 3), "p99": round((before[1] + after[1]) / 2, 3)},
        "page_ms": percentiles(took),
        "page_per_floor": {"p50": round(float(np.median(took)) / floor, 2),
                           "p99": round(float(np.percentile(took, 99)) / floor, 2)},
        "event_ms": percentiles(posted),
        "rows": round(float(np.mean([page["rows"] for page in asked])), 1),
        "items": round(float(np.mean([page["items"] for page in asked])), 1),
        "bytes": int(np.mean([page["bytes"] for page in asked])),
        "degraded": sum(page["degraded"] for page in asked),
        "stale": sum(page["stale"] for page in asked),
        "stages_ms_p50": {stage: round(float(np.median([page["stages"].get(stage, 0.0) for page in asked])), 3)
                          for stage in stages},
    }  # fmt: skip


def connections(port: int, workers: int) -> list[http.client.HTTPConnection]:
    """One kept connection to each worker."""
    links: dict[str, http.client.HTTPConnection] = {}
    until = time.monotonic() + 30
    while len(links) < workers:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        link.request("GET", "/health/live")
        answer = link.getresponse()
        answer.read()
        if links.setdefault(answer.headers["X-Frontrow-Worker"], link) is not link:
            link.close()
        if time.monotonic() > until:
            sys.exit(f"only {len(links)} of {workers} workers answer")
    return list(links.values())


def page_after_event(links: list[http.client.HTTPConnection], viewer: int, event_id: str) -> dict[str, Any]:
    """Posts an event of the viewer's own to the first worker, then times the page, asked of the last."""
    link = links[0]
    profile_id = f"v-{viewer % VIEWERS}"
    event = {
        "event_id": event_id, "type": "stop", "profile_id": profile_id, "title_id": f"t-{viewer % 1000}",
        "at": datetime.now(UTC).isoformat(), "seconds": 1500, "fraction": 0.3, "device": "tv",
    }  # fmt: skip
    body = json.dumps({"events": [event]}).encode()
    started = time.perf_counter()
    link.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
    answer = link.getresponse()
    taken = json.loads(answer.read())
    event_ms = (time.perf_counter() - started) * 1e3
    if answer.status != 202 or taken["accepted"] != 1:
        sys.exit(f"the event was not taken: {answer.status} {taken}")
    body = json.dumps(PAGE | {"profile_id": profile_id}).encode()
    link = links[-1]
    started = time.perf_counter()
    link.request("POST", "/v1/home", body, {"Content-Type": "application/json"})
    answer = link.getresponse()
    data = answer.read()
    ms = (time.perf_counter() - started) * 1e3
    page = json.loads(data)
    if answer.status != 200:
        sys.exit(f"no page: {answer.status} {page}")
    begun = [item["title_id"] for row in page["rows"] if row["kind"] == "continue_watching" for item in row["items"]]
    timing = (part.split(";dur=") for part in answer.headers.get("Server-Timing", "").split(", ") if part)
    return {
        "ms": ms, "event_ms": event_ms, "bytes": len(data), "rows": len(page["rows"]),
        "items": sum(len(row["items"]) for row in page["rows"]), "degraded": page["degraded"] is not None,
        "stale": event["title_id"] not in begun,
        "stages": {stage: float(took) for stage, took in timing},
    }  # fmt: skip


def percentiles(values: np.ndarray) -> dict[str, float]:
    """p50, p90 and p99, rounded."""
    return {f"p{at}": round(float(np.percentile(values, at)), 2) for at in (50, 90, 99)}


@contextlib.contextmanager
def serving(workspace: Path, workers: int) -> Iterator[int]:
    """A server with that many workers; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = workspace.parent / f"{workspace.name}.log"
    with log.open("wb") as out:
        command = [sys.executable, "-c", SERVE, str(workspace), str(port), str(workers)]
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while "Calls and records" not in log.read_text(errors="replace"):
            if server.poll() is not None or time.monotonic() > until:
                sys.exit(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        time.sleep(1)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def show(run: dict[str, Any]) -> None:
    """One run, for people."""
    times, floor = run["page_ms"], run["page_per_floor"]
    print(f"{run['titles']} titles, {run['workers']} workers: page p50 {times['p50']} ms, p99 {times['p99']} ms")
    print(f"  floor {run['floor_ms']['p50']} ms: {floor['p50']} x at p50, {floor['p99']} x at p99")
    print(f"  {run['rows']} rows, {run['items']} items, {run['bytes']} bytes, {run['stale']} stale")
    print("  " + ", ".join(f"{stage} {took}" for stage, took in run["stages_ms_p50"].items()))


if __name__ == "__main__":
    main()
