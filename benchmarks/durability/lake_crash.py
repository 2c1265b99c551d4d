"""A compaction killed at every system call that changes a file, and at random moments beside live posts: nothing of the
log is lost in the lake, nothing is doubled, nothing that was erased comes back.

    python benchmarks/durability/lake_crash.py [--points 0] [--kills 100] [--seed 1] [--result FILE]

First a workspace is made in which a compaction has all it can have to do: events to take over, erasures and merges to
carry out in files, small files to join, days to drop, files to delete. Then, for each kind of system call that makes,
writes, renames, syncs or removes a file, a compaction is killed (SIGKILL, by strace) at its first such call, at its
second, and so on until a run comes through; `--points` bounds them for each kind. A call is counted by thread. After
each kill training's view must be the log's, bit for bit, and one more compaction must bring lake and log together. The
same with an erasure: whoever the log no longer knows must then not be on disk.

Then `--kills` times a compaction is killed at a random moment, beside posts, merges and erasures; seeds repeat it.

One traced run shows that every file is synced before the commit that names it, and the commit before the end. Last,
the measure is shown to see faults: a compaction that commits the offset after the files, not with them, must double.

Ends with 3 where there is no strace or it may not trace, 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from power_cut import can_trace

from frontrow.core.clock import DAY, Micros, format_time, parse_time
from frontrow.events.erasure import Places, forget
from frontrow.events.ingest import ingest
from frontrow.events.service_clock import ServiceClock
from frontrow.events.sharing import Alone
from frontrow.storage.counts_file import CountsFile
from frontrow.storage.lake.lake import Lake
from frontrow.storage.metric_files import MetricFiles
from frontrow.storage.served import SqliteServed
from frontrow.storage.workspace import SqliteWorkspace

START = parse_time("2026-03-20T12:00:00Z")
BEFORE = Micros((START + DAY) // DAY * DAY)
KINDS = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate", "mkdir", "link", "linkat", "rename", "renameat",
    "renameat2", "unlink", "unlinkat",
)  # fmt: skip
VICTIM = """
import os, sys, time
import deltalake, polars
from pathlib import Path
from frontrow.storage.workspace import SqliteWorkspace
store = SqliteWorkspace(Path(sys.argv[1]), os.urandom)
store.lake._rows = 40
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[3:]:
    from frontrow.events.erasure import Places, forget
    from frontrow.events.sharing import Alone
    class NoExperiments:
        def forget(self, profile_ids):
            return 0
    from frontrow.events.service_clock import ServiceClock
    from frontrow.storage.counts_file import CountsFile
    from frontrow.storage.metric_files import MetricFiles
    from frontrow.storage.served import SqliteServed
    folder = Path(sys.argv[1])
    places = Places(SqliteServed(folder / "served", os.urandom, store.people.digest),
                    MetricFiles(folder / "metrics", int), store.lake,
                    CountsFile(folder / "popularity", store.log.head), NoExperiments(), Alone(), store)
    forget(sys.argv[3], store.writer, ServiceClock("wall", store.log.head, lambda: int(sys.argv[2])), places)
else:
    store.lake.compact(lambda *_: None, before=int(sys.argv[2]))
print("done", flush=True)
"""


PLANTED = """
import os
from frontrow.storage.lake.table import LakeTable
whole = LakeTable.commit
def parted(self, state, added, removed, offset, new_rows):
    between = whole(self, state, added, removed, state.offset, new_rows)
    if offset != state.offset:
        os.kill(os.getpid(), 9)
    return between
LakeTable.commit = parted
"""


class NoExperiments:
    """None names anybody."""

    def forget(self, profile_ids: Sequence[str]) -> int:
        return 0


class Service:
    """A workspace with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time = folder, START
        self.store = SqliteWorkspace(folder, os.urandom, wall=lambda: self.time)
        self.served = SqliteServed(folder / "served", os.urandom, self.store.people.digest)
        self.metrics = MetricFiles(folder / "metrics", lambda: self.store.log.head().rewrites)
        self.counts = CountsFile(folder / "popularity", self.store.log.head)
        self.clock = ServiceClock("wall", self.store.log.head, lambda: self.time)

    def post(self, first: int, count: int, session: str = "early") -> None:
        same = {"type": "stop", "fraction": 0.5, "at": format_time(self.time)}
        events = [
            same | {
                "event_id": f"e{n}", "profile_id": f"p{n % 11}", "title_id": f"t{n % 7}", "seconds": 200 + n,
                "playback_id": f"b{n // 3}", "session_id": f"secret-p{n % 11}-{session}",
            }
            for n in range(first, first + count)
        ]  # fmt: skip
        assert ingest(events, self.store.writer, self.clock).accepted == count

    def merge(self, target: str, source: str) -> None:
        from frontrow.events.erasure import merge

        merge(target, source, self.store.writer, self.served, self.metrics, self.clock)

    def forget(self, who: str, lake: Any = None) -> None:
        places = Places(
            self.served, self.metrics, lake or self.store.lake, self.counts, NoExperiments(), Alone(), self.store
        )
        forget(who, self.store.writer, self.clock, places)

    def close(self) -> None:
        self.served.close()
        self.store.close()


