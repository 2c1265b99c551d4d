"""Small facts about a workspace: its secret, and what is hashed with it; the clock it keeps."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Any

SECRET_BYTES = 32


def read_meta(connection: sqlite3.Connection, key: str) -> Any:
    """The value of a key, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def write_meta(connection: sqlite3.Connection, key: str, value: str | bytes | int) -> None:
    """Sets the value of a key."""
    connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))


def event_marks(connection: sqlite3.Connection, event_ids: Sequence[str]) -> list[int]:
    """63 bits of each id, keyed with the workspace's secret: what is kept of an event that grew old. Where a hundred
    million are kept, one in 10¹¹ others is taken for one of them."""
    secret: bytes = read_meta(connection, "secret")
    digests = (
        hashlib.blake2b(each.encode(), digest_size=8, key=secret, person=b"event").digest() for each in event_ids
    )
    return [int.from_bytes(digest, "big") >> 1 for digest in digests]


def read_secret(connection: sqlite3.Connection) -> bytes:
    """The workspace's secret."""
    secret: bytes = read_meta(connection, "secret")
    return secret


def tombstone_digest(connection: sqlite3.Connection, profile_id: str) -> bytes:
    """What a tombstone keeps of an id."""
    return id_digest(read_secret(connection), profile_id)


def id_digest(secret: bytes, profile_id: str) -> bytes:
    """What is kept of an id that nobody has: BLAKE2b keyed with the workspace's secret, so that ids cannot be tried out
    against a copy of the digests alone."""
    return hashlib.blake2b(profile_id.encode(), digest_size=16, key=secret).digest()
