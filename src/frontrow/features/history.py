"""Every profile's trail at every offset: the log folded once, with the rows of each signal kept.

Made from the whole log in one pass of array work; then trails as of any (profile, offset) are gathers. This is the
training view and the backfill; `features.trail` is the same fold, one profile at a time (a test holds the two together
bit for bit at every offset).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.features.ring_fold import Versions, plain_rows, played_rows, standings
from frontrow.features.signals import CAPS, PLAYED, STANDING, Rows, Signals, ring_numbers
from frontrow.features.trail import Trail

Numbers = NDArray[np.int64]


class Gathered(NamedTuple):
    """Rows of one ring for many cases: those of case i are rows[first[i]:first[i + 1]], oldest first."""

    rows: Rows
    first: Numbers


class History:
    """`signals` are SIGNAL rows in order of offset, of any number of profiles.

    Memory: about 250 bytes a signal.
    """

    def __init__(self, signals: Signals) -> None:
        self._earlier = _Earlier(signals)
        signals = np.concatenate([signals, *self._earlier.signals])
        ordered = signals[np.lexsort((signals["offset"], signals["profile"]))]
        self.profiles: Numbers = np.unique(ordered["profile"])
        self.offset = int(signals["offset"].max(initial=0))
        ring_of = ring_numbers(ordered)
        self._rings: dict[str, _Ring] = {}
        for number, (name, cap) in enumerate(CAPS.items()):
            rows = plain_rows(ordered[ring_of == number])
            if name == PLAYED:
                versions = played_rows(rows, np.empty(0, np.int64))
            else:
                versions = Versions(rows, np.arange(len(rows)))
            self._rings[name] = _Ring(versions, self.profiles, self.offset, cap)
        self._standings = standings(ordered)
        self._places = _Places(self._standings, self.profiles, self.offset)

    def as_of(self, profiles: Numbers, offsets: Numbers) -> tuple[dict[str, Gathered], Rows]:
        """Rings and standings (`count` 0 before the first signal) as they stood once the log had come to each of
        `offsets`, of the profile number beside it; what arrived later does not show."""
        held = self._earlier.held_as(profiles, offsets)
        _, ends = self._places.of(held, offsets)
        known = ends >= 0
        standing = np.zeros(len(profiles), STANDING)
        standing[known] = self._standings[ends[known]]
        standing["profile"][known] = profiles[known]
        rings = {name: ring.as_of(held, offsets) for name, ring in self._rings.items()}
        if held is not profiles:
            for rows, first in rings.values():
                rows["profile"] = np.repeat(profiles, np.diff(first))
        return rings, standing

    def trails(self, profiles: Numbers | None = None) -> Iterator[tuple[int, Trail]]:
        """The trails of the end of the log, by profile number (all, unless some are named)."""
        chosen = self.profiles[self.profiles >= 0] if profiles is None else profiles
        for begin in range(0, len(chosen), 2_000):
            some = chosen[begin : begin + 2_000]
            rings, standing = self.as_of(some, np.full(len(some), self.offset))
            for place, profile in enumerate(some.tolist()):
                trail = Trail()
                if standing["count"][place]:
                    trail.standing = standing[place : place + 1].copy()
                    trail.offset = int(standing["offset"][place])
                for name, (rows, first) in rings.items():
                    trail.rings[name] = rows[first[place] : first[place + 1]].copy()
                yield profile, trail


class _Earlier:
    """What merged profiles were before each merge: their signals without those that came with it, held under numbers
    below 0."""

    def __init__(self, signals: Signals) -> None:
        self.signals: list[Signals] = []
        self._merges: dict[int, Numbers] = {}
        self._numbers: dict[int, Numbers] = {}
        given = 0
        for profile in np.unique(signals["profile"][signals["joined"] > 0]).tolist():
            own = signals[signals["profile"] == profile]
            merges = np.unique(own["joined"][own["joined"] > 0])
            self._merges[profile] = merges
            self._numbers[profile] = -1 - given - np.arange(len(merges))
            given += len(merges)
            for number, merge in zip(self._numbers[profile].tolist(), merges.tolist(), strict=True):
                before = own[own["joined"] < merge].copy()
                before["profile"] = number
                self.signals.append(before)

    def held_as(self, profiles: Numbers, offsets: Numbers) -> Numbers:
        """Under which number each profile is held as of an offset."""
        if not self._merges:
            return profiles
        held = profiles.copy()
        for place in np.flatnonzero(np.isin(profiles, list(self._merges))).tolist():
            profile = int(profiles[place])
            before = int(np.searchsorted(self._merges[profile], offsets[place], side="right"))
            if before < len(self._merges[profile]):
                held[place] = self._numbers[profile][before]
        return held


class _Places:
    """Where (profile, offset) stands in rows that are sorted by both."""

    def __init__(self, rows: Rows, profiles: Numbers, newest: int) -> None:
        self._profiles, self._width = profiles, newest + 1
        rank = np.searchsorted(profiles, rows["profile"])
        self._keys = rank * self._width + rows["offset"]
        self._first = np.searchsorted(rank, np.arange(len(profiles) + 1))

    def of(self, profiles: Numbers, offsets: Numbers) -> tuple[Numbers, Numbers]:
        """First row of the profile, and its last row not after the offset (-1: there is none)."""
        if not len(self._profiles):
            return np.zeros(len(profiles), np.int64), np.full(len(profiles), -1)
        rank = np.minimum(np.searchsorted(self._profiles, profiles), len(self._profiles) - 1)
        upto = np.clip(offsets, -1, self._width - 1)
        last = np.searchsorted(self._keys, rank * self._width + upto, side="right") - 1
        first = self._first[rank]
        known = (self._profiles[rank] == profiles) & (last >= first)
        return np.where(known, first, 0), np.where(known, last, -1)


class _Ring:
    """One ring of all profiles: what each signal made of its row, and which rows were begun."""

    def __init__(self, versions: Versions, profiles: Numbers, newest: int, cap: int) -> None:
        self._rows, starts = versions
        self._cap = cap
        n = len(starts)
        places = np.arange(n)
        # A version's row carries its first signal's offset; places are those of the signals themselves.
        signal = np.zeros(n, [("profile", np.int64), ("offset", np.int64)])
        signal["profile"], signal["offset"] = self._rows["profile"], self._rows["last"]
        self._places = _Places(signal, profiles, newest)
        self._begins = np.flatnonzero(starts == places)
        self._begun = np.cumsum(starts == places)  # rows begun up to and including each signal
        self._final = np.zeros(n, np.int64)
        self._final[starts] = places  # of equal starts the last assignment holds
        self._simple = len(self._begins) == n
        self._by_row = np.sort(starts * max(n, 1) + places)
        self._n = max(n, 1)

    def as_of(self, profiles: Numbers, offsets: Numbers) -> Gathered:
        first, last = self._places.of(profiles, offsets)
        known = last >= 0
        if not len(self._rows):
            return Gathered(self._rows.copy(), np.zeros(len(profiles) + 1, np.int64))
        end = np.where(known, self._begun[last], 0)
        begin = np.where(known, np.maximum(self._begun[first] - 1, end - self._cap), 0)
        count = end - begin
        bounds = np.concatenate([[0], np.cumsum(count)])
        case = np.repeat(np.arange(len(profiles)), count)
        rows = self._begins[np.arange(bounds[-1]) - bounds[case] + begin[case]]
        if not self._simple:
            upto = last[case]
            final = self._final[rows]
            open_ = np.flatnonzero(final > upto)
            if len(open_):
                found = np.searchsorted(self._by_row, rows[open_] * self._n + upto[open_], side="right") - 1
                final[open_] = self._by_row[found] % self._n
            rows = final
        return Gathered(self._rows[rows], bounds)
