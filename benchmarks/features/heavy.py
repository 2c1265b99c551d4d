"""One profile of a million events: what its first page costs it, and what the others notice.

    python benchmarks/features/heavy.py [--events 1000000] [--titles 2000] [--others 100]

A workspace is filled with the events of one profile, among them one of each of `--others`, and served by one worker.
One client asks for pages of the others, one after another: for 5 seconds, and on, while another asks for the page and
the features of the one profile, of which the worker holds nothing yet. Writes heavy.json beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import http.client
import json
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from run import events, fill, titles

from frontrow.workspace import Workspace

IDLE = 5.0


def call(link: http.client.HTTPConnection, path: str) -> tuple[float, Any]:
    """Seconds, and the answer."""
    begun = time.perf_counter()
    link.request("GET", path)
    answer = link.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return time.perf_counter() - begun, json.loads(body)


def percentiles(took: list[float]) -> dict[str, float]:
    """Milliseconds."""
    found = {f"p{p}_ms": round(1e3 * float(np.percentile(took, p)), 2) for p in (50, 99)}
    return found | {"longest_ms": round(1e3 * max(took), 1), "pages": len(took)}


def serve(workspace: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A server of one worker that answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "frontrow", "serve", "--dev", "--workspace", str(workspace), "--workers", "1"]
    process = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(1200):
        try:
            call(http.client.HTTPConnection("127.0.0.1", port, timeout=300), "/health/ready")
            return process, port
        except (OSError, AssertionError):
            time.sleep(0.1)
    sys.exit("the server does not answer")


def measured(port: int, others: int) -> dict[str, Any]:
    """Others' pages before and beside the one's, and the one's."""
    idle: list[float] = []
    beside: list[float] = []
    began, stop = threading.Event(), threading.Event()

    def ask_on() -> None:
        link, number = http.client.HTTPConnection("127.0.0.1", port, timeout=300), 0
        while not stop.is_set():
            number += 1
            took, _ = call(link, f"/v1/home?profile_id=other{number % others}")
            (beside if began.is_set() else idle).append(took)

    asking = threading.Thread(target=ask_on)
    asking.start()
    time.sleep(IDLE)
    idle.clear()  # the first of them were folded
    time.sleep(IDLE)
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    began.set()
    first, page = call(link, "/v1/home?profile_id=p0")
    features, _ = call(link, "/v1/features/p0")
    stop.set()
    asking.join()
    again = [call(link, "/v1/home?profile_id=p0")[0] for _ in range(50)]
    return {
        "others_before": percentiles(idle), "others_beside": percentiles(beside),
        "first_page_s": round(first, 2), "degraded": page["degraded"], "first_features_s": round(features, 2),
        "later_pages": percentiles(again),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--titles", type=int, default=2_000)
    parser.add_argument("--others", type=int, default=100)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory(prefix="frontrow-heavy-") as folder:
        path = Path(folder) / "w"
        Workspace.init(path).close()
        (path / "frontrow.toml").write_text('clock = "data"\n')
        with Workspace.open(path) as workspace:
            made = titles(asked.titles, rng)
            for first in range(0, len(made), 1000):
                assert not workspace.put_titles(made[first : first + 1000]).rejected
            told = events(asked.events, 1, asked.titles, rng)
            for number in range(asked.others):
                told[number * (len(told) // asked.others)].profile_id = f"other{number}"
            fill(workspace, told)
        load = round(os.getloadavg()[0], 2)
        process, port = serve(path)
        try:
            found = measured(port, asked.others)
            everybody = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            found["memory_gb"] = round(sum(each.memory_full_info().pss for each in everybody) / 1e9, 2)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    result = {"load": load, "cpus": os.cpu_count(), "asked": vars(asked)} | found
    print(json.dumps(result, indent=1))
    Path(__file__).with_name("heavy.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
