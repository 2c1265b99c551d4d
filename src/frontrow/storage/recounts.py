"""Whose views are to be counted again: profiles whose past has changed hands, or whose consent has.

Popularity is a fold over all profiles. Where the events of one are erased, become another's, or may no longer be
learned from, it takes back what that one gave and counts it anew, instead of reading the whole log. Noted in the unit
that makes the change; the latest few thousand are kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

KEPT: Final = 4_096
MOST: Final = 1_000
"""A change of more profiles at once is noted as one of all."""

NEWEST: Final = "SELECT coalesce(max(number), 0) FROM recounts"


def note_recount(connection: sqlite3.Connection, profiles: Sequence[int] | None) -> None:
    """Notes profiles by number (None: all) and lets the oldest notes go."""
    noted = [None] if profiles is None or len(profiles) > MOST else profiles
    connection.executemany("INSERT INTO recounts (profile) VALUES (?)", ((each,) for each in noted))
    connection.execute("DELETE FROM recounts WHERE number <= (SELECT max(number) FROM recounts) - ?", (KEPT,))


def recounts_after(connection: sqlite3.Connection, number: int) -> list[int] | None:
    """The profiles noted after a note; None if some of those notes are gone, or are of all."""
    rows = connection.execute(
        "SELECT number, profile FROM recounts WHERE number > ? ORDER BY number", (int(number),)
    ).fetchall()
    if rows and (rows[0][0] != number + 1 or any(profile is None for _, profile in rows)):
        return None
    return list(dict.fromkeys(profile for _, profile in rows))
