"""A process that posts batches as fast as it can and prints what was acknowledged: FOLDER NAME BATCHES SIZE."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from frontrow.core.clock import wall_clock
from frontrow.events.ingest import ingest
from frontrow.events.service_clock import ServiceClock
from frontrow.storage.workspace import SqliteWorkspace

SELECT = {"type": "select", "at": "2026-03-18T20:00:00Z"}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(folder: str, name: str, batches: int, size: int) -> None:
    store = SqliteWorkspace(Path(folder), os.urandom)
    clock = ServiceClock("data", store.log.head, wall_clock)
    say("ready")
    for batch in range(batches):
        events = [
            {"event_id": f"{name}-{batch}-{i}", "profile_id": f"p{i % 37}", "title_id": f"t{i % 11}", **SELECT}
            for i in range(size)
        ]  # fmt: skip
        answer = ingest(events, store.writer, clock)
        assert answer.accepted + answer.duplicates == size, answer
        say(f"{batch} {answer.accepted}")
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
