"""One profile's trail: what is kept of its signals, bounded, taken on as they arrive."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from frontrow.features.interactions import playback_weight_of, rating_weight_of
from frontrow.features.moments import local_hour
from frontrow.features.ring_fold import plain_rows, played_rows, standings
from frontrow.features.signals import (
    ACTED,
    CAPS,
    IMPRESSION,
    PLAY_TYPES,
    PLAYBACK_LIMIT,
    PLAYED,
    RATE,
    ROW,
    SESSION_END,
    SESSION_GAP,
    SESSION_START,
    SHOWN,
    STANDING,
    STOP,
    UNWATCH,
    Rows,
    Signals,
    ring_numbers,
)

FEW: Final = 24
"""Up to so many signals are taken up one by one, more of them as arrays: by then that is cheaper."""

_NO_ROWS: Final = np.empty(0, ROW)
_NO_STANDING: Final = np.empty(0, STANDING)
_BYTES: Final = np.dtype((np.void, ROW.itemsize))
_PLAYS: Final = frozenset(PLAY_TYPES.tolist())
_RING_OF: Final = dict.fromkeys((*_PLAYS, RATE, UNWATCH), PLAYED) | {IMPRESSION: SHOWN}
_PLACE: Final = {name: place for place, name in enumerate(ROW.names or ())}


class Trail:
    """Rings of rows, oldest first, and the standing after the last signal (no row before the first).

    At most 1,280 rows of 73 bytes: 94 KB a profile, whatever it does. Signals must come in order of offset, each once.
    A ring's array is replaced when it changes, never written to: who reads one may keep what it made of it beside it.
    """

    __slots__ = ("kept", "offset", "rings", "standing")

    def __init__(self) -> None:
        self.offset = 0
        self.kept: dict[str, Any] = {}  # by ring, what was made of its rows (features.batch)
        self.rings: dict[str, Rows] = dict.fromkeys(CAPS, _NO_ROWS)
        self.standing: Rows = _NO_STANDING

    def fold(self, signals: Signals) -> None:
        """Takes up further signals of the profile."""
        if not len(signals):
            return
        if len(signals) <= FEW:
            for signal in signals.tolist():
                self._take(*signal)
        else:
            self._fold(signals)
        self.offset = int(signals["offset"][-1])

    @property
    def rows(self) -> int:
        """Rows held."""
        return sum(map(len, self.rings.values()))

    def same_as(self, other: Trail) -> bool:
        """Whether both hold the same, bit for bit."""
        return self.standing.tobytes() == other.standing.tobytes() and all(
            self.rings[name].tobytes() == other.rings[name].tobytes() for name in CAPS
        )

    def _fold(self, signals: Signals) -> None:
        """Many at once."""
        self.standing = standings(signals, self.standing if len(self.standing) else None)[-1:].copy()
        ring_of = ring_numbers(signals)
        for number, (name, cap) in enumerate(CAPS.items()):
            chosen = ring_of == number
            if chosen.any():
                rows = plain_rows(signals[chosen])
                ring = self.rings[name]
                self._set(name, _played(ring, rows) if name == PLAYED else _appended(ring, rows, cap))

    def _take(
        self, offset: int, at: int, profile: int, _joined: int, playback: int, title: int, seconds: float,
        fraction: float, value: float, clock: int, kind: int, device: int,
    ) -> None:  # fmt: skip
        """One signal: what `ring_fold` does with many (a test holds the two together bit for bit)."""
        self._stand(offset, profile, at, kind)
        seconds = 0.0 if math.isnan(seconds) else seconds + 0.0  # no -0
        name = _RING_OF.get(kind, ACTED)
        ring = self.rings[name]
        weight = 0.0
        if kind == RATE:
            weight = rating_weight_of(value)
        elif kind in _PLAYS and title >= 0:
            place = _goes_on(ring, title, playback, at)
            if place is not None:
                self._set(name, _joined_to(ring, place, offset, at, seconds, fraction, kind))
                return
            weight = playback_weight_of(seconds, fraction)
        row = (offset, offset, profile, at, at, playback, title, seconds, fraction, weight, local_hour(at, clock), kind,
               device)  # fmt: skip
        self._set(name, _appended(ring, np.array([row], ROW), CAPS[name]))

    def _set(self, name: str, rows: Rows) -> None:
        self.rings[name] = rows
        self.kept.pop(name, None)

    def _stand(self, offset: int, profile: int, at: int, kind: int) -> None:
        first_at = newest_at = session_at = at
        session, count = offset, 1
        if len(self.standing):
            _, _, first, newest, began, began_at, before, last = self.standing.item()
            first_at, newest_at, count = min(first, at), max(newest, at), before + 1
            if not (kind == SESSION_START or last == SESSION_END or at - newest > SESSION_GAP):
                session, session_at = began, began_at
        stands = (offset, profile, first_at, newest_at, session, session_at, count, kind)
        self.standing = np.array([stands], STANDING)


def _goes_on(ring: Rows, title: int, playback: int, at: int) -> int | None:
    """The row of the playback that an event at `at` goes on with; None where it begins one."""
    same = np.flatnonzero((ring["playback"] == playback) & (ring["title"] == title))
    for place in reversed(same.tolist()):
        kind = ring["type"].item(place)
        if kind in _PLAYS:
            if playback == 0 and (kind == STOP or at - ring["at"].item(place) > PLAYBACK_LIMIT):
                return None
            return int(place)
    return None


def _joined_to(ring: Rows, place: int, offset: int, at: int, seconds: float, fraction: float, kind: int) -> Rows:
    """The ring with one more event in the row of its playback."""
    row = list(ring[place].item())
    seconds = max(row[_PLACE["seconds"]], float(np.float32(seconds)))
    weight = max(row[_PLACE["weight"]], playback_weight_of(seconds, fraction))
    row[_PLACE["last"]], row[_PLACE["type"]] = offset, kind
    row[_PLACE["until"]] = max(row[_PLACE["until"]], at)
    row[_PLACE["seconds"]], row[_PLACE["weight"]] = seconds, weight
    if not math.isnan(fraction):
        row[_PLACE["fraction"]] = fraction
    ring = ring.view(_BYTES).copy().view(ROW)
    ring[place] = tuple(row)
    return ring


def _appended(ring: Rows, rows: Rows, cap: int) -> Rows:
    """The ring with further rows, the latest `cap` of them; moved as bytes, which numpy does faster than fields."""
    kept = ring[max(0, len(ring) + len(rows) - cap) :]
    return np.concatenate([kept.view(_BYTES), np.ascontiguousarray(rows[-cap:]).view(_BYTES)]).view(ROW)


def _played(ring: Rows, rows: Rows) -> Rows:
    """The ring of playbacks with further rows: those of playbacks that stand in it are joined to theirs."""
    held = np.flatnonzero(np.isin(ring["title"], rows["title"]))
    versions = played_rows(np.concatenate([ring[held], rows]), held - (len(ring) - 1))
    last = np.full(len(versions.rows), -1)
    last[versions.starts] = np.arange(len(versions.starts))  # of equal starts the last assignment holds
    ring = ring.view(_BYTES).copy().view(ROW)
    ring[held] = versions.rows[last[: len(held)]]
    begun = last[len(held) :]
    return _appended(ring, versions.rows[begun[begun >= 0]], CAPS[PLAYED])
