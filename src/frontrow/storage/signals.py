"""Events as the signals that features are folded from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from frontrow.features.signals import SIGNAL, Signals
from frontrow.storage.database import Readers
from frontrow.storage.event_rows import playback_hash

FETCH: Final = 65_536
PART: Final = 500
FEW: Final = 16

MAX_OFFSET: Final = 2**63 - 1

_NAN: Final = float("nan")

_SELECT: Final = (
    "SELECT e.offset, e.at, e.profile, coalesce(j.joined, 0), e.playback_id, e.title, e.seconds, e.fraction, e.value,"
    " coalesce(e.tz_offset_minutes, 0), e.type, e.device"
    " FROM events e LEFT JOIN joins j ON j.offset = e.offset"
)
_OF_ONE: Final = " ".join(
    (_SELECT, "WHERE e.profile = ? AND e.offset > ? AND e.offset <= ? AND e.learn ORDER BY e.offset LIMIT ?")
)
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

    def signals_of(self, profile: int, after: int = 0, most: int | None = None, until: int = MAX_OFFSET) -> Signals:
        """As in the protocol; `until` is the last offset."""
        limit = -1 if most is None else most
        with self._readers.one() as connection:
            return _fetch(connection.execute(_OF_ONE, (int(profile), int(after), until, limit)))

    def parts_of(self, profile: int, after: int, until: int) -> Iterator[Signals]:
        """SIGNAL rows of one profile number, offsets above `after` up to `until`, in order of offset, in parts."""
        part = self.signals_of(profile, after, PART, until)
        while len(part):
            yield part
            if len(part) < PART:
                return
            part = self.signals_of(profile, int(part["offset"][-1]), PART, until)


def read_signals(connection: sqlite3.Connection, after: int, upto: int) -> Signals:
    """SIGNAL rows of all profiles, offsets above `after` up to `upto`, whatever they consent to today."""
    return _fetch(connection.execute(_BETWEEN, (int(after), int(upto))))


def _fetch(cursor: sqlite3.Cursor) -> Signals:
    parts = []
    with np.errstate(over="ignore"):  # a value that float32 lacks becomes infinite
        while rows := cursor.fetchmany(FETCH):
            parts.append(_few(rows) if len(rows) <= FEW else _many(rows))
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, SIGNAL), *parts])


def _few(rows: list[Any]) -> Signals:
    """By rows: for what a viewer did since the last page, where making twelve arrays costs more than it saves."""
    found = []
    for offset, at, profile, joined, playback, title, seconds, fraction, value, clock, kind, device in rows:
        floats = (_NAN if each is None else each for each in (seconds, fraction, value))
        found.append((offset, at, profile, joined, _playback(playback), title, *floats, clock, kind, device))
    return np.array(found, SIGNAL)


def _many(rows: list[Any]) -> Signals:
    part = np.empty(len(rows), SIGNAL)
    for name, column in zip(SIGNAL.names or (), zip(*rows, strict=True), strict=True):
        part[name] = list(map(_playback, column)) if name == "playback" else np.array(column, SIGNAL[name])
    return part


def _playback(playback_id: str | None) -> int:
    return 0 if playback_id is None else playback_hash(playback_id)
