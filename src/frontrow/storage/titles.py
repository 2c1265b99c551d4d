"""The catalogue as its room reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.storage.database import Readers

CHUNK: Final = 2_000

_decode = msgspec.json.Decoder(Title).decode


SELECT_CHANGED: Final = (
    "SELECT number, title_id, record, version FROM titles WHERE version > ? ORDER BY version, number LIMIT ?"
)


def to_numbered(row: tuple[Any, ...]) -> NumberedTitle:
    """A row of number, id and record."""
    number, title_id, record = row
    return NumberedTitle(number, title_id, None if record is None else _decode(record))


def find_title(connection: sqlite3.Connection, title_id: str) -> Title | None:
    """One record by its id."""
    row = connection.execute("SELECT record FROM titles WHERE title_id = ?", (title_id,)).fetchone()
    return None if row is None or row[0] is None else _decode(row[0])


class SqliteTitles:
    """Implements `TitleStore`."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def version(self) -> int:
        with self._readers.one() as connection:
            return int(connection.execute("SELECT titles_version FROM head").fetchone()[0])

    def changed_since(self, version: int) -> tuple[int, list[NumberedTitle]]:
        with self._readers.one() as connection:
            connection.execute("BEGIN")  # both statements see the same moment
            (now,) = connection.execute("SELECT titles_version FROM head").fetchone()
            rows = connection.execute(
                "SELECT number, title_id, record FROM titles WHERE version > ? ORDER BY number", (version,)
            ).fetchall()
        return now, [to_numbered(row) for row in rows]

    def find(self, title_id: str) -> Title | None:
        with self._readers.one() as connection:
            return find_title(connection, title_id)

    def listing(self, after: int, limit: int) -> list[NumberedTitle]:
        with self._readers.one() as connection:
            rows = connection.execute(
                "SELECT number, title_id, record FROM titles WHERE number > ? AND record IS NOT NULL"
                " ORDER BY number LIMIT ?",
                (after, limit),
            ).fetchall()
        return [to_numbered(row) for row in rows]

    def everything(self) -> Iterator[Title]:
        number = -1
        while titles := self.listing(number, CHUNK):
            yield from (each.title for each in titles if each.title is not None)
            number = titles[-1].number
