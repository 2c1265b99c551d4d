"""Counts that fade with a half-life, where adding one is one addition and no clock is needed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY

HALF_LIVES = (2.0, 7.0, 30.0, math.inf)
"""Days after which a count is worth half; the last never fades."""

_REBASE_HALF_LIVES = 400.0  # 2**400 is far inside float64's range, and so is the sum of many


class DecayedCounts:
    """Counts by title for every half-life of HALF_LIVES.

    A count at time t weighs 2^((t - reference) / half-life); reading at `now` multiplies once by
    2^((reference - now) / half-life). The reference moves on before weights grow out of float64.
    """

    def __init__(self, n_titles: int) -> None:
        self._sums = np.zeros((len(HALF_LIVES), n_titles))
        self._reference: int | None = None
        self.last = 0

    def resize(self, n_titles: int) -> None:
        """Room for more titles; never fewer."""
        more = n_titles - self._sums.shape[1]
        if more > 0:
            self._sums = np.pad(self._sums, ((0, 0), (0, more)))

    def add(self, titles: NDArray[np.int32], at: NDArray[np.int64]) -> None:
        """One count for each pair (title, microseconds UTC), in any order."""
        if not len(titles):
            return
        newest = int(at.max())
        self.last = newest if self._reference is None else max(self.last, newest)
        if self._reference is None:
            self._reference = newest
        elif (newest - self._reference) / DAY > _REBASE_HALF_LIVES * HALF_LIVES[0]:
            self._sums *= self._factors(self._reference - newest)[:, None]
            self._reference = newest
        if len(titles) < self._sums.shape[1] // 64:  # a small batch: do not touch every title
            for row, half_life in enumerate(HALF_LIVES):
                np.add.at(self._sums[row], titles, self._weights(at, half_life))
        else:
            for row, half_life in enumerate(HALF_LIVES):
                self._sums[row] += np.bincount(titles, self._weights(at, half_life), self._sums.shape[1])

    def add_one(self, title: int, at: int) -> None:
        """`add` for one."""
        if self._reference is None or (at - self._reference) / DAY > _REBASE_HALF_LIVES * HALF_LIVES[0]:
            self.add(np.array([title], np.int32), np.array([at], np.int64))
            return
        self.last = max(self.last, at)
        days = (at - self._reference) / DAY
        for row, half_life in enumerate(HALF_LIVES):
            self._sums[row, title] += 2.0 ** (days / half_life)

    def replace(
        self, titles: NDArray[np.int32], base: DecayedCounts | None, counted: NDArray[np.int32], at: NDArray[np.int64]
    ) -> None:
        """Counts of distinct `titles` anew: those of `base`, and one for each pair (counted, at), all of them of these
        titles. What was taken back leaves no rounding behind: a title without counts has exactly none."""
        if self._reference is None:
            return
        self._sums[:, titles] = 0
        if base is not None and base._reference is not None:
            faded = base._sums[:, titles] * self._factors(base._reference - self._reference)[:, None]
            self._sums[:, titles] = faded
        for row, half_life in enumerate(HALF_LIVES):
            np.add.at(self._sums[row], counted, self._weights(at, half_life))

    def read(self, half_life_days: float, now: int) -> NDArray[np.float32]:
        """Counts faded to `now` (microseconds UTC), float32[n_titles]; a count dated later is worth more than one."""
        sums = self._sums[HALF_LIVES.index(half_life_days)]
        behind = 0 if self._reference is None else self._reference - now
        faded: NDArray[np.float32] = (sums * float(np.exp2(behind / DAY / half_life_days))).astype(np.float32)
        return faded

    @property
    def laid(self) -> tuple[int | None, int, NDArray[np.float64]]:
        """What it takes to go on elsewhere: the moment that weights are relative to, the newest, the sums."""
        return self._reference, self.last, self._sums

    @classmethod
    def of_laid(cls, reference: int | None, last: int, sums: NDArray[np.float64]) -> DecayedCounts:
        """Those that `laid` gave; `sums` are copied."""
        counts = cls(0)
        counts._reference, counts.last, counts._sums = reference, last, np.array(sums)
        return counts

    def copy(self) -> DecayedCounts:
        """An independent copy."""
        other = DecayedCounts(0)
        other._sums, other._reference, other.last = self._sums.copy(), self._reference, self.last
        return other

    def _weights(self, at: NDArray[np.int64], half_life: float) -> NDArray[np.float64]:
        assert self._reference is not None
        return np.exp2((at - self._reference) / (DAY * half_life))

    @staticmethod
    def _factors(behind: int) -> NDArray[np.float64]:
        return np.exp2(behind / DAY / np.array(HALF_LIVES))
