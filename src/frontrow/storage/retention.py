"""Events that have grown old leave the log, a few at a time."""

from __future__ import annotations

import sqlite3
from typing import Final

from frontrow.core.clock import Micros, format_time
from frontrow.core.errors import FrontrowError
from frontrow.storage.database import Readers
from frontrow.storage.meta import event_marks
from frontrow.storage.recounts import note_recount
from frontrow.storage.state_changes import note_change
from frontrow.storage.unit_events import json_list
from frontrow.storage.writer import SqliteWriter

CHUNK: Final = 5_000
"""Events deleted in one unit; a post waits for one unit at most."""


def retire(readers: Readers, writer: SqliteWriter, before: Micros, everything: bool = False) -> int:
    """Deletes events that arrived before a moment; how many. FrontrowError if that were all there are, unless
    `everything` says so: a clock that is years ahead must not empty a log.

    A mark of each id stays, so that an import of the same events knows them. Their profiles' generation rises with each
    unit, and the log's count of rewrites with the last: folds of what is gone are void. Killed in between, the next run
    goes on.
    """
    with readers.one() as connection:
        newest = connection.execute("SELECT received_at FROM events ORDER BY offset DESC LIMIT 1").fetchone()
    if newest is not None and newest[0] < before and not everything:
        raise FrontrowError(
            f"All events are older than events.keep_days: the newest arrived at {format_time(Micros(newest[0]))}",
            "Nothing was deleted. If the clock is right (frontrow doctor shows it): frontrow compact --let-all-go",
        )
    gone, after = 0, 0
    while True:
        with readers.one() as connection:
            rows = connection.execute(
                "SELECT offset FROM events WHERE offset > ? AND received_at < ? ORDER BY offset LIMIT ?",
                (after, before, CHUNK + 1),
            ).fetchall()
        offsets = [offset for (offset,) in rows[:CHUNK]]
        last = len(rows) <= CHUNK
        if offsets:
            gone += writer.transact(lambda connection, some=offsets, last=last: _delete(connection, some, last))  # type: ignore[misc]
            after = offsets[-1]
        if last:
            return gone


def _delete(connection: sqlite3.Connection, offsets: list[int], last: bool) -> int:
    among = (json_list(offsets),)
    connection.execute(
        "UPDATE profiles SET generation = generation + 1 WHERE number IN"
        " (SELECT profile FROM events WHERE offset IN (SELECT value FROM json_each(?)))",
        among,
    )
    rows = connection.execute("SELECT event_id FROM events WHERE offset IN (SELECT value FROM json_each(?))", among)
    marks = event_marks(connection, [event_id for (event_id,) in rows])
    connection.executemany("INSERT OR IGNORE INTO retired VALUES (?)", ((mark,) for mark in marks))
    connection.execute("DELETE FROM joins WHERE offset IN (SELECT value FROM json_each(?))", among)
    count = connection.execute("DELETE FROM events WHERE offset IN (SELECT value FROM json_each(?))", among).rowcount
    note_change(connection, "all", [])
    if last:
        connection.execute("UPDATE head SET rewrites = rewrites + 1")
        note_recount(connection, None)
    return count
