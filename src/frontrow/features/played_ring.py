"""A ring of playbacks that takes up events one by one: what `ring_fold.played_rows` does with many."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from frontrow.features.interactions import playback_weight_of
from frontrow.features.signals import PLAY_TYPES, PLAYBACK_LIMIT, ROW, STOP, Rows, appended, copied

PLAYS: Final = frozenset(PLAY_TYPES.tolist())

Row = tuple[Any, ...]
"""A row of the ring (ROW) as Python has it."""

_NAMES: Final = ROW.names or ()
_LAST, _AT, _UNTIL, _SECONDS, _FRACTION, _WEIGHT, _TYPE, _TITLE, _PLAYBACK = map(
    _NAMES.index, ("last", "at", "until", "seconds", "fraction", "weight", "type", "title", "playback")
)
_NONE: Final = -1


class PlayedRing:
    """Rows are numbered from the oldest of the ring on, those that begin here after them."""

    def __init__(self, ring: Rows, cap: int) -> None:
        self._ring, self._cap = ring, cap
        self._changed: dict[int, list[Any]] = {}
        self._begun: list[list[Any]] = []
        self._latest: dict[tuple[int, int], int] = {}

    def goes_on(
        self, offset: int, at: int, playback: int, title: int, seconds: float, fraction: float, kind: int
    ) -> bool:
        """Takes up an event of a playback of which the ring holds a row; False where it begins one."""
        number = self._number(playback, title)
        if number == _NONE or number < len(self._ring) + len(self._begun) - self._cap:
            return False
        row = self._row(number)
        if playback == 0 and (row[_TYPE] == STOP or at - row[_AT] > PLAYBACK_LIMIT):
            return False
        row[_LAST], row[_TYPE], row[_UNTIL] = offset, kind, max(row[_UNTIL], at)
        row[_SECONDS] = max(row[_SECONDS], seconds)
        row[_WEIGHT] = max(row[_WEIGHT], playback_weight_of(row[_SECONDS], fraction))
        if not math.isnan(fraction):
            row[_FRACTION] = fraction
        return True

    def begin(self, row: Row) -> None:
        """Adds a row of its own: a playback that begins, a rating."""
        if row[_TYPE] in PLAYS and row[_TITLE] >= 0:
            self._latest[row[_PLAYBACK], row[_TITLE]] = len(self._ring) + len(self._begun)
        self._begun.append(list(row))

    def rows(self) -> Rows:
        """The ring as it is now, the one it was if nothing came."""
        ring = self._ring
        if self._changed:
            ring = copied(ring)
            for number, row in self._changed.items():
                ring[number] = tuple(row)
        if self._begun:
            ring = appended(ring, np.array([tuple(row) for row in self._begun[-self._cap :]], ROW), self._cap)
        return ring

    def _number(self, playback: int, title: int) -> int:
        """The latest row of playbacks of this id and title."""
        number = self._latest.get((playback, title))
        if number is None:
            number = _NONE
            if len(self._ring):
                same = ((self._ring["playback"] == playback) & (self._ring["title"] == title)).nonzero()[0]
                kinds = self._ring["type"][same].tolist()
                number = next(
                    (n for n, kind in zip(same[::-1].tolist(), kinds[::-1], strict=True) if kind in PLAYS), number
                )
            self._latest[playback, title] = number
        return number

    def _row(self, number: int) -> list[Any]:
        if number >= len(self._ring):
            return self._begun[number - len(self._ring)]
        row = self._changed.get(number)
        if row is None:
            row = self._changed[number] = list(self._ring[number].item())
        return row
