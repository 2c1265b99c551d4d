"""All that is kept in a workspace's database, opened together."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from frontrow.core.clock import Clock, Micros, wall_clock
from frontrow.core.errors import FrontrowError
from frontrow.core.lock import TurnLock
from frontrow.people.store import ErasedPlace
from frontrow.storage.controls import SqliteControls
from frontrow.storage.database import Readers, prepare
from frontrow.storage.embedded_state import EmbeddedState
from frontrow.storage.event_log import SqliteEventLog
from frontrow.storage.keys import SqliteKeys
from frontrow.storage.lake.lake import Lake
from frontrow.storage.meta import SECRET_BYTES, read_meta, write_meta
from frontrow.storage.metric_events import SqliteMetricEvents
from frontrow.storage.people import SqlitePeople
from frontrow.storage.retention import retire
from frontrow.storage.signals import SqliteSignals
from frontrow.storage.titles import SqliteTitles
from frontrow.storage.valkey.committed import Committed
from frontrow.storage.writer import SqliteWriter

DATABASE: Final = "frontrow.db"
LAKE_FOLDER: Final = "lake"
CHECKPOINT_TRIES: Final = 100
CHECKPOINT_WAIT_MS: Final = 200
CHECKPOINT_PAUSE: Final = 0.05


class SqliteWorkspace:
    """The database of one workspace: `writer`, `log`, `signals`, `states`, `people`, `titles`, `experiments`, `looks`,
    `metric_events`, `keys`; and its `lake`. Threads and processes may share it. `wall` stamps what the lake removes.

    `entropy(n)` gives n unguessable bytes (os.urandom). Raises FrontrowError for another format, a damaged file or a
    folder that cannot be written.
    """

    def __init__(
        self, folder: Path, entropy: Callable[[int], bytes], default_consent: bool = True, wall: Clock = wall_clock
    ) -> None:
        self.path = folder / DATABASE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = TurnLock(folder / "write.lock")
        except OSError as error:
            raise FrontrowError(f"{folder} cannot be written: {error.strerror}", "Check its permissions.") from error
        try:
            with lock:
                prepare(self.path)
            self.writer = SqliteWriter(self.path, lock)
        except BaseException:
            lock.close()
            raise
        self._lock, self._entropy = lock, entropy
        self.clear_tries = CHECKPOINT_TRIES
        self._readers = Readers(self.path)
        self.log = SqliteEventLog(self._readers, default_consent)
        self.signals = SqliteSignals(self._readers, default_consent)
        self.states = EmbeddedState(self.log, self.signals)
        self.people = SqlitePeople(self._readers)
        self.titles = SqliteTitles(self._readers)
        self.experiments = SqliteControls(self._readers, self.writer, "experiments")
        self.looks = SqliteControls(self._readers, self.writer, "looks")
        self.metric_events = SqliteMetricEvents(self._readers)
        self.keys = SqliteKeys(self._readers, self.writer, entropy)
        self.lake = Lake(folder / LAKE_FOLDER, self._readers, self.writer, wall, default_consent)
        with self._readers.one() as connection:
            secret = read_meta(connection, "secret")
        if secret is None:
            self.writer.transact(lambda connection: _keep_secret(connection, entropy))

    def identity(self) -> str:
        """What this workspace is known by where others might be taken for it; says nothing of its secret."""
        return hashlib.sha256(b"identity" + self.meta("secret")).hexdigest()[:32]

    def committed(self, default_consent: bool, feed: int) -> Committed:
        """What of this database other servers are told."""
        return Committed(self._readers, self.experiments, default_consent, feed, lambda: self._entropy(8).hex())

    def meta(self, key: str) -> Any:
        """A small fact that is kept, or None."""
        with self._readers.one() as connection:
            return read_meta(connection, key)

    def keep_meta(self, key: str, value: str | int) -> None:
        """Keeps a small fact."""
        self.writer.transact(lambda connection: write_meta(connection, key, value))

    def kept_clock(self) -> str | None:
        """The clock that an import switched this workspace to, or None."""
        kept = self.meta("clock")
        return None if kept is None else str(kept)

    def keep_clock(self, kind: str) -> None:
        """Keeps the clock for all that open this workspace from now on."""
        self.keep_meta("clock", kind)

    def clear(self) -> ErasedPlace:
        """Implements `Residue`: empties the write-ahead log, where deleted rows live on, waiting for readers."""
        for _ in range(self.clear_tries):
            if self.writer.checkpoint(CHECKPOINT_WAIT_MS):
                return ErasedPlace("write-ahead log", 0, "emptied; deleted rows are zeros in the database")
            time.sleep(CHECKPOINT_PAUSE)  # lets waiting writers through
        return ErasedPlace("write-ahead log", 0, "NOT emptied: a reader holds it; it empties when the reader ends")

    def retire(self, before: Micros, everything: bool = False) -> int:
        """Deletes events that arrived before a moment from the log; how many. See `storage.retention`."""
        return retire(self._readers, self.writer, before, everything)

    def unfinished(self) -> tuple[int, int]:
        """How many erasures and how many merges failed on their way and are not finished."""
        with self._readers.one() as connection:
            erasures, merges = connection.execute(
                "SELECT (SELECT count(*) FROM erasures), (SELECT count(*) FROM merges)"
            ).fetchone()
        return erasures, merges

    def check(self) -> list[str]:
        """What SQLite finds wrong with the file; nothing, if it is sound. Reads all of it."""
        with self._readers.one() as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def close(self) -> None:
        """Waits for the unit that runs and closes all connections."""
        self.writer.close()
        self._readers.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _keep_secret(connection: sqlite3.Connection, entropy: Callable[[int], bytes]) -> None:
    if read_meta(connection, "secret") is None:
        write_meta(connection, "secret", entropy(SECRET_BYTES))
