"""The writing side of the catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec

from frontrow.catalog.title import Title
from frontrow.storage.unit_events import json_list

_encode = msgspec.json.Encoder().encode


def number_titles(connection: sqlite3.Connection, title_ids: Sequence[str]) -> dict[str, int]:
    """Numbers by id; unknown ids get the next ones, in order of their first appearance."""
    wanted = list(dict.fromkeys(title_ids))
    numbers: dict[str, int] = dict(
        connection.execute(
            "SELECT title_id, number FROM titles WHERE title_id IN (SELECT value FROM json_each(?))",
            (json_list(wanted),),
        )
    )
    unknown = [title_id for title_id in wanted if title_id not in numbers]
    if unknown:
        (size,) = connection.execute("SELECT coalesce(max(number), -1) + 1 FROM titles").fetchone()
        version = _next_version(connection)
        connection.executemany(
            "INSERT INTO titles VALUES (?, ?, ?, NULL)",
            ((number, title_id, version) for number, title_id in enumerate(unknown, size)),
        )
        numbers |= {title_id: number for number, title_id in enumerate(unknown, size)}
    return numbers


def put_titles(connection: sqlite3.Connection, titles: Sequence[Title]) -> None:
    """Stores whole records; of two with one id the last wins."""
    if not titles:
        return
    last = {title.title_id: title for title in titles}
    numbers = number_titles(connection, list(last))
    version = _next_version(connection)
    connection.executemany(
        "UPDATE titles SET record = ?, version = ? WHERE number = ?",
        ((_encode(title).decode(), version, numbers[title_id]) for title_id, title in last.items()),
    )


def delete_title(connection: sqlite3.Connection, title_id: str) -> bool:
    """Removes a record; its number stays with events that name it."""
    found = connection.execute(
        "UPDATE titles SET record = NULL WHERE title_id = ? AND record IS NOT NULL RETURNING number", (title_id,)
    ).fetchall()
    if found:
        version = _next_version(connection)
        connection.execute("UPDATE titles SET version = ? WHERE number = ?", (version, found[0][0]))
    return bool(found)


def _next_version(connection: sqlite3.Connection) -> int:
    connection.execute("UPDATE head SET titles_version = titles_version + 1")
    (version,) = connection.execute("SELECT titles_version FROM head").fetchone()
    return int(version)
