"""Operators' objects with versions, of one kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from frontrow.experiments.design.store import Stored
from frontrow.storage.database import Readers
from frontrow.storage.writer import SqliteWriter


class SqliteControls:
    """Implements `ControlStore`."""

    def __init__(self, readers: Readers, writer: SqliteWriter, kind: str) -> None:
        self._readers, self._writer, self._kind = readers, writer, kind

    def version(self) -> int:
        with self._readers.one() as connection:
            return _newest(connection)

    def everything(self) -> dict[str, Stored]:
        with self._readers.one() as connection:
            return self._all(connection)

    def change(self, object_id: str, work: Callable[[Mapping[str, Stored]], bytes | None]) -> Stored | None:
        def unit(connection: sqlite3.Connection) -> Stored | None:
            record = work(self._all(connection))
            version = _newest(connection) + 1
            connection.execute(
                "INSERT INTO controls VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET version = excluded.version, record = excluded.record",
                (self._kind, object_id, version, record),
            )
            return None if record is None else Stored(version, record)

        return self._writer.transact(unit)

    def _all(self, connection: sqlite3.Connection) -> dict[str, Stored]:
        rows = connection.execute(
            "SELECT object_id, version, record FROM controls WHERE kind = ? AND record IS NOT NULL ORDER BY object_id",
            (self._kind,),
        )
        return {object_id: Stored(version, record) for object_id, version, record in rows}


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(version), 0) FROM controls").fetchone()[0])
