"""One profile's trail: what is kept of its signals, bounded, taken on as they arrive."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import numpy as np

from frontrow.features.ring_fold import plain_rows, played_rows, standings
from frontrow.features.signals import CAPS, PLAYED, ROW, STANDING, Rows, Signals, ring_numbers

_NO_ROWS: Final = np.empty(0, ROW)
_NO_STANDING: Final = np.empty(0, STANDING)


class Trail:
    """Rings of rows, oldest first, and the standing after the last signal (no row before the first).

    At most 1,280 rows of 73 bytes: 94 KB a profile, whatever it does. Signals must come in order of offset, each once.
    """

    __slots__ = ("kept", "offset", "rings", "standing")

    def __init__(self) -> None:
        self.offset = 0
        self.kept: dict[Hashable, object] = {}  # what was computed of it that no clock changes
        self.rings: dict[str, Rows] = dict.fromkeys(CAPS, _NO_ROWS)
        self.standing: Rows = _NO_STANDING

    def fold(self, signals: Signals) -> None:
        """Takes up further signals of the profile."""
        if not len(signals):
            return
        self.kept = {}
        self.standing = standings(signals, self.standing if len(self.standing) else None)[-1:]
        ring_of = ring_numbers(signals)
        for number, (name, cap) in enumerate(CAPS.items()):
            chosen = ring_of == number
            if chosen.any():
                rows = plain_rows(signals[chosen])
                ring = self.rings[name]
                kept = _played(ring, rows) if name == PLAYED else np.concatenate([ring, rows[-cap:]])
                self.rings[name] = kept[-cap:].copy()  # not a view: what is dropped must go
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


def _played(ring: Rows, rows: Rows) -> Rows:
    """The ring of playbacks with further rows: those of playbacks that stand in it are joined to theirs."""
    held = np.flatnonzero(np.isin(ring["title"], rows["title"]))
    versions = played_rows(np.concatenate([ring[held], rows]), held - (len(ring) - 1))
    last = np.full(len(versions.rows), -1)
    last[versions.starts] = np.arange(len(versions.starts))  # of equal starts the last assignment holds
    ring = ring.copy()
    ring[held] = versions.rows[last[: len(held)]]
    begun = last[len(held) :]
    return np.concatenate([ring, versions.rows[begun[begun >= 0]]])
