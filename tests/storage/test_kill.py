"""A process that is killed (SIGKILL) at any moment loses no acknowledged batch and tears none; two processes that write
at once lose nothing and never find the database locked.

A kill does not test the disk: what the kernel holds survives it. `test_every_commit_is_synced` looks at the pragmas.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from frontrow.storage.workspace import SqliteWorkspace

HAMMER = Path(__file__).with_name("hammer.py")
KILLS = int(os.environ.get("FRONTROW_KILLS", "10"))
SIZE = 50


def hammer(folder: Path, name: str, batches: int, size: int = SIZE) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HAMMER), str(folder), name, str(batches), str(size)]
    # Unbuffered: what readline took beyond its line would be missing from what communicate gives.
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)


def held_by_batch(folder: Path) -> Counter[str]:
    with SqliteWorkspace(folder, os.urandom) as store:
        assert store.check() == []
        ids = [event.event_id for event in store.log.everything()]
        assert len(set(ids)) == len(ids) == store.log.count()
        assert store.log.head().offset >= len(ids)
    return Counter(event_id.rsplit("-", 1)[0] for event_id in ids)


def test_kill_9_loses_and_tears_nothing(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)
    acknowledged: dict[str, int] = {}
    for kill in range(KILLS):
        process = hammer(tmp_path, f"k{kill}", 100_000)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.15))
        process.kill()
        output, _ = process.communicate()
        for line in output.decode().splitlines():
            if len(words := line.split()) == 2:
                acknowledged[f"k{kill}-{words[0]}"] = int(words[1])
    held = held_by_batch(tmp_path)
    assert acknowledged, f"nothing was killed at work (seed {seed})"
    assert {name: held[name] for name in acknowledged} == acknowledged, f"seed {seed}"
    assert set(held.values()) <= {SIZE}, f"a batch is all there or not at all (seed {seed})"
    assert len(held) <= len(acknowledged) + KILLS


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    both = [hammer(tmp_path, name, 40) for name in ("a", "b")]
    same = [hammer(tmp_path, "same", 40) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in both + same]
    assert [process.returncode for process in both + same] == [0] * 4, [errors for _, errors in outputs]
    held = held_by_batch(tmp_path)
    assert held == {f"{name}-{batch}": SIZE for name in ("a", "b", "same") for batch in range(40)}
    accepted = sum(int(line.split()[1]) for output, _ in outputs for line in output.splitlines()[1:])
    assert accepted == 3 * 40 * SIZE
    with SqliteWorkspace(tmp_path, os.urandom) as store:
        assert store.people.count() == 37
        assert store.log.head().offset == accepted
        assert [title.number for title in store.titles.changed_since(0)[1]] == list(range(11))


@pytest.mark.parametrize("journal", ["journal_mode", "synchronous", "secure_delete"])
def test_every_commit_is_synced(store: SqliteWorkspace, journal: str) -> None:
    found = store.writer.transact(lambda connection: connection.execute(f"PRAGMA {journal}").fetchone()[0])
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}[journal]
