"""Merges whose pages are still to follow: noted by the transaction that moves the events, until they have."""

from __future__ import annotations

import sqlite3

from frontrow.people.store import BegunMerge
from frontrow.storage.meta import tombstone_digest


def note_begun(connection: sqlite3.Connection, source: int, source_id: str, target: int) -> None:
    """Keeps what is needed to go on with it. What was still to follow to the source follows on to the target."""
    connection.execute("UPDATE merges SET target = ? WHERE target = ?", (target, source))
    digest = tombstone_digest(connection, source_id)
    connection.execute("INSERT OR REPLACE INTO merges VALUES (?, ?, ?)", (source, target, digest))


def begun_merges(connection: sqlite3.Connection, source_id: str | None) -> list[BegunMerge]:
    """Those of a merged profile's id, or all, oldest first."""
    rows = connection.execute("SELECT source, target, digest FROM merges ORDER BY source")
    found = [BegunMerge(*row) for row in rows]
    if source_id is None or not found:
        return found
    digest = tombstone_digest(connection, source_id)
    return [each for each in found if each.digest == digest]


def end_merge(connection: sqlite3.Connection, source: int) -> None:
    """Nothing is left to do."""
    connection.execute("DELETE FROM merges WHERE source = ?", (source,))
