"""Erasures that are begun and not finished: noted by the transaction that cuts a profile, until no place is left."""

from __future__ import annotations

import sqlite3

import msgspec

from frontrow.people.store import BegunErasure
from frontrow.storage.meta import tombstone_digest

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(BegunErasure).decode


def note_erasure(connection: sqlite3.Connection, begun: BegunErasure) -> None:
    """Keeps what is needed to go on with it, or puts what is left of it in its place."""
    record = _encode(begun).decode()
    if begun.ids:
        digest = tombstone_digest(connection, begun.ids[0])
        connection.execute("INSERT OR REPLACE INTO erasures VALUES (?, ?, ?)", (begun.number, digest, record))
    else:
        connection.execute("UPDATE erasures SET record = ? WHERE number = ?", (record, begun.number))


def begun_erasures(connection: sqlite3.Connection, profile_id: str | None) -> list[BegunErasure]:
    """Those of an id, or all, oldest first."""
    if profile_id is None:
        rows = connection.execute("SELECT record FROM erasures ORDER BY number")
    else:
        digest = tombstone_digest(connection, profile_id)
        rows = connection.execute("SELECT record FROM erasures WHERE digest = ? ORDER BY number", (digest,))
    return [_decode(record) for (record,) in rows]


def end_erasure(connection: sqlite3.Connection, number: int) -> None:
    """Nothing is left to do."""
    connection.execute("DELETE FROM erasures WHERE number = ?", (number,))
