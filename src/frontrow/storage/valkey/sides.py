"""The two sides put together: what a server that ingests, and one that reads, do with the shared state."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from frontrow.core.errors import FrontrowError, Unavailable
from frontrow.core.log import Log
from frontrow.events.service_clock import ServiceClock, effective_kind
from frontrow.features.state_settings import StateSettings
from frontrow.operate.state_findings import StateStatus
from frontrow.storage.served import SqliteServed
from frontrow.storage.state_changes import Change
from frontrow.storage.valkey.courier import Courier, Folds
from frontrow.storage.valkey.feed import ValkeyFeed
from frontrow.storage.valkey.link import Link
from frontrow.storage.valkey.publisher import Publisher, check_form
from frontrow.storage.valkey.reads import Reads
from frontrow.storage.valkey.records import ValkeyExperiments, ValkeyPeople, ValkeyTitles
from frontrow.storage.valkey.scripts import READ, STATUS
from frontrow.storage.valkey.state import ValkeyState
from frontrow.storage.workspace import SqliteWorkspace

HOUR_MS: Final = 3_600_000
READ_UNTIL: Final = "state_changes_read"
WHOSE: Final = "state_workspace"

_change = msgspec.msgpack.Decoder(tuple[int, str, list[int]]).decode
_log = Log("frontrow")


class IngestingSide:
    """What the server that ingests tells."""

    def __init__(
        self, folder: Path, store: SqliteWorkspace, settings: StateSettings, clock: Callable[[], str],
        default_consent: bool,
    ) -> None:  # fmt: skip
        self._settings, self._store = settings, store
        self._link = Link(settings.url, settings.timeout_ms / 1e3)
        self._workspace, self._lease = store.identity(), settings.lease_ms / 1e3
        self._committed = store.committed(default_consent, settings.feed_events)
        self.publisher = Publisher(folder, self._workspace, clock, self._committed, self._link, self._lease)
        self._courier: Courier | None = None

    def serve(self, folds: Folds) -> None:
        """Keeps the lease and brings what is asked for, until `close`."""
        self._courier = Courier(
            self._workspace, self.publisher, self._committed, self._store.people, folds, self._link, self._lease,
            self._settings.keep_hours * HOUR_MS, self._settings.max_keys,
        )  # fmt: skip

    def check(self) -> None:
        """Refusal where the state must not be shared by this workspace: a wrong password, another's data."""
        with suppress(Unavailable):
            self.publisher.tell()

    def status(self) -> StateStatus:
        """How the shared state stands to the log."""
        return _status(self._link, self._settings, self._committed.stand()[0], self._workspace)

    def close(self) -> None:
        """Ends the courier and closes the connections."""
        if self._courier is not None:
            self._courier.close()
        self.publisher.close()
        self._link.close()


@dataclass
class ReadingSide:
    """What a server that reads has instead of a log."""

    settings: StateSettings
    link: Link
    reads: Reads
    titles: ValkeyTitles
    people: ValkeyPeople
    experiments: ValkeyExperiments
    feed: ValkeyFeed
    states: ValkeyState
    said: str = ""

    @classmethod
    def of(cls, store: SqliteWorkspace, settings: StateSettings, token: Callable[[], str]) -> ReadingSide:
        """Nothing is asked of Valkey yet: it may be down."""
        link = Link(settings.url, settings.timeout_ms / 1e3)
        reads = Reads(
            link, settings.keep_hours * HOUR_MS, settings.wait_ms / 1e3, token, str(store.meta(WHOSE) or ""),
            lambda workspace: store.keep_meta(WHOSE, workspace),
        )  # fmt: skip
        return cls(
            settings, link, reads, ValkeyTitles(reads), ValkeyPeople(reads), ValkeyExperiments(reads),
            ValkeyFeed(reads), ValkeyState(reads),
        )  # fmt: skip

    def refresh(self, store: SqliteWorkspace, served: SqliteServed, clock: ServiceClock) -> None:
        """Takes up whose clock holds, and `take_changes`; now and then. Where Valkey cannot be asked, nothing."""
        try:
            clock.kind = effective_kind(self.reads.told().clock, None)
            self.take_changes(store, served)
        except FrontrowError as error:
            if error.message != self.said:
                _log.error("the shared state cannot be read", error=error.message, mend=error.mend)
            self.said = error.message
        else:
            self.said = ""

    def take_changes(self, store: SqliteWorkspace, served: SqliteServed) -> None:
        """Erases what this server logged and remembers of profiles that were erased, and gives a merged one's pages to
        its target; from where it last stood, which it keeps."""
        kept = store.meta(READ_UNTIL)
        after = int(kept or 0)
        if kept is not None and self.reads.told().changes == after:
            return
        told, rows = self.reads.read("changes", after)
        changes = [Change(*_change(row)) for row in rows or ()]
        if kept is not None and (not changes or changes[0].change != after + 1):
            served.prune(2**62)  # what happened between is not known any more: nothing of it may stay
            self.people.drop_all()
        for change in changes:
            self.people.drop(set(change.numbers))
            if change.kind == "erase":
                served.erase(change.numbers[0])
            elif change.kind == "merge":
                served.reassign(change.numbers[0], change.numbers[1])
        store.keep_meta(READ_UNTIL, told.changes)

    def status(self) -> StateStatus:
        """How the shared state stands."""
        return _status(self.link, self.settings, None, self.reads.known or None)

    def close(self) -> None:
        """Closes the connections."""
        self.link.close()


def _status(link: Link, settings: StateSettings, offset: int | None, workspace: str | None) -> StateStatus:
    url = urlsplit(settings.url)
    where = f"{url.scheme}://{url.hostname or ''}{f':{url.port}' if url.port else ''}{url.path}"
    status = StateStatus(where, settings.role)
    try:
        head, leased, *_ = link.run(READ, "head", "", 0)
        told = None if head is None else check_form(head)
        info, held = link.run(STATUS)
    except FrontrowError as error:
        status.problem, status.mend = error.message, error.mend
        return status
    status.leased, status.keys = bool(leased), int(held)
    facts = dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
    status.used_bytes, status.most_bytes = int(facts["used_memory"]), int(facts["maxmemory"])
    status.policy = facts["maxmemory_policy"]
    if told is not None:
        status.offset = told.offset
        status.behind = None if offset is None else offset - told.offset
        status.foreign = workspace is not None and told.workspace != workspace
    return status
