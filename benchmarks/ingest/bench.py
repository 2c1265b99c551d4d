"""Events per second into the log: batches of 500 through `ingest` from one and from two processes, an import of a
million ratings, and the latency of small posts while an import runs.

Run: python benchmarks/ingest/bench.py [--events N]; writes result.json beside this file.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from pathlib import Path

from frontrow.core.clock import SECOND, Micros, format_time, parse_time, wall_clock
from frontrow.events.accept import accept
from frontrow.events.event import Event
from frontrow.events.ingest import ingest
from frontrow.events.service_clock import ServiceClock
from frontrow.storage.served import SqliteServed
from frontrow.storage.workspace import SqliteWorkspace

START = parse_time("2026-01-01T00:00:00Z")
BATCH, CHUNK = 500, 20_000


def batches(name: str, count: int) -> list[list[dict[str, object]]]:
    """Batches as a JSON body gives them: progress events with random ids, of 10,000 profiles and 4,000 titles."""
    rng = random.Random(name)
    return [
        [
            {
                "event_id": f"{rng.getrandbits(128):032x}",
                "type": "progress",
                "profile_id": f"viewer-{rng.randrange(10_000)}",
                "title_id": f"title-{rng.randrange(4_000)}",
                "at": format_time(START + rng.randrange(10**6) * SECOND),
                "playback_id": f"{rng.getrandbits(64):016x}",
                "seconds": rng.randrange(7_000),
                "fraction": rng.random(),
                "device": "tv",
                "session_id": f"{rng.getrandbits(32):08x}",
            }
            for _ in range(BATCH)
        ]
        for _ in range(count)
    ]


def post(folder: str, name: str, count: int, start, results) -> None:
    work = batches(name, count)
    with SqliteWorkspace(Path(folder), os.urandom) as store:
        clock = ServiceClock("data", store.log.head, wall_clock)
        start.wait()
        took = []
        for batch in work:
            begun = time.perf_counter()
            ingest(batch, store.writer, clock)
            took.append(time.perf_counter() - begun)
        results.put((wall_clock(), took))


def processes(folder: str, number: int, count: int) -> dict[str, float]:
    context = mp.get_context("spawn")
    start, results = context.Event(), context.Queue()
    workers = [context.Process(target=post, args=(folder, f"w{i}", count, start, results)) for i in range(number)]
    for worker in workers:
        worker.start()
    time.sleep(1 + count / 50)
    begun = wall_clock()
    start.set()
    done = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    seconds = (max(ended for ended, _ in done) - begun) / SECOND
    took = sorted(each for _, times in done for each in times)
    return {
        "events_per_second": round(number * count * BATCH / seconds),
        "batch_ms_p50": round(1e3 * statistics.median(took), 2),
        "batch_ms_p99": round(1e3 * took[int(0.99 * len(took))], 2),
    }


def ratings(count: int) -> list[Event]:
    rng = random.Random(1)
    return [
        Event(
            event_id=f"{START + i * 1000:015x}-{rng.getrandbits(64):016x}",
            type="rate",
            profile_id=str(rng.randrange(6040)),
            at=START + i * 1000,
            received_at=START + i * 1000,
            title_id=str(rng.randrange(3700)),
            value=4.0,
        )
        for i in range(count)
    ]


def imported(store: SqliteWorkspace, events: list[Event]) -> list[float]:
    took = []
    for first in range(0, len(events), CHUNK):
        chunk = list(enumerate(events[first : first + CHUNK]))
        begun = time.perf_counter()
        store.writer.write(lambda unit, chunk=chunk: accept(unit, chunk, Micros(START), Micros(START), True))
        took.append(time.perf_counter() - begun)
    return took


def bulk(folder: str, count: int) -> dict[str, float]:
    with SqliteWorkspace(Path(folder), os.urandom) as store:
        events = ratings(count)
        cpu = time.process_time()
        took = imported(store, events)
        cpu = time.process_time() - cpu
        begun = time.perf_counter()
        columns = store.log.columns()
        read = time.perf_counter() - begun
        begun = time.perf_counter()
        store.log.of_profile(17)
        return {
            "import_seconds": round(sum(took), 2),
            "import_cpu_seconds": round(cpu, 2),
            "chunk_ms_p50": round(1e3 * statistics.median(took), 1),
            "chunk_ms_max": round(1e3 * max(took), 1),
            "columns_seconds": round(read, 2),
            "columns_events": len(columns),
            "of_profile_ms": round(1e3 * (time.perf_counter() - begun), 2),
            "bytes_per_event": round(store.path.stat().st_size / count),
        }


def posts_during_import(folder: str, count: int) -> dict[str, float]:
    events = ratings(count)
    with SqliteWorkspace(Path(folder), os.urandom) as importing, SqliteWorkspace(Path(folder), os.urandom) as serving:
        clock = ServiceClock("data", serving.log.head, wall_clock)
        thread = threading.Thread(target=imported, args=(importing, events))
        thread.start()
        took = []
        for batch in batches("small", 4_000 // BATCH):
            for first in range(0, BATCH, 20):
                if not thread.is_alive():
                    break
                begun = time.perf_counter()
                ingest(batch[first : first + 20], serving.writer, clock)
                took.append(time.perf_counter() - begun)
        thread.join()
    took.sort()
    return {
        "posts": len(took),
        "post_ms_p50": round(1e3 * statistics.median(took), 1),
        "post_ms_max": round(1e3 * took[-1], 1),
    }


def served(folder: str) -> dict[str, float]:
    log, body, took = SqliteServed(Path(folder) / "served", os.urandom, str.encode), os.urandom(12_000), []
    for number in range(5_000):
        page = log.new_id("p")
        begun = time.perf_counter()
        log.put(page, number, number, body)
        took.append(time.perf_counter() - begun)
    log.close()
    took.sort()
    return {"put_12kb_us_p50": round(1e6 * took[2_500], 1), "put_12kb_us_p99": round(1e6 * took[4_950], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="ratings of the import")
    events = parser.parse_args().events
    result: dict[str, object] = {
        "machine": {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version(),
                    "sqlite": sqlite3.sqlite_version},
    }  # fmt: skip
    for name, measure in (
        ("one_process", lambda folder: processes(folder, 1, 120)),
        ("two_processes", lambda folder: processes(folder, 2, 60)),
        ("import", lambda folder: bulk(folder, events)),
        ("posts_during_import", lambda folder: posts_during_import(folder, min(events, 300_000))),
        ("served", served),
    ):
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            result[name] = measure(folder)
        print(name, result[name], flush=True)
    Path(__file__).with_name("result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
