"""A workspace with a wall clock that tests set."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from frontrow.core.clock import Micros, parse_time
from frontrow.events.answer import IngestAnswer
from frontrow.events.erasure import Places, forget, merge
from frontrow.events.event import Event
from frontrow.events.ingest import ingest
from frontrow.events.service_clock import ClockKind, ServiceClock
from frontrow.events.sharing import Alone
from frontrow.people.store import Receipt
from frontrow.storage.counts_file import CountsFile
from frontrow.storage.metric_files import MetricFiles
from frontrow.storage.served import SqliteServed
from frontrow.storage.workspace import SqliteWorkspace

NOW = parse_time("2026-03-20T12:00:00Z")


class NoExperiments:
    """None names anybody."""

    def forget(self, profile_ids: Sequence[str]) -> int:
        return 0


class World:
    def __init__(self, folder: Path, kind: ClockKind = "wall", default_consent: bool = True) -> None:
        self.folder = folder
        self.time = NOW
        self.default_consent = default_consent
        self.store = SqliteWorkspace(folder, os.urandom, default_consent)
        self.served = SqliteServed(folder / "served", os.urandom, self.store.people.digest)
        self.metrics = MetricFiles(folder / "metrics", lambda: self.store.log.head().rewrites)
        self.counts = CountsFile(folder / "popularity", self.store.log.head)
        self.clock = ServiceClock(kind, self.store.log.head, lambda: self.time)

    def post(self, *events: object) -> IngestAnswer:
        return ingest(events, self.store.writer, self.clock, self.default_consent)

    def forget(self, profile_id: str) -> Receipt:
        store = self.store
        places = Places(self.served, self.metrics, store.lake, self.counts, NoExperiments(), Alone(), store)
        return forget(profile_id, store.writer, self.clock, places)

    def merge(self, target_id: str, source_id: str) -> int:
        return merge(target_id, source_id, self.store.writer, self.served, self.metrics, self.clock)

    def number(self, profile_id: str) -> int:
        known = self.store.people.find(profile_id)
        assert known is not None
        return known.number

    def events(self, profile_id: str) -> list[Event]:
        return self.store.log.full_of_profile(self.number(profile_id))

    def ids(self, profile_id: str) -> list[str]:
        return [event.event_id for event in self.events(profile_id)]

    def bytes_on_disk(self) -> bytes:
        return b"\0".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())

    def now(self) -> Micros:
        return self.clock()

    def close(self) -> None:
        self.served.close()
        self.store.close()


def event(event_id: str = "e1", profile_id: str = "p1", **fields: object) -> dict[str, object]:
    """A select of title t1, or what `fields` make of it."""
    base = {"type": "select", "title_id": "t1", "at": "2026-03-18T20:00:00Z"}
    return {"event_id": event_id, "profile_id": profile_id, **base, **fields}
