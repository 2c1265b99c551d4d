"""The log's sync comes before a 202's bytes, and a power cut at any moment loses and doubles nothing. Real, over HTTP.

    python benchmarks/durability/power_cut.py --posts 400 --cuts 300 --seed 1

`frontrow serve` with two workers runs under strace while batches are posted; then the trace is replayed
(syscalls.py). The power is cut once right before the bytes of each 202, everything that was not synced being dropped,
and `--cuts` times at a random line, what was not synced reaching the disk by chance, whole or torn. Each time the
workspace is opened: every event whose 202 had begun to be sent must be there, once, with its whole batch, and
SQLite's own check must find no damage.

Then the same with the syncs taken out of the trace (`without_syncs`), to show that the measure can fail: events must
be lost. Prints a JSON object, and writes it with `--result FILE`. Ends with 3 where there is no strace or it may not
trace, 1 where an event was lost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from syscalls import STRACE, Disk, calls

from frontrow.core.errors import FrontrowError
from frontrow.storage.workspace import SqliteWorkspace

FRONTROW = Path(sys.executable).with_name("frontrow")
NOW = "2026-03-20T12:00:00Z"
_REPLY = re.compile(rb"^HTTP/1\.1 202 .*?x-request-id: b(\d+)\r\n", re.IGNORECASE | re.DOTALL)


def can_trace() -> bool:
    """Whether strace is here and may trace."""
    if not shutil.which("strace"):
        return False
    return (
        subprocess.run(["strace", "-f", "-y", "-o", os.devnull, "true"], capture_output=True, check=False).returncode
        == 0
    )


def serve_traced(workspace: Path, trace: Path, posts: int, size: int) -> set[int]:
    """Posts batches from two threads to a traced server, then stops it. The batches that were answered 202."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*STRACE, "-o", trace, FRONTROW, "serve", "--workspace", workspace, "--port", str(port), "--dev"]
    with (trace.parent / "server.log").open("wb") as log:
        tracer = subprocess.Popen([*command, "--workers", "2"], stdout=log, stderr=log)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"{url}/health/ready", timeout=5).close()
            break
        except OSError as error:
            if tracer.poll() is not None or time.monotonic() > until:
                raise SystemExit((trace.parent / "server.log").read_text()[-2000:]) from error
            time.sleep(0.2)
    answered: set[int] = set()

    def post(numbers: range) -> None:
        for number in numbers:
            events = [
                {"event_id": f"{number}-{n}", "type": "session_start", "profile_id": f"p{n % 17}", "at": NOW}
                for n in range(size)
            ]
            headers = {"Content-Type": "application/json", "X-Request-Id": f"b{number}"}
            body = json.dumps({"events": events}).encode()
            with urllib.request.urlopen(
                urllib.request.Request(f"{url}/v1/events", body, headers), timeout=60
            ) as answer:
                if answer.status == 202 and json.load(answer)["accepted"] == size:
                    answered.add(number)

    threads = [threading.Thread(target=post, args=(range(first, posts, 2),)) for first in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    children = Path(f"/proc/{tracer.pid}/task/{tracer.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    tracer.wait(60)
    return answered


def opened(disk: Disk, rng: random.Random | None, size: int, sent: set[int]) -> Counter[str]:
    """What a workspace holds that is opened after the power was cut."""
    with tempfile.TemporaryDirectory(prefix="frontrow-") as folder:
        disk.cut(Path(folder), rng)
        try:
            with SqliteWorkspace(Path(folder), os.urandom) as store:
                damaged = bool(store.check())
                held = [event.event_id for event in store.log.everything()]
        except FrontrowError:
            return Counter(damaged=1, lost=len(sent) * size)
    batches = Counter(int(each.partition("-")[0]) for each in set(held))
    return Counter(
        damaged=int(damaged),
        lost=sum(size - batches[number] for number in sent),
        doubled=len(held) - len(set(held)),
        torn=sum(count != size for count in batches.values()),
    )


def replay(trace: Path, before: Path, asked: argparse.Namespace, *, synced: bool, cuts: int) -> dict[str, Any]:
    """Cuts before each 202 and at `cuts` random lines. `before` is the workspace as it was when the trace began."""
    rng = random.Random(asked.seed)
    work = [call for call in calls(trace) if synced or call.name not in {"fsync", "fdatasync"}]
    disk, sent = Disk(before), set[int]()
    disk.folder = str((trace.parent / "workspace").resolve())
    found: Counter[str] = Counter()
    first = next(n for n, call in enumerate(work) if call.name == "pwrite64")
    at = Counter(rng.randrange(first, len(work)) for _ in range(cuts))
    for line, call in enumerate(work):
        reply = _REPLY.match(disk.take(call) or b"")
        if reply:
            sent.add(int(reply.group(1)))
            found += opened(disk, None, asked.size, sent)
        for _ in range(at[line]):
            found += opened(disk, rng, asked.size, sent)
    kinds = {kind: found[kind] for kind in ("lost", "doubled", "torn", "damaged")}
    return {
        "cuts_before_a_202": len(sent),
        "random_cuts": cuts,
        "syncs": disk.syncs,
        "checkpointed_pages": disk.checkpointed,
        **kinds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=400)
    parser.add_argument("--size", type=int, default=20, help="events in a batch")
    parser.add_argument("--cuts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args()
    if not can_trace():
        print("strace is missing or may not trace here: apt-get install strace", file=sys.stderr)
        sys.exit(3)
    with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
        folder = Path(name).resolve()
        workspace, before, trace = folder / "workspace", folder / "before", folder / "trace"
        subprocess.run([FRONTROW, "init", workspace], check=True, stdout=subprocess.DEVNULL)
        (workspace / "frontrow.toml").write_text('clock = "data"\n')
        SqliteWorkspace(workspace, os.urandom).close()
        shutil.copytree(workspace, before)
        answered = serve_traced(workspace, trace, asked.posts, asked.size)
        result = {"posts": asked.posts, "size": asked.size, "seed": asked.seed, "answered": len(answered)}
        result["as_it_is"] = replay(trace, before, asked, synced=True, cuts=asked.cuts)
        result["without_syncs"] = replay(trace, before, asked, synced=False, cuts=0)
    print(json.dumps(result))
    if asked.result:
        asked.result.write_text(json.dumps(result, indent=2) + "\n")
    as_it_is = result["as_it_is"]
    whole = not any(as_it_is[kind] for kind in ("lost", "doubled", "torn", "damaged"))
    seen = as_it_is["cuts_before_a_202"] == len(answered) == asked.posts
    sys.exit(0 if whole and seen and result["without_syncs"]["lost"] else 1)


if __name__ == "__main__":
    main()
