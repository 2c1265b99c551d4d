"""The event log as the rooms read it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from frontrow.core.clock import Micros
from frontrow.events.event import Event
from frontrow.events.log import EventColumns, Head, NewEvent, ProfileEvent
from frontrow.storage.database import Readers
from frontrow.storage.event_columns import columns_of_profiles, read_columns
from frontrow.storage.event_rows import (
    SELECT_FOLD,
    SELECT_IN_ORDER,
    SELECT_NEW,
    SELECT_TODAY,
    from_row,
    to_fold,
    to_new,
)
from frontrow.storage.recounts import NEWEST, recounts_after

CHUNK: Final = 5_000
PART: Final = 250_000
"""Events of a part: some 50 MB while it is read."""
_HAS_MORE: Final = "SELECT 1 FROM events WHERE profile = ? AND offset > ? LIMIT 1 OFFSET ?"
_HEAD: Final = f"SELECT offset, newest_at, newest_seen, rewrites, ({NEWEST}) FROM head"  # noqa: S608 - our own text


def read_head(connection: sqlite3.Connection) -> Head:
    """Where the log stands."""
    offset, newest_at, newest_seen, rewrites, recounts = connection.execute(_HEAD).fetchone()
    return Head(offset, None if newest_at is None else Micros(newest_at), Micros(newest_seen), rewrites, recounts)


class SqliteEventLog:
    """Implements `EventLog`. `default_consent` is what holds for profiles that state none (EventColumns.learn)."""

    def __init__(self, readers: Readers, default_consent: bool = True) -> None:
        self._readers = readers
        self._default_consent = default_consent

    def head(self) -> Head:
        with self._readers.one() as connection:
            return read_head(connection)

    def of_profile(self, number: int, after: int = 0, most: int | None = None) -> list[ProfileEvent]:
        limit = -1 if most is None else most
        with self._readers.one() as connection:
            return [to_fold(row) for row in connection.execute(SELECT_FOLD, (int(number), int(after), limit))]

    def in_order(self, number: int, after: int = 0) -> Iterator[ProfileEvent]:
        """A profile's events with an offset above `after`, in order of (at, offset), one after another as they are
        taken."""
        with self._readers.one() as connection:
            for row in connection.execute(SELECT_IN_ORDER, (int(number), int(after))):
                yield to_fold(row)

    def has_more(self, number: int, after: int, than: int) -> bool:
        """Whether a profile has more events than that with an offset above `after`."""
        with self._readers.one() as connection:
            return connection.execute(_HAS_MORE, (int(number), int(after), than)).fetchone() is not None

    def full_of_profile(self, number: int) -> list[Event]:
        with self._readers.one() as connection:
            rows = connection.execute(f"{SELECT_TODAY} WHERE e.profile = ? ORDER BY e.at, e.offset", (int(number),))
            return [from_row(row) for row in rows]

    def few(self, after: int, most: int) -> list[NewEvent] | None:
        with self._readers.one() as connection:
            rows = connection.execute(SELECT_NEW, (self._default_consent, int(after), most + 1)).fetchall()
        return None if len(rows) > most else [to_new(row) for row in rows]

    def columns(self, after: int = 0, until: int | None = None) -> EventColumns:
        with self._readers.one() as connection:
            return read_columns(connection, after, until, self._default_consent)

    def recounts(self, after: int) -> list[int] | None:
        with self._readers.one() as connection:
            return recounts_after(connection, after)

    def of_profiles(self, numbers: Sequence[int], until: int) -> EventColumns:
        with self._readers.one() as connection:
            return columns_of_profiles(connection, numbers, until, self._default_consent)

    def parts(self, after: int = 0) -> Iterator[EventColumns]:
        offset = after
        while True:
            with self._readers.one() as connection:
                columns = read_columns(connection, offset, None, self._default_consent, PART)
            if not len(columns):
                return
            yield columns
            offset = int(columns.offset[-1])

    def everything(self) -> Iterator[Event]:
        offset = 0
        while True:
            with self._readers.one() as connection:
                rows = connection.execute(
                    f"{SELECT_TODAY} WHERE e.offset > ? ORDER BY e.offset LIMIT {CHUNK}", (offset,)
                ).fetchall()
            if not rows:
                return
            yield from map(from_row, rows)
            offset = rows[-1][14]

    def latest(self, most: int) -> list[Event]:
        with self._readers.one() as connection:
            rows = connection.execute(f"{SELECT_TODAY} ORDER BY e.at DESC, e.offset LIMIT ?", (most,))
            return [from_row(row) for row in rows]

    def count(self) -> int:
        with self._readers.one() as connection:
            return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])
