"""The log of what was served: one SQLite file per writing process, so that no page waits for another process."""

from __future__ import annotations

import base64
import errno
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from frontrow.core.errors import FrontrowError, Unavailable
from frontrow.core.lock import FileLock
from frontrow.people.store import Stranger
from frontrow.storage.database import storage_error
from frontrow.storage.served_file import has_table, open_other, open_own

PRUNE_ROWS: Final = 200
"""Rows deleted in one transaction, so that the process that owns the file hardly waits: some 10 ms of large pages."""

_ORPHANS: Final = (
    "DELETE FROM inputs WHERE page_id NOT IN (SELECT page_id FROM served)",
    "DELETE FROM strangers WHERE page_id NOT IN (SELECT page_id FROM served)",
)
_ID = re.compile(r"[a-z]+(\d{1,4})-[a-z2-7]{26}")


class Served(NamedTuple):
    """One page or list as it was served. `profile` is a profile number, None for nobody known; `created_at` wall time
    in microseconds UTC; `stranger` who asked for it, if nobody knew that id."""

    page_id: str
    profile: int | None
    created_at: int
    body: bytes
    stranger: Stranger | None = None


class SqliteServed:
    """Pages by id, in `folder`/N.db. A process claims the first free N when it first writes and keeps it until
    it closes or dies; ids tell their N. `entropy(n)` gives n unguessable bytes, `digest` what is kept of
    an id that nobody has (people.store.Stranger). Any thread may call."""

    def __init__(self, folder: Path, entropy: Callable[[int], bytes], digest: Callable[[str], bytes]) -> None:
        self._folder = folder
        self._entropy = entropy
        self._digest = digest
        self._own: tuple[int, FileLock, sqlite3.Connection] | None = None
        self._others: dict[int, sqlite3.Connection] = {}
        self._lock = threading.RLock()

    def new_id(self, prefix: str) -> str:
        """An unguessable id such as `p0-` and 26 characters; `prefix` is one or more of a to z.

        Without a number where no file can be opened now, as on a full disk: what is served then is not kept.
        """
        slot: int | str = ""
        with suppress(FrontrowError):
            slot, _ = self._slot()
        return f"{prefix}{slot}-{base64.b32encode(self._entropy(16)).decode().rstrip('=').lower()}"

    def put(
        self, page_id: str, profile: int | None, created_at: int, body: bytes, stranger: Stranger | None = None
    ) -> None:
        """Keeps one page in this process's file, seen at once by all; the same id again replaces it."""
        _, connection = self._slot()
        with self._lock, _mended(self._folder):
            connection.execute(
                "INSERT OR REPLACE INTO served VALUES (?, ?, ?, ?)", (page_id, profile, created_at, body)
            )
            if stranger is not None:
                connection.execute("INSERT OR REPLACE INTO strangers VALUES (?, ?, ?)", (page_id, *stranger))

    def amend(self, page_id: str, before: bytes, body: bytes) -> bool:
        """Replaces a page's body, if it is still `before`. A file of another process is written to for that moment."""
        match = _ID.fullmatch(page_id)
        if match is None:
            return False
        change = "UPDATE served SET body = ? WHERE page_id = ? AND body = ?"
        slot = int(match[1])
        with self._lock, _mended(self._folder):
            if self._own is not None and self._own[0] == slot:
                return self._own[2].execute(change, (body, page_id, before)).rowcount == 1
            connection = open_other(self._folder / f"{slot}.db", writing=True)
            if connection is None:
                return False
            try:
                return connection.execute(change, (body, page_id, before)).rowcount == 1
            finally:
                connection.close()

    def put_inputs(self, page_id: str, profile: int | None, created_at: int, body: bytes) -> None:
        """Keeps what a page was made of beside it."""
        _, connection = self._slot()
        with self._lock, _mended(self._folder):
            connection.execute(
                "INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?)", (page_id, profile, created_at, body)
            )

    def sampled(self, most: int) -> list[tuple[bytes, bytes]]:
        """Bodies of the latest pages whose inputs are kept, and of those inputs: at most `most` of each file."""
        found: list[tuple[int, bytes, bytes]] = []
        with self._lock, _mended(self._folder):
            for slot in self._slots():
                connection = self._reading(slot)
                if connection is not None and has_table(connection, "inputs"):
                    found += connection.execute(
                        "SELECT s.created_at, s.body, i.body FROM inputs i JOIN served s USING (page_id)"
                        " ORDER BY i.created_at DESC LIMIT ?",
                        (most,),
                    )
        found.sort(key=lambda each: -each[0])
        return [(page, inputs) for _, page, inputs in found[:most]]

    def get(self, page_id: str) -> Served | None:
        """One page from whichever process served it."""
        match = _ID.fullmatch(page_id)
        if match is None:
            return None
        with self._lock, _mended(self._folder):
            connection = self._reading(int(match[1]))
            if connection is None:
                return None
            row = connection.execute("SELECT * FROM served WHERE page_id = ?", (page_id,)).fetchone()
            if row is None:
                return None
            stranger = None
            if row[1] is None and has_table(connection, "strangers"):
                stranger = connection.execute(
                    "SELECT digest, newest FROM strangers WHERE page_id = ?", (page_id,)
                ).fetchone()
        found = Served(*row)
        return found if stranger is None else found._replace(stranger=Stranger(*stranger))

    def of_profile(self, number: int) -> list[Served]:
        """All pages of a profile, oldest first."""
        found: list[Served] = []
        with self._lock, _mended(self._folder):
            for slot in self._slots():
                if (connection := self._reading(slot)) is not None:
                    rows = connection.execute("SELECT * FROM served WHERE profile = ?", (number,))
                    found += [Served(*row) for row in rows]
        return sorted(found, key=lambda page: (page.created_at, page.page_id))

    def since(self, created_at: int) -> Iterator[Served]:
        """All pages created at or after a wall time, file by file, each in order of time."""
        for slot in self._slots():
            with _mended(self._folder):
                connection = open_other(self._folder / f"{slot}.db", writing=False)
                if connection is None:
                    continue
                try:
                    rows = connection.execute(
                        "SELECT * FROM served WHERE created_at >= ? ORDER BY created_at", (int(created_at),)
                    )
                    yield from (Served(*row) for row in rows)
                finally:
                    connection.close()

    def newest(self, count: int) -> list[Served]:
        """The `count` newest pages of each file."""
        found: list[Served] = []
        with self._lock, _mended(self._folder):
            for slot in self._slots():
                if (connection := self._reading(slot)) is not None:
                    rows = connection.execute("SELECT * FROM served ORDER BY created_at DESC LIMIT ?", (int(count),))
                    found += [Served(*row) for row in rows]
        return found

    def reassign(self, source: int, target: int, source_id: str | None = None) -> int:
        """Gives a merged profile's pages to another, those that were asked for under its id before anybody had it too
        (where that id is known); how many."""
        moved, digest = 0, b"" if source_id is None else self._digest(source_id)
        for connection in self._every_file():
            moved += connection.execute(
                "UPDATE served SET profile = ? WHERE page_id IN (SELECT page_id FROM strangers WHERE digest = ?)",
                (target, digest),
            ).rowcount
            connection.execute("DELETE FROM strangers WHERE digest = ?", (digest,))
            moved += connection.execute("UPDATE served SET profile = ? WHERE profile = ?", (target, source)).rowcount
            connection.execute("UPDATE inputs SET profile = ? WHERE profile = ?", (target, source))
        return moved

    def erase(self, number: int, profile_ids: Sequence[str] = ()) -> int:
        """Deletes a profile's pages from all files and from their write-ahead logs; how many.

        A page asked for under an id before that id was a profile has no number. Those go by `profile_ids`.
        """
        digests = [self._digest(profile_id) for profile_id in profile_ids]
        gone = 0
        for connection in self._every_file():
            gone += connection.execute("DELETE FROM served WHERE profile = ?", (number,)).rowcount
            for digest in digests:
                gone += connection.execute(
                    "DELETE FROM served WHERE page_id IN (SELECT page_id FROM strangers WHERE digest = ?)", (digest,)
                ).rowcount
            connection.execute("DELETE FROM inputs WHERE profile = ?", (number,))
            _drop_orphans(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # waits for readers, within the busy timeout
        return gone

    def prune(self, before: int, most: int = 2**62) -> int:
        """Deletes pages created before a wall time, at most so many; how many. As many as `most`: there may be more."""
        gone = 0
        for connection in self._every_file():
            while gone < most:
                some = min(PRUNE_ROWS, most - gone)
                deleted = connection.execute(
                    "DELETE FROM served WHERE rowid IN (SELECT rowid FROM served WHERE created_at < ? LIMIT ?)",
                    (before, some),
                ).rowcount
                gone += deleted
                if deleted < some:
                    _drop_orphans(connection)
                    break
        return gone

    def close(self) -> None:
        """Gives the slot back."""
        with self._lock:
            for connection in self._others.values():
                connection.close()
            self._others.clear()
            if self._own is not None:
                _, lock, connection = self._own
                connection.close()
                lock.close()
                self._own = None

    def _slot(self) -> tuple[int, sqlite3.Connection]:
        own = self._own
        if own is None:
            with self._lock:
                own = self._own = self._own or self._claim()
        return own[0], own[2]

    def _claim(self) -> tuple[int, FileLock, sqlite3.Connection]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for slot in range(10_000):
                lock = FileLock(self._folder / f"{slot}.lock")
                if lock.try_acquire():
                    try:
                        return slot, lock, open_own(self._folder / f"{slot}.db")
                    except FrontrowError:
                        lock.close()  # or each page that finds the disk full would use up a slot
                        raise
                lock.close()
        except OSError as error:
            brief = "disk full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
            raise Unavailable(
                f"{self._folder} cannot be written: {error.strerror}", "Check the disk.", brief
            ) from error
        raise FrontrowError(f"All slots of {self._folder} are taken")

    def _slots(self) -> list[int]:
        return sorted(int(path.stem) for path in self._folder.glob("*.db") if path.stem.isdecimal())

    def _reading(self, slot: int) -> sqlite3.Connection | None:
        if self._own is not None and self._own[0] == slot:
            return self._own[2]
        if slot not in self._others:
            connection = open_other(self._folder / f"{slot}.db", writing=False)
            if connection is None:
                return None
            self._others[slot] = connection
        return self._others[slot]

    def _every_file(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own to each file, so that pages are put and read meanwhile."""
        for slot in self._slots():
            with _mended(self._folder):
                connection = open_other(self._folder / f"{slot}.db", writing=True)
                if connection is None:
                    continue
                try:
                    yield connection
                finally:
                    connection.close()


def _drop_orphans(connection: sqlite3.Connection) -> None:
    for statement in _ORPHANS:
        connection.execute(statement)


@contextmanager
def _mended(folder: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise storage_error(error, folder) from error
