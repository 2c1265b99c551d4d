"""Events as metrics read them: whose are new, and a table of some profiles' events."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.random import stable_hash
from frontrow.experiments.metrics.tables import LogAt
from frontrow.experiments.metrics.unit_days import EVENTS
from frontrow.storage.database import Readers
from frontrow.storage.event_log import read_head

FETCH: Final = 65_536
_SELECT: Final = (
    "SELECT offset, at, profile, title, type, seconds, fraction, value, playback_id, rest FROM events"
    " WHERE profile IN (SELECT value FROM json_each(?)) AND offset <= ? AND learn ORDER BY profile, offset"
)
_COUNT: Final = (
    "SELECT profile, COUNT(*) FROM events WHERE profile IN (SELECT value FROM json_each(?)) AND learn"
    " GROUP BY profile ORDER BY profile"
)
_NEW: Final = "SELECT DISTINCT profile FROM events WHERE offset > ? AND learn"
_OF_TITLES: Final = (
    "SELECT DISTINCT profile FROM events WHERE title IN (SELECT value FROM json_each(?)) AND offset <= ? AND learn"
)


class _Rest(msgspec.Struct, gc=False):
    session_id: str | None = None
    page_id: str | None = None
    context: dict[str, Any] | None = None


_NONE: Final = _Rest()
_decode = msgspec.json.Decoder(_Rest).decode


class SqliteMetricEvents:
    """Implements `EventSource`."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def changes(self, after: int, titles: NDArray[np.int32]) -> LogAt:
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            head = read_head(connection)
            numbers = _column(connection.execute("SELECT number FROM profiles"))
            touched = _column(connection.execute(_NEW, (int(after),)))
            if after and len(titles):
                of_titles = _column(connection.execute(_OF_TITLES, (_json(titles), int(after))))
                touched = np.union1d(touched, of_titles)
            counted = connection.execute(_COUNT, (_json(touched),)).fetchall()
        counts = np.array(counted, np.int64).reshape(-1, 2)
        return LogAt(head.offset, head.rewrites, numbers, counts[:, 0], counts[:, 1])

    def of(self, profiles: NDArray[np.int64], until: int) -> pl.DataFrame:
        parts = [pl.DataFrame(schema=dict(EVENTS))]
        with self._readers.one() as connection:
            cursor = connection.execute(_SELECT, (_json(profiles), int(until)))
            while rows := cursor.fetchmany(FETCH):
                parts.append(_table(rows))
        return pl.concat(parts)


def _column(cursor: sqlite3.Cursor) -> NDArray[np.int64]:
    return np.array([row[0] for row in cursor], np.int64)


def _json(numbers: NDArray[np.int32] | NDArray[np.int64]) -> str:
    return msgspec.json.encode(numbers.tolist()).decode()


def _table(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    *numbers, playbacks, rests = zip(*rows, strict=True)
    rest = [_NONE if text is None else _decode(text) for text in rests]
    columns = [
        *numbers,
        _hashes("playback", playbacks),
        _hashes("session", [each.session_id for each in rest]),
        [each.page_id for each in rest],
        [_topic(each.context) for each in rest],
    ]
    return pl.DataFrame(dict(zip(EVENTS, columns, strict=True)), schema=dict(EVENTS))


def _topic(context: dict[str, Any] | None) -> str | None:
    topic = None if context is None else context.get("topic")
    return topic if isinstance(topic, str) else None


def _hashes(purpose: str, texts: Sequence[str | None]) -> list[int]:
    """64 signed bits of each text, never 0; 0 for none."""
    known = {text: (stable_hash(purpose, text) - 2**63) or 1 for text in set(texts) if text is not None}
    return [0 if text is None else known[text] for text in texts]
