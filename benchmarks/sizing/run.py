"""What a service of N profiles needs: bytes a profile and an event, memory, cores for events and for pages.

    python benchmarks/sizing/run.py [--profiles 10000,100000] [--each 10] [--most 4000000] [--seconds 15] [--add]

For each size a workspace is filled by `import tables` with `--each` events a profile of 4,000 titles, compacted, and
given models that were trained on a small one. `frontrow serve` runs on it: once to see how long it takes where counts
of popularity have to be made anew, and again with those that are laid. One client asks for pages of 20 rows x 20
titles of random profiles for `--seconds`; then one posts batches of 500 events for as long. Cores are the processor
seconds of all the server's processes by what they did in them: they leave out the client, and what a machine that is
also busy with others loses. Memory is the largest sum over the server's processes, seen five times a second, of what is
theirs alone and their share of what they share, mapped files counted. `--add` keeps the sizes that are in result.json
and not asked for. Writes result.json and ../../docs/images/sizing.svg.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
from figure import draw
from world import END, add_events, add_people, fill

from frontrow.workspace import Workspace

HERE = Path(__file__).resolve().parent
FIGURE = HERE.parents[1] / "docs" / "images" / "sizing.svg"
JSON = {"Content-Type": "application/json"}
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", default="10000,100000")
    parser.add_argument("--each", type=int, default=10, help="events a profile")
    parser.add_argument("--most", type=int, default=4_000_000, help="events at most: fewer a profile then")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--add", action="store_true")
    asked = parser.parse_args()
    kept = json.loads((HERE / "result.json").read_text())["sizes"] if asked.add else []
    sizes = list(map(int, asked.profiles.split(",")))
    found = [size for size in kept if size["profiles"] not in sizes]
    with tempfile.TemporaryDirectory(prefix="frontrow-sizing-") as name:
        models = trained(Path(name))
        for profiles in sizes:
            found.append(measure(Path(name) / str(profiles), models, profiles, asked))
            print(json.dumps(found[-1], indent=1), flush=True)
            shutil.rmtree(Path(name) / str(profiles))
            found.sort(key=lambda size: size["profiles"])
            keep(found)


def keep(sizes: list[dict[str, Any]]) -> None:
    """Writes the result and the figure."""
    result = {
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()},
        "sizes": sizes,
    }
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    FIGURE.write_text(draw(sizes))


def trained(folder: Path) -> Path:
    """Models of the same titles, trained once: a page costs the same, however many viewers they learned from."""
    fill(folder / "small", 5_000, 100_000)
    with Workspace.open(folder / "small") as workspace:
        workspace.train(quick=True)
    return folder / "small" / "models"


def measure(folder: Path, models: Path, profiles: int, asked: argparse.Namespace) -> dict[str, Any]:
    """One size."""
    events, started = min(profiles * asked.each, asked.most), time.perf_counter()
    add_people(folder / "w", 1)
    titles = on_disk(folder / "w")
    shutil.rmtree(folder)
    add_people(folder / "w", profiles)
    bare = on_disk(folder / "w")
    add_events(folder / "w", profiles, events, titles=4_000, days=30)
    log = on_disk(folder / "w")
    filled = time.perf_counter() - started
    shutil.copytree(models, folder / "w" / "models")
    started = time.perf_counter()
    with Workspace.open(folder / "w") as workspace:
        workspace.compact()
    compacted = time.perf_counter() - started
    lake = sum(path.stat().st_size for path in (folder / "w" / "lake").rglob("*") if path.is_file())
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "load": round(os.getloadavg()[0], 2),
        "profiles": profiles, "events": events, "fill_s": round(filled, 1), "compact_s": round(compacted, 1),
        "disk_gb": round((log + lake) / 1e9, 3), "bytes_a_profile": round((bare - titles) / profiles),
        "log_bytes_an_event": round((log - bare) / events, 1), "lake_bytes_an_event": round(lake / events, 1),
    }  # fmt: skip
    return told | served(folder / "w", profiles, asked)


def on_disk(workspace: Path) -> int:
    """Bytes of the database, its write-ahead log moved into it."""
    with Workspace.open(workspace) as opened:
        opened._parts.store.clear()
    return (workspace / "frontrow.db").stat().st_size


class Server:
    """`frontrow serve`, and what its processes use."""

    def __init__(self, workspace: Path, workers: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "frontrow", "serve", "--dev", "--workspace", str(workspace)]
        self.log = (workspace / "server.log").open("wb")
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--workers", str(workers)], stdout=self.log, stderr=self.log
        )
        self.root = psutil.Process(self.process.pid)
        self.peak, self._stop = 0, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        while "Calls and records" not in (workspace / "server.log").read_text(errors="replace"):
            if self.process.poll() is not None or time.perf_counter() - started > 400:
                sys.exit(f"the server did not start: {(workspace / 'server.log').read_text()[-2000:]}")
            time.sleep(0.1)
        self.start_s = time.perf_counter() - started
        time.sleep(1)

    def everybody(self) -> list[psutil.Process]:
        """The server's processes."""
        return [self.root, *self.root.children(recursive=True)]

    def cpu(self) -> float:
        """Processor seconds so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self.everybody())

    def memory(self) -> int:
        """Bytes now, shares of what is shared."""
        return sum(each.memory_full_info().pss for each in self.everybody())

    def stop(self) -> None:
        """Ends it."""
        self._stop.set()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            try:
                self.peak = max(self.peak, self.memory())
            except psutil.Error:
                continue


def served(workspace: Path, profiles: int, asked: argparse.Namespace) -> dict[str, Any]:
    """Pages, then events, against a server that has been started before."""
    shutil.rmtree(workspace / "popularity", ignore_errors=True)
    first = Server(workspace, asked.workers)
    first.stop()
    server = Server(workspace, asked.workers)
    try:
        rng, link = random.Random(1), http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        call(link, "GET", "/v1/home?profile_id=p0")
        idle, before, until, took, who = server.memory(), server.cpu(), time.perf_counter() + asked.seconds, [], set()
        while time.perf_counter() < until:
            profile = rng.randrange(profiles)
            started = time.perf_counter()
            status, page = call(link, "GET", f"/v1/home?profile_id=p{profile}&rows=20&columns=20&device=tv")
            took.append(time.perf_counter() - started)
            who.add(profile)
            assert status == 200
            assert page["degraded"] is None
        pages, warm = server.cpu() - before, server.memory()
        bodies = [batch(number, profiles, rng) for number in range(round(asked.seconds * 40))]
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)  # a kept one has been closed meanwhile
        before, until, accepted, began = server.cpu(), time.perf_counter() + asked.seconds, 0, time.perf_counter()
        for body in bodies:
            status, answer = call(link, "POST", "/v1/events", body)
            assert status == 202
            accepted += answer["accepted"]
            if time.perf_counter() > until:
                break
        events, spent = server.cpu() - before, time.perf_counter() - began
        took.sort()
    finally:
        server.stop()
    return {
        "start_s": round(server.start_s, 1), "start_s_counting": round(first.start_s, 1),
        "memory_gb_counting": round(first.peak / 1e9, 2), "memory_gb_started": round(idle / 1e9, 2),
        "memory_gb_largest": round(server.peak / 1e9, 2),
        "memory_bytes_a_warm_profile": round((warm - idle) / len(who)),
        "pages": len(took), "page_ms_p50": round(1e3 * took[len(took) // 2], 1),
        "cores_per_100_pages_s": round(100 * pages / len(took), 2),
        "events_s": round(accepted / spent), "cores_per_1000_events_s": round(1_000 * events / accepted, 3),
    }  # fmt: skip


def batch(number: int, profiles: int, rng: random.Random) -> bytes:
    """500 events of random profiles."""
    at = (END + timedelta(seconds=number)).isoformat()
    return json.dumps({"events": [
        {"event_id": f"live-{number}-{n}-{rng.getrandbits(48):x}", "type": "progress", "at": at, "device": "tv",
         "profile_id": f"p{rng.randrange(profiles)}", "title_id": f"t{rng.randrange(4_000)}",
         "playback_id": f"live-{number}-{n}", "seconds": 900, "fraction": 0.5}
        for n in range(BATCH)
    ]}).encode()  # fmt: skip


def call(link: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Status and body."""
    link.request(method, path, body, JSON)
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


if __name__ == "__main__":
    main()
