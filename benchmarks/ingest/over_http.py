"""Durable, deduplicated, folded ingest over HTTP, and pages beside it.

    python benchmarks/ingest/over_http.py [--seconds 60] [--profiles 100000] [--workers 2] [--posters 2]

A server with `--workers` workers on a fresh workspace with 1,000 titles and all profiles known. Idle first: home pages
of 20 rows, one client, `--idle` seconds. Then `--posters` clients, processes of their own, post batches of 500 playback
events, bodies made beforehand, one batch in fifty sent twice, for `--seconds`, while pages go on being asked for, each
of a profile whose event has just been answered 202 and must be in its features. Client and server share the machine.
Writes over_http.json beside this file, or with `--rate` over_http_RATE.json.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing as mp
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

FRONTROW = Path(sys.executable).with_name("frontrow")
TITLES, BATCH = 1_000, 500
JSON = {"Content-Type": "application/json"}
AT = "2026-03-20T12:{:02}:{:02}Z"


def call(link: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    link.request(method, path, body, JSON)
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def batch(number: int, poster: int, profiles: int, rng: random.Random) -> bytes:
    events = [
        {
            "event_id": f"{poster}-{number}-{n}-{rng.getrandbits(48):x}", "type": "progress",
            "profile_id": f"p{rng.randrange(profiles)}", "title_id": f"t{rng.randrange(TITLES)}",
            "at": AT.format(number // 60 % 60, number % 60), "playback_id": f"{poster}-{number}-{n}", "device": "tv",
            "seconds": rng.randrange(7_000), "fraction": round(rng.random(), 3),
        }
        for n in range(BATCH)
    ]  # fmt: skip
    return json.dumps({"events": events}).encode()


def post(
    port: int, poster: int, profiles: int, batches: int, seconds: float, rate: float, ready: Any, go: Any, results: Any
) -> None:
    rng = random.Random(poster)
    bodies = [batch(number, poster, profiles, rng) for number in range(batches)]
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    ready.put(poster)
    go.wait()
    begun, took, accepted, duplicates, refused, ran_out = time.perf_counter(), [], 0, 0, 0, True
    for number, body in enumerate(bodies):
        if rate:
            time.sleep(max(0.0, begun + number * BATCH / rate - time.perf_counter()))
        for _ in range(2 if number % 50 == 49 else 1):
            started = time.perf_counter()
            status, answer = call(link, "POST", "/v1/events", body)
            took.append(time.perf_counter() - started)
            if status == 202:
                accepted += answer["accepted"]
                duplicates += answer["duplicates"]
            else:
                refused += 1
        if time.perf_counter() - begun > seconds:
            ran_out = False
            break
    results.put((accepted, duplicates, refused, time.perf_counter() - begun, took, ran_out))


def pages(port: int, seconds: float, profiles: int, phase: str) -> tuple[list[float], int]:
    """Milliseconds of each page, and how many times features did not show an event that was answered 202."""
    link, rng = http.client.HTTPConnection("127.0.0.1", port, timeout=60), random.Random(phase)
    took, stale, until, n = [], 0, time.perf_counter() + seconds, 0
    while time.perf_counter() < until:
        profile, n = f"p{rng.randrange(profiles)}", n + 1
        event = {"event_id": f"{phase}-{n}", "type": "rate", "profile_id": profile, "title_id": f"t{n % TITLES}",
                 "at": AT.format(59, 59), "value": 5}  # fmt: skip
        assert call(link, "POST", "/v1/events", json.dumps({"events": [event]}).encode())[0] == 202
        started = time.perf_counter()
        status, _ = call(link, "GET", f"/v1/home?profile_id={profile}&rows=20&columns=20")
        took.append(1e3 * (time.perf_counter() - started))
        assert status == 200
        if n % 10 == 0:
            _, answer = call(link, "GET", f"/v1/features/{profile}")
            stale += event["title_id"] not in answer["features"]["recent_titles"]["value"]  # others post too
    return took, stale


def percentiles(took: list[float]) -> dict[str, float]:
    return {f"p{p}": round(float(np.percentile(took, p)), 2) for p in (50, 99)}


def serve(workspace: Path, workers: int) -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (workspace / "server.log").open("ab")
    server = subprocess.Popen(
        [FRONTROW, "serve", "--workspace", workspace, "--port", str(port), "--dev", "--workers", str(workers)],
        stdout=log, stderr=log,
    )  # fmt: skip
    for _ in range(600):
        try:
            if call(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/health/ready")[0] == 200:
                return server, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def fill(workspace: Path, profiles: int) -> None:
    from frontrow.workspace import Workspace

    Workspace.init(workspace).close()
    (workspace / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(workspace) as opened:
        opened.put_titles([
            {"title_id": f"t{n}", "name": f"Title {n}", "genres": [f"g{n % 12}"], "runtime_minutes": 100}
            for n in range(TITLES)
        ])  # fmt: skip
        for first in range(0, profiles, 1_000):
            opened.put_profiles([{"profile_id": f"p{n}", "country": "SE"} for n in range(first, first + 1_000)])
        opened.ingest([{"event_id": "clock", "type": "session_start", "profile_id": "p0", "at": AT.format(59, 59)}])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--idle", type=float, default=15)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--posters", type=int, default=2)
    parser.add_argument("--batches", type=int, default=1_500, help="made beforehand for each poster")
    parser.add_argument("--rate", type=float, default=0, help="events a second of all posters; 0: as many as go")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        workspace = Path(folder) / "w"
        fill(workspace, asked.profiles)
        server, port = serve(workspace, asked.workers)
        try:
            context = mp.get_context("spawn")
            ready, go, results = context.Queue(), context.Event(), context.Queue()
            posters = [
                context.Process(target=post, args=(port, n, asked.profiles, asked.batches, asked.seconds,
                                                   asked.rate / asked.posters, ready, go,
                                                   results))
                for n in range(asked.posters)
            ]  # fmt: skip
            for poster in posters:
                poster.start()
            for _ in posters:
                ready.get()
            pages(port, 5, asked.profiles, "warm")
            idle, idle_stale = pages(port, asked.idle, asked.profiles, "idle")
            load = os.getloadavg()[0]
            go.set()
            under, stale = pages(port, asked.seconds, asked.profiles, "under")
            done = [results.get() for _ in posters]
            for poster in posters:
                poster.join()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    accepted, seconds = sum(each[0] for each in done), max(each[3] for each in done)
    result = {
        "machine": {"cpus": os.cpu_count(), "load_before": round(load, 2), "python": platform.python_version()},
        "asked": vars(asked),
        "events_per_second": round(accepted / seconds),
        "accepted": accepted,
        "duplicates": sum(each[1] for each in done),
        "batches_refused": sum(each[2] for each in done),
        "posters_ran_out": any(each[5] for each in done),
        "batch_ms": percentiles([1e3 * took for each in done for took in each[4]]),
        "page_ms_idle": percentiles(idle) | {"pages": len(idle)},
        "page_ms_under_ingest": percentiles(under) | {"pages": len(under)},
        "page_p50_ratio": round(float(np.median(under) / np.median(idle)), 2),
        "features_stale_after_a_202": idle_stale + stale,
    }
    print(json.dumps(result, indent=1))
    name = f"over_http_{asked.rate:g}.json" if asked.rate else "over_http.json"
    Path(__file__).with_name(name).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
