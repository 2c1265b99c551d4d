"""One file of the served log: its table, and a connection to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from frontrow.storage.database import connect

PRAGMAS: Final = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA journal_mode = WAL",
    # A page lost to a power cut costs its further rows and its attribution; no accepted event is lost with it.
    "PRAGMA synchronous = OFF",
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 67108864",
)
SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS served"
    " (page_id TEXT PRIMARY KEY, profile INTEGER, created_at INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS served_by_profile ON served (profile, created_at)",
    "CREATE INDEX IF NOT EXISTS served_by_time ON served (created_at)",
)
INPUTS_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS inputs"
    " (page_id TEXT PRIMARY KEY, profile INTEGER, created_at INTEGER NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS inputs_by_time ON inputs (created_at)",
)
STRANGERS_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS strangers"
    " (page_id TEXT PRIMARY KEY, digest BLOB NOT NULL, newest INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS strangers_by_digest ON strangers (digest)",
)
LATER: Final = (*INPUTS_SCHEMA, *STRANGERS_SCHEMA)
"""What pages of the sample were made of, and of which strangers pages without a profile are (people.store.Stranger).
They came later: a file that nobody has written to since has no such tables."""


def open_own(path: Path) -> sqlite3.Connection:
    """The file of the slot that this process holds; created if there is none."""
    return connect(path, (*PRAGMAS, *SCHEMA, *LATER))


def open_other(path: Path, *, writing: bool) -> sqlite3.Connection | None:
    """The file of any slot; None as long as its owner has not created its table."""
    if not path.exists():
        return None
    connection = connect(path, PRAGMAS if writing else (*PRAGMAS, "PRAGMA query_only = ON"))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'served_by_time'").fetchone() is None:
        connection.close()
        return None
    if writing:
        for statement in LATER:
            connection.execute(statement)
    return connection


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the file has a table, of those that came later."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None
