"""Whether something happened between viewers and titles in spans of time, for many at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import SECOND


class Happened:
    """Things that happened between a profile and a title at a time (microseconds UTC); equal-length arrays. Told to the
    second, over 68 years from the first of them."""

    def __init__(self, profile: NDArray[np.int64], title: NDArray[np.int32], at: NDArray[np.int64]) -> None:
        self._pairs = np.unique((profile << 32) | title)
        self._first = int(at.min()) if len(at) else 0
        self._keys = np.sort(self._key(profile, title, at))

    def any(
        self, profile: NDArray[np.int64], title: NDArray[np.int32], after: NDArray[np.int64], upto: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """bool[n]: whether anything happened between each profile and title after a moment and up to another."""
        begin, end = self._key(profile, title, after), self._key(profile, title, upto)
        some = np.searchsorted(self._keys, end, "right") > np.searchsorted(self._keys, begin, "right")
        found: NDArray[np.bool_] = some & (begin >= 0)
        return found

    def _key(self, profile: NDArray[np.int64], title: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pair's rank and the time in seconds, in one number; -1 for pairs between which nothing happened."""
        pair = (profile << 32) | title
        rank = np.minimum(np.searchsorted(self._pairs, pair), max(len(self._pairs) - 1, 0))
        known = self._pairs[rank] == pair if len(self._pairs) else np.zeros(len(pair), bool)
        seconds = np.clip((at - self._first) // SECOND + 1, 0, 2**31)  # 0: before the first of them
        return np.where(known, (rank << 32) | seconds, -1)
