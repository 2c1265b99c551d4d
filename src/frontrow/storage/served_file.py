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
"""What pages of the sample were made of. It came later: a file that nobody has written to since has no such table."""


def open_own(path: Path) -> sqlite3.Connection:
    """The file of the slot that this process holds; created if there is none."""
    return connect(path, (*PRAGMAS, *SCHEMA, *INPUTS_SCHEMA))


def open_other(path: Path, *, writing: bool) -> sqlite3.Connection | None:
    """The file of any slot; None as long as its owner has not created its table."""
    if not path.exists():
        return None
    connection = connect(path, PRAGMAS if writing else (*PRAGMAS, "PRAGMA query_only = ON"))
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'served_by_time'").fetchone() is None:
        connection.close()
        return None
    if writing:
        for statement in INPUTS_SCHEMA:
            connection.execute(statement)
    return connection


def has_inputs(connection: sqlite3.Connection) -> bool:
    """Whether the file has a table of inputs."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'inputs'").fetchone() is not None
