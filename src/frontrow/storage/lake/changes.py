"""What erasures and merges still have to change in the lake: noted in the same transaction that changes the log."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

from frontrow.storage.meta import read_meta

LAKE: Final = "lake"
"""Key of `meta`: the id of the lake's table, once there is one."""


class Change(NamedTuple):
    """Rows of `profile` are `target`'s since the merge at offset `joined`, or (`erased`) must go."""

    profile: int
    target: int
    joined: int
    erased: int


def note_merge(connection: sqlite3.Connection, source: int, target: int, joined: int) -> None:
    """The source's rows are the target's, and so are those that were the source's by earlier merges."""
    if read_meta(connection, LAKE) is None:
        return
    connection.execute("UPDATE lake_changes SET target = ?, joined = ? WHERE target = ?", (target, joined, source))
    connection.execute("INSERT OR REPLACE INTO lake_changes VALUES (?, ?, ?, 0)", (source, target, joined))


def note_erasure(connection: sqlite3.Connection, number: int) -> None:
    """The profile's rows must go, those that became its own by a merge too."""
    if read_meta(connection, LAKE) is None:
        return
    connection.execute("UPDATE lake_changes SET erased = 1 WHERE target = ?", (number,))
    connection.execute("INSERT OR REPLACE INTO lake_changes VALUES (?, ?, 0, 1)", (number, number))


def pending(connection: sqlite3.Connection) -> list[Change]:
    """All that is still to be done, in order of profile number."""
    return [Change(*row) for row in connection.execute("SELECT * FROM lake_changes ORDER BY profile")]


def done(connection: sqlite3.Connection, changes: list[Change]) -> None:
    """Takes out what has been done, unless it has changed meanwhile."""
    connection.executemany(
        "DELETE FROM lake_changes WHERE profile = ? AND target = ? AND joined = ? AND erased = ?", changes
    )
