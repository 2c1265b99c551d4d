"""Small facts about a workspace: its secret, the clock it keeps."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import Any

SECRET_BYTES = 32


def read_meta(connection: sqlite3.Connection, key: str) -> Any:
    """The value of a key, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def write_meta(connection: sqlite3.Connection, key: str, value: str | bytes | int) -> None:
    """Sets the value of a key."""
    connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))


def tombstone_digest(connection: sqlite3.Connection, profile_id: str) -> bytes:
    """What a tombstone keeps of an id: BLAKE2b keyed with the workspace's secret, so that ids cannot be tried out
    against a copy of the tombstones alone."""
    secret: bytes = read_meta(connection, "secret")
    return hashlib.blake2b(profile_id.encode(), digest_size=16, key=secret).digest()
