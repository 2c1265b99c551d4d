"""The writing side of the event log."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from frontrow.core.clock import Micros
from frontrow.events.event import Event
from frontrow.storage.event_rows import INSERT, SELECT_AMONG, from_row, to_row
from frontrow.storage.meta import event_marks


def json_list(values: Sequence[object]) -> str:
    """A list as the JSON text that SQLite's json_each reads: one statement for any number of values."""
    return msgspec.json.encode(values).decode()


def held(connection: sqlite3.Connection, event_ids: Sequence[str]) -> dict[str, Event]:
    """Stored events by id, under the profile ids that they were sent with."""
    (last,) = connection.execute("SELECT max(event_id) FROM events").fetchone()
    if last is None:
        return {}
    # SQLite orders texts by their UTF-8 bytes, Python by code points: the same. Derived ids begin with the time, so a
    # whole import, in order of time, lies above all ids that are held and is not looked up.
    perhaps = [event_id for event_id in event_ids if event_id <= last]
    if not perhaps:
        return {}
    rows = connection.execute(SELECT_AMONG, (json_list(perhaps),))
    return {row[0]: from_row(row) for row in rows}


def retired(connection: sqlite3.Connection, event_ids: Sequence[str]) -> set[str]:
    """Those of these ids that were in the log and left it for their age."""
    if connection.execute("SELECT 1 FROM retired LIMIT 1").fetchone() is None:
        return set()
    marks = event_marks(connection, event_ids)
    rows = connection.execute(
        "SELECT mark FROM retired WHERE mark IN (SELECT value FROM json_each(?))", (json_list(marks),)
    )
    found = {mark for (mark,) in rows}
    return {event_id for event_id, mark in zip(event_ids, marks, strict=True) if mark in found}


def append(
    connection: sqlite3.Connection,
    events: Sequence[Event],
    profiles: Sequence[int],
    titles: Sequence[int],
    learn: Sequence[bool],
    now: Micros,
) -> None:
    """Appends under new offsets and moves the head."""
    if not events:
        return
    offset, newest_at, newest_seen = connection.execute("SELECT offset, newest_at, newest_seen FROM head").fetchone()
    numbered = zip(events, range(offset + 1, offset + 1 + len(events)), profiles, titles, learn, strict=True)
    connection.executemany(INSERT, (to_row(*each) for each in numbered))
    newest = max(event.at for event in events)
    if newest_at is None or newest > newest_at:
        newest_at, newest_seen = newest, now
    connection.execute(
        "UPDATE head SET offset = ?, newest_at = ?, newest_seen = ?", (offset + len(events), newest_at, newest_seen)
    )
