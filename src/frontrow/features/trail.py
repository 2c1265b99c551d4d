"""One profile's trail: what is kept of its signals, bounded, taken on as they arrive."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from frontrow.features.interactions import playback_weight_of, rating_weight_of
from frontrow.features.moments import local_hour
from frontrow.features.played_ring import PLAYS, PlayedRing, Row
from frontrow.features.ring_fold import plain_rows, played_rows, standings
from frontrow.features.signals import (
    ACTED,
    CAPS,
    IMPRESSION,
    PLAYED,
    RATE,
    ROW,
    SESSION_END,
    SESSION_GAP,
    SESSION_START,
    SHOWN,
    STANDING,
    UNWATCH,
    Rows,
    Signals,
    appended,
    copied,
    ring_numbers,
)

FEW: Final = 128
"""Up to so many signals are taken up one by one, more of them as arrays: by then that is cheaper."""

Signal = tuple[int, int, int, int, int, int, float, float, float, int, int, int]
Stands = tuple[int, int, int, int, int, int, int, int]

_NO_ROWS: Final = np.empty(0, ROW)
_NO_STANDING: Final = np.empty(0, STANDING)
_RING_OF: Final = dict.fromkeys((*PLAYS, RATE, UNWATCH), PLAYED) | {IMPRESSION: SHOWN}


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
            self._take(signals.tolist())
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
                self._set(name, _played(ring, rows) if name == PLAYED else appended(ring, rows, cap))

    def _take(self, signals: list[Signal]) -> None:
        """One by one, what `ring_fold` does with many (a test holds the two together bit for bit)."""
        stands: Any = self.standing.item() if len(self.standing) else None
        playbacks = PlayedRing(self.rings[PLAYED], CAPS[PLAYED])
        others: dict[str, list[Row]] = {}
        for signal in signals:
            offset, at, profile, _, playback, title, seconds, fraction, value, clock, kind, device = signal
            stands = _after(stands, offset, at, profile, kind)
            seconds = 0.0 if math.isnan(seconds) else seconds + 0.0  # no -0
            plays = kind in PLAYS and title >= 0
            if plays and playbacks.goes_on(offset, at, playback, title, seconds, fraction, kind):
                continue
            weight = (
                playback_weight_of(seconds, fraction) if plays else rating_weight_of(value) if kind == RATE else 0.0
            )
            row = (offset, offset, profile, at, at, playback, title, seconds, fraction, weight, local_hour(at, clock),
                   kind, device)  # fmt: skip
            name = _RING_OF.get(kind, ACTED)
            if name == PLAYED:
                playbacks.begin(row)
            else:
                others.setdefault(name, []).append(row)
        self.standing = np.array([stands], STANDING)
        for name, rows in others.items():
            self._set(name, appended(self.rings[name], np.array(rows[-CAPS[name] :], ROW), CAPS[name]))
        self._set(PLAYED, playbacks.rows())

    def _set(self, name: str, rows: Rows) -> None:
        if rows is not self.rings[name]:
            self.rings[name] = rows
            self.kept.pop(name, None)


def _after(stands: Stands | None, offset: int, at: int, profile: int, kind: int) -> Stands:
    """The standing (STANDING) after one more signal."""
    if stands is None:
        return offset, profile, at, at, offset, at, 1, kind
    _, _, first_at, newest_at, session, session_at, count, last = stands
    if kind == SESSION_START or last == SESSION_END or at - newest_at > SESSION_GAP:
        session, session_at = offset, at
    return offset, profile, min(first_at, at), max(newest_at, at), session, session_at, count + 1, kind


def _played(ring: Rows, rows: Rows) -> Rows:
    """The ring of playbacks with further rows: those of playbacks that stand in it are joined to theirs."""
    held = np.flatnonzero(np.isin(ring["title"], rows["title"]))
    versions = played_rows(np.concatenate([ring[held], rows]), held - (len(ring) - 1))
    last = np.full(len(versions.rows), -1)
    last[versions.starts] = np.arange(len(versions.starts))  # of equal starts the last assignment holds
    ring = copied(ring)
    ring[held] = versions.rows[last[: len(held)]]
    begun = last[len(held) :]
    return appended(ring, versions.rows[begun[begun >= 0]], CAPS[PLAYED])
