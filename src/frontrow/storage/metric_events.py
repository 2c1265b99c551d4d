"""Events as metrics read them: a table of those above an offset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl

from frontrow.core.random import stable_hash
from frontrow.experiments.metrics.tables import LogAt
from frontrow.experiments.metrics.unit_days import EVENTS
from frontrow.storage.database import Readers
from frontrow.storage.event_log import read_head

FETCH: Final = 65_536
_SELECT: Final = (
    "SELECT offset, at, profile, title, type, seconds, fraction, value, playback_id, rest FROM events"
    " WHERE offset > ? AND learn ORDER BY offset"
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

    def since(self, after: int) -> LogAt:
        parts = []
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            head = read_head(connection)
            numbers = np.array([row[0] for row in connection.execute("SELECT number FROM profiles")], np.int64)
            cursor = connection.execute(_SELECT, (int(after),))
            while rows := cursor.fetchmany(FETCH):
                parts.append(_table(rows))
        events = pl.concat(parts) if parts else pl.DataFrame(schema=dict(EVENTS))
        return LogAt(head.offset, head.rewrites, numbers, events)


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
