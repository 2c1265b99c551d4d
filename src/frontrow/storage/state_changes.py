"""Changes that no log offset and no version tells: of profiles' records, and of the log's past. Noted in the unit that
makes them, for state stores that other servers share; the latest few thousand are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

KEPT: Final = 4_096
MOST_NUMBERS: Final = 10_000
"""A change of more profiles at once is noted as one of all."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int]).decode


class Change(NamedTuple):
    """One change: `kind` is profile (records of `numbers`), merge (source, target), erase or all."""

    change: int
    kind: str
    numbers: list[int]


def note_change(connection: sqlite3.Connection, kind: str, numbers: Sequence[int]) -> None:
    """Notes a change and lets the oldest go."""
    if len(numbers) > MOST_NUMBERS:
        kind, numbers = "all", []
    row = connection.execute(
        "INSERT INTO state_changes (kind, numbers) VALUES (?, ?)", (kind, _encode(list(numbers)).decode())
    )
    connection.execute("DELETE FROM state_changes WHERE change <= ?", ((row.lastrowid or 0) - KEPT,))


def newest_change(connection: sqlite3.Connection) -> int:
    """The number of the latest change, 0 before the first."""
    return int(connection.execute("SELECT coalesce(max(change), 0) FROM state_changes").fetchone()[0])


def changes_after(connection: sqlite3.Connection, change: int) -> list[Change] | None:
    """All changes after one, in order; None if some of them are no longer known, or changed all."""
    rows = connection.execute("SELECT * FROM state_changes WHERE change > ? ORDER BY change", (change,)).fetchall()
    if rows and rows[0][0] != change + 1:
        return None
    found = [Change(number, kind, _decode(numbers)) for number, kind, numbers in rows]
    return None if any(each.kind == "all" for each in found) else found
