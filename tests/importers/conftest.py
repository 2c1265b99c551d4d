"""A real store for tests of imports and exports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from frontrow.core.clock import Micros, parse_time
from frontrow.events.service_clock import ServiceClock
from frontrow.importers.workspace_target import WorkspaceTarget
from frontrow.storage.workspace import SqliteWorkspace

NOW = parse_time("2026-03-20T12:00:00Z")


class Stored:
    """A database, and an import's target on it. `now` may be moved."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = SqliteWorkspace(folder, os.urandom)
        self.clock = ServiceClock("wall", self.store.log.head, lambda: Micros(self.now))
        self.target = WorkspaceTarget(self.store.writer, self.clock)

    def titles(self):
        return {title.title_id: title for title in self.store.titles.everything()}

    def profiles(self):
        return {known.profile.profile_id: known.profile for known in self.store.people.everyone()}

    def events(self):
        return {event.event_id: event for event in self.store.log.everything()}


@contextmanager
def fresh_store() -> Iterator[Stored]:
    with TemporaryDirectory() as folder:
        stored = Stored(Path(folder))
        try:
            yield stored
        finally:
            stored.store.close()


@pytest.fixture
def stored() -> Iterator[Stored]:
    with fresh_store() as opened:
        yield opened


@pytest.fixture(scope="session")
def open_fresh():
    """Opens fresh stores, for properties that need many."""
    return fresh_store