VICTIMS_OWN = "p7"
"""Whom a killed erasure was to erase."""


class Unreached:
    """A lake that an erasure does not reach: its process died before."""

    def erase(self, number: int) -> Any:
        from frontrow.people.store import ErasedPlace

        return ErasedPlace("lake", 0, "not reached")


def build(folder: Path) -> None:
    """A workspace in which a compaction has everything to do."""
    service = Service(folder)
    number = 0
    for day in range(3):
        service.time = Micros(START + day * DAY)
        for _ in range(9 if day == 1 else 2):
            service.post(number, 8)
            number += 8
            service.store.lake.compact(lambda *_: None)
        if day == 1:  # nine small files again after they were joined
            for _ in range(9):
                service.post(number, 8)
                number += 8
                Lake._take(service.store.lake)
    service.merge("p3", "p1")
    service.merge("p3", "p2")
    service.forget("p5", Unreached())
    service.time = Micros(service.time + 1)
    service.post(number, 100, "late")  # the erased one comes back as somebody new
    service.store.retire(BEFORE)
    service.close()


def wrong(folder: Path, finished: bool) -> list[str]:
    """What is not as it should be: of training's view, and with `finished` of the lake's own files."""
    found = []
    with SqliteWorkspace(folder, os.urandom) as store:
        laid, plain = store.lake.log.columns(), store.log.columns()
        inside = np.isin(laid.offset, plain.offset) | (laid.offset < plain.offset[0])  # days that are yet to be dropped
        kept = np.isin(laid.offset, plain.offset)
        if not inside.all() or len(np.unique(laid.offset)) != len(laid.offset):
            found.append("doubled, or back from erasure")
        if laid.offset[kept].tobytes() != plain.offset.tobytes():
            found.append("lost")
        elif any(
            getattr(laid, name)[kept].tobytes() != getattr(plain, name).tobytes() for name in ("profile", "seconds")
        ):
            found.append("torn")
        if finished:
            status = store.lake.status()
            if status is None or (status.missing, status.behind, status.pending) != (0, 0, 0):
                found.append(f"the lake does not stand where the log does: {status}")
            files = list((folder / "lake").rglob("*.parquet"))
            rest = pl.concat(
                [pl.read_parquet(path, columns=["rest", "profile"], hive_partitioning=False) for path in files]
            )
            gone = "p5|p7" if store.people.find(VICTIMS_OWN) is None else "p5"
            if rest["rest"].str.contains(f"secret-({gone})-early").any():
                found.append("an erased profile's rows are on disk")
    return found


