"""A flood of events from one profile, and what the others' pages notice.

    python benchmarks/ingest/flood.py [--rate 5000] [--batch 500] [--seconds 15] [--rounds 3] [--workers 2]

A server on a workspace of 1,000 titles. Home pages of 20 rows are asked for, one after another at a steady pace, of a
few hundred profiles. In each round three times: while nothing else goes on, while one client posts events of everybody,
and while it posts as many at the same rate of one profile, whose own page is asked for once a second too. What a flood
from one profile adds is read against the same events from everybody. Client and server share the machine. Writes
flood.json beside this file.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing as mp
import os
import random
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from over_http import TITLES, call, fill, serve

from frontrow.core.clock import SECOND, format_time, parse_time

PACE = 0.02  # seconds between two pages asked for
FROM = parse_time("2026-03-20T13:00:00Z")


def batch(number: int, size: int, whose: list[str], rng: random.Random) -> bytes:
    events = [
        {
            "event_id": f"{number}-{n}", "type": "progress", "profile_id": rng.choice(whose),
            "title_id": f"t{rng.randrange(TITLES)}", "at": format_time(FROM + number * SECOND), "device": "tv",
            "playback_id": f"{number}-{n}", "seconds": rng.randrange(7_000), "fraction": round(rng.random(), 3),
        }
        for n in range(size)
    ]  # fmt: skip
    return json.dumps({"events": events}).encode()


def post(port: int, first: int, whose: list[str], asked: argparse.Namespace, results: Any) -> None:
    """Posts for `asked.seconds` at `asked.rate`, batches numbered from `first`; puts how many events a second were
    taken."""
    rng, link = random.Random(first), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun, number, taken = time.perf_counter(), 0, 0
    while time.perf_counter() - begun < asked.seconds:
        body = batch(first + number, asked.batch, whose, rng)
        time.sleep(max(0.0, begun + number * asked.batch / asked.rate - time.perf_counter()))
        status, answer = call(link, "POST", "/v1/events", body)
        assert status == 202, answer
        taken, number = taken + answer["accepted"], number + 1
    results.put(round(taken / (time.perf_counter() - begun)))


def pages(port: int, seconds: float, whose: list[str]) -> list[float]:
    """Milliseconds of each page, asked for at a steady pace."""
    link, took = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    begun = time.perf_counter()
    while (started := time.perf_counter()) - begun < seconds:
        status, _ = call(link, "GET", f"/v1/home?profile_id={whose[len(took) % len(whose)]}&rows=20&columns=20")
        took.append(1e3 * (time.perf_counter() - started))
        assert status == 200
        time.sleep(max(0.0, begun + len(took) * PACE - time.perf_counter()))
    return took


def own_pages(port: int, seconds: float, one: str, took: list[float]) -> None:
    link, begun = http.client.HTTPConnection("127.0.0.1", port, timeout=60), time.perf_counter()
    while (started := time.perf_counter()) - begun < seconds:
        status, answer = call(link, "GET", f"/v1/home?profile_id={one}&rows=20&columns=20")
        assert status == 200, answer
        took.append(1e3 * (time.perf_counter() - started))
        time.sleep(1)


def phase(port: int, first: int, posting: list[str], asked: argparse.Namespace, others: list[str]) -> dict[str, Any]:
    results: Any = mp.get_context("spawn").Queue()
    poster = mp.get_context("spawn").Process(target=post, args=(port, first, posting, asked, results))
    own: list[float] = []
    asking = threading.Thread(target=own_pages, args=(port, asked.seconds, posting[0], own)) if posting else None
    if asking is not None:
        poster.start()
        time.sleep(1)
        asking.start()
    took = pages(port, asked.seconds - 1, others)
    found: dict[str, Any] = {"took": took}
    if asking is not None:
        found |= {"events_per_second": results.get(), "own": own}
        poster.join()
        asking.join()
    return found


def told(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Percentiles of all rounds' pages, and the range over rounds."""
    found: dict[str, Any] = {"pages": sum(len(each["took"]) for each in rounds)}
    for p in (50, 99):
        each = [float(np.percentile(one["took"], p)) for one in rounds]
        found[f"p{p}_ms"] = [round(value, 2) for value in each]
    if "own" in rounds[0]:
        found["events_per_second"] = [each["events_per_second"] for each in rounds]
        found["its_own_longest_ms"] = [round(max(each["own"]), 1) for each in rounds]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=5_000, help="events a second")
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--profiles", type=int, default=20_000)
    asked = parser.parse_args()
    everybody = [f"p{n}" for n in range(asked.profiles)]
    others, load = everybody[2:300], os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="frontrow-flood-") as folder:
        workspace = Path(folder) / "w"
        fill(workspace, asked.profiles)
        server, port = serve(workspace, asked.workers)
        try:
            pages(port, 10, others)
            rounds: dict[str, list[dict[str, Any]]] = {"idle": [], "everybody": [], "one": []}
            for number in range(asked.rounds):
                for turn, (name, posting) in enumerate(
                    (("idle", []), ("everybody", everybody), ("one", everybody[1:2]))
                ):
                    first = (number * 3 + turn) * 100_000  # later ones happen later
                    rounds[name].append(phase(port, first, posting, asked, others))
                    print(number, name, told(rounds[name][-1:]), flush=True)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    result: dict[str, Any] = {"cpus": os.cpu_count(), "load_before": round(load, 2), "asked": vars(asked)}
    result |= {name: told(each) for name, each in rounds.items()}
    print(json.dumps(result, indent=1))
    Path(__file__).with_name("flood.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
