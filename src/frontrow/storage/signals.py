"""Events as the signals that features are folded from."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import numpy as np

from frontrow.features.signals import SIGNAL, Signals
from frontrow.storage.database import Readers
from frontrow.storage.event_rows import playback_hash

FETCH: Final = 65_536

_SELECT: Final = (
    "SELECT e.offset, e.at, e.profile, coalesce(j.joined, 0), e.playback_id, e.title, e.seconds, e.fraction, e.value,"
    " coalesce(e.tz_offset_minutes, 0), e.type, e.device"
    " FROM events e LEFT JOIN joins j ON j.offset = e.offset"
)
_OF_ONE: Final = " ".join((_SELECT, "WHERE e.profile = ? AND e.offset > ? AND e.learn ORDER BY e.offset"))
_BETWEEN: Final = " ".join((_SELECT, "WHERE e.offset > ? AND e.offset <= ? AND e.learn ORDER BY e.offset"))
_OF_ALL: Final = " ".join(
    (
        _SELECT,
        "JOIN profiles p ON p.number = e.profile WHERE e.offset > ? AND e.learn AND coalesce(p.personalization, ?)",
    )
)
_ORDERED: Final = " ".join((_OF_ALL, "ORDER BY e.offset"))


class SqliteSignals:
    """Implements `features.signals.SignalLog`. `default_consent` holds for profiles that state none."""

    def __init__(self, readers: Readers, default_consent: bool = True) -> None:
        self._readers = readers
        self._default_consent = default_consent

    def signals(self, after: int = 0) -> Signals:
        with self._readers.one() as connection:
            return _fetch(connection.execute(_ORDERED, (int(after), self._default_consent)))

    def signals_of(self, profile: int, after: int = 0) -> Signals:
        with self._readers.one() as connection:
            return _fetch(connection.execute(_OF_ONE, (int(profile), int(after))))


def read_signals(connection: sqlite3.Connection, after: int, upto: int) -> Signals:
    """SIGNAL rows of all profiles, offsets above `after` up to `upto`, whatever they consent to today."""
    return _fetch(connection.execute(_BETWEEN, (int(after), int(upto))))


def _fetch(cursor: sqlite3.Cursor) -> Signals:
    parts = []
    while rows := cursor.fetchmany(FETCH):
        part = np.empty(len(rows), SIGNAL)
        with np.errstate(over="ignore"):  # a value that float32 lacks becomes infinite
            for name, column in zip(SIGNAL.names or (), zip(*rows, strict=True), strict=True):
                part[name] = _playbacks(column) if name == "playback" else np.array(column, SIGNAL[name])
        parts.append(part)
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, SIGNAL), *parts])


def _playbacks(ids: tuple[Any, ...]) -> list[int]:
    return [0 if each is None else playback_hash(each) for each in ids]