def run(
    folder: Path, kind: str | None, at: int, trace: Path | None = None, planted: bool = False, erasing: bool = False
) -> bool:
    """One compaction or erasure, killed at the `at`-th call of a kind in a thread, or traced; whether it ended well."""
    victim = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (PLANTED if planted else "") + VICTIM,
            str(folder),
            str(BEFORE),
            *[VICTIMS_OWN] * erasing,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdin
    assert victim.stdout
    assert victim.stdout.readline() == "ready\n"
    what = (["-e", f"trace={','.join(KINDS)}", "-y", "-o", str(trace)] if trace else
            ["-e", f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={at}", "-o", os.devnull])  # fmt: skip
    tracer = subprocess.Popen(["strace", "-f", "-p", str(victim.pid), *what], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr
    while "attached" not in tracer.stderr.readline():
        if tracer.poll() is not None:
            victim.kill()
            raise SystemExit("strace did not attach")
    victim.stdin.write("go\n")
    victim.stdin.flush()
    done = victim.stdout.read() == "done\n"
    victim.wait()
    tracer.communicate()
    return done and victim.returncode == 0


def every_point(base: Path, most: int, found: Counter[str], problems: list[str], erasing: bool) -> None:
    """Kills at each call of each kind."""
    for kind in KINDS:
        at = 0
        while not most or at < most:
            at += 1
            with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
                folder = Path(name) / "w"
                shutil.copytree(base, folder)
                if run(folder, kind, at, erasing=erasing):
                    break
                found[kind] += 1
                after = wrong(folder, finished=False)
                with SqliteWorkspace(folder, os.urandom) as store:
                    store.lake.compact(lambda *_: None, before=BEFORE)
                after += wrong(folder, finished=True)
                problems += [f"{'erasure' if erasing else 'compaction'}, {kind} {at}: {each}" for each in after]


def planted_fault(base: Path) -> list[str]:
    """What is seen of a compaction that is killed between committing files and committing the offset."""
    with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
        folder = Path(name) / "w"
        shutil.copytree(base, folder)
        assert not run(folder, "fsync", 60_000, planted=True)
        seen = wrong(folder, finished=False)
        with SqliteWorkspace(folder, os.urandom) as store:
            store.lake.compact(lambda *_: None, before=BEFORE)
        return seen + wrong(folder, finished=True)


def random_kills(kills: int, seed: int, problems: list[str]) -> dict[str, int]:
    """Kills at random moments of compactions beside posts, merges and erasures."""
    rng, told = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
        service = Service(Path(name) / "w")
        number = 0
        for kill in range(kills):
            service.time = Micros(service.time + rng.choice([0, 3_600_000_000]))
            victim = subprocess.Popen(
                [sys.executable, "-c", VICTIM, str(service.folder), "0"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert victim.stdin
            assert victim.stdout
            victim.stdout.readline()
            victim.stdin.write("go\n")
            victim.stdin.flush()
            until = time.monotonic() + rng.uniform(0, 0.25)
            while time.monotonic() < until:
                service.post(number, 20)
                number += 20
            victim.kill()
            told["finished before the kill" if victim.stdout.read() else "killed"] += 1
            victim.wait()
            if rng.random() < 0.3:
                source, target = rng.sample(range(11), 2)
                service.merge(f"p{target}", f"p{source}")
                told["merges"] += 1
                service.post(number, 11)  # whoever is gone begins anew
                number += 11
            if rng.random() < 0.2:
                who = f"p{rng.randrange(11)}"
                service.forget(who, None if rng.random() < 0.5 else Unreached())
                told["erasures"] += 1
                service.time = Micros(service.time + 1)
                service.post(number, 11)
                number += 11
            problems += [f"kill {kill} of seed {seed}: {each}" for each in wrong_beside(service)]
        service.store.lake.compact(lambda *_: None)
        problems += [f"after kills of seed {seed}: {each}" for each in wrong_beside(service, finished=True)]
        told["events"] = service.store.log.count()
        service.close()
    return dict(told)


def wrong_beside(service: Service, finished: bool = False) -> list[str]:
    """`wrong` for a workspace that is open here."""
    laid, plain = service.store.lake.log.columns(), service.store.log.columns()
    same = all(
        getattr(laid, name).tobytes() == getattr(plain, name).tobytes() for name in ("offset", "profile", "seconds")
    )
    found = [] if same else ["lake and log are not the log"]
    status = service.store.lake.status()
    if status is not None and (status.missing or (finished and (status.behind or status.pending))):
        found.append(f"the lake does not stand where the log does: {status}")
    return found


def order_of_syncs(base: Path) -> dict[str, int]:
    """Of one whole run: commits, files that they name, and those that were not synced before."""
    with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
        folder, trace = Path(name) / "w", Path(name) / "trace"
        shutil.copytree(base, folder)
        already = set(map(str, (folder / "lake").rglob("*.parquet")))
        assert run(folder, None, 0, trace)
        synced, told = set[str](), Counter[str]()
        for line in trace.read_text().splitlines():
            sync = re.search(r"(?:fsync|fdatasync)\(\d+<([^>]*)>", line)
            if sync:
                synced.add(sync[1])
            commit = re.search(r'(?:link|linkat|rename|renameat|renameat2)\(.*"([^"]*_delta_log/(\d{20})\.json)"', line)
            if commit and Path(commit[1]).exists():
                told["commits"] += 1
                for action in Path(commit[1]).read_text().splitlines():
                    path = json.loads(action).get("add", {}).get("path")
                    if path and str(folder / "lake" / path) not in already:
                        told["files named"] += 1
                        told["not synced before"] += str(folder / "lake" / path) not in synced
        commits = {str(path) for path in (folder / "lake" / "_delta_log").glob("*.json")}
        before = {
            str(folder / "lake" / "_delta_log" / path.name) for path in (base / "lake" / "_delta_log").glob("*.json")
        }
        ours = [path for path in commits - before if '"txn"' in Path(path).read_text()]
        told["commits not synced at the end"] = sum(path not in synced for path in ours)
    return {"commits": 0, "files named": 0, "not synced before": 0} | dict(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=0, help="kills for each kind of call at most; 0: all")
    parser.add_argument("--kills", type=int, default=100, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args()
    if not can_trace():
        print("strace is missing or may not trace here: apt-get install strace", file=sys.stderr)
        sys.exit(3)
    problems: list[str] = []
    points: Counter[str] = Counter()
    erasures: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="frontrow-") as name:
        base = Path(name).resolve() / "w"
        build(base)
        every_point(base, asked.points, points, problems, erasing=False)
        every_point(base, asked.points, erasures, problems, erasing=True)
        syncs = order_of_syncs(base)
        seen = planted_fault(base)
    result = {
        "seed": asked.seed, "killed_at_calls": dict(points), "kills_at_calls": points.total(),
        "erasure_killed_at_calls": dict(erasures),
        "random": random_kills(asked.kills, asked.seed, problems), "syncs": syncs, "wrong": problems,
        "planted_fault": seen,
    }  # fmt: skip
    print(json.dumps(result, indent=1))
    if asked.result:
        asked.result.write_text(json.dumps(result, indent=2) + "\n")
    unsynced = syncs["not synced before"] + syncs["commits not synced at the end"]
    sys.exit(0 if not problems and not unsynced and syncs["commits"] and seen else 1)


if __name__ == "__main__":
    main()
