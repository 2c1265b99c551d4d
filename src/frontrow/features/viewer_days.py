"""Which (profile, title, UTC day) have been counted already."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY

_MERGE_AT = 20_000
_WORD = 2**64 - 1


def viewer_day_keys(profile: NDArray[np.int64], title: NDArray[np.int32], at: NDArray[np.int64]) -> NDArray[np.uint64]:
    """64-bit keys of (profile, title, UTC day). Two of 4 million collide with a chance below one in a million."""
    key = _mix(profile.astype(np.uint64))
    key = _mix(key ^ title.astype(np.uint64))
    return _mix(key ^ (at // DAY).astype(np.uint64))


def viewer_day_key(profile: int, title: int, at: int) -> int:
    """`viewer_day_keys` for one."""
    return _mix_one(_mix_one(_mix_one(profile) ^ title) ^ (at // DAY & _WORD))


def _mix_one(x: int) -> int:
    x = (x + 0x9E3779B97F4A7C15) & _WORD
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _WORD
    return x ^ (x >> 31)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele et al. 2014); unsigned arithmetic wraps around on purpose."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


class ViewerDays:
    """A set of keys: a sorted array, and a small set of recent ones that is merged into it now and then."""

    def __init__(self, keys: NDArray[np.uint64] | None = None) -> None:
        self._sorted = np.empty(0, np.uint64) if keys is None else np.sort(keys)
        self._recent: set[int] = set()

    @classmethod
    def of_sorted(cls, keys: NDArray[np.uint64]) -> ViewerDays:
        """Of keys that ascend; the array is never written to."""
        days = cls()
        days._sorted = keys
        return days

    def keys(self) -> NDArray[np.uint64]:
        """All of them, ascending."""
        recent = np.fromiter(self._recent, np.uint64, len(self._recent))
        return np.sort(np.concatenate([self._sorted, recent])) if len(recent) else self._sorted

    def add_one(self, key: int) -> bool:
        """`add` for one: whether it is new."""
        if key in self._recent:
            return False
        place = int(np.searchsorted(self._sorted, np.uint64(key)))
        if place < len(self._sorted) and int(self._sorted[place]) == key:
            return False
        self._recent.add(key)
        return True

    def discard(self, keys: NDArray[np.uint64]) -> None:
        """Takes keys out; those that are not in are no matter."""
        self._recent.difference_update(keys.tolist())
        if len(self._sorted):
            self._sorted = self._sorted[~np.isin(self._sorted, keys)]

    def add(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Adds keys; the places of those that are new, each key once, at its first place, ascending."""
        first = np.sort(np.unique(keys, return_index=True)[1])
        candidates = keys[first]
        if len(self._sorted):
            place = np.minimum(np.searchsorted(self._sorted, candidates), len(self._sorted) - 1)
            unknown = self._sorted[place] != candidates
            first, candidates = first[unknown], candidates[unknown]
        if self._recent:
            unknown = np.fromiter((key not in self._recent for key in candidates.tolist()), bool, len(candidates))
            first, candidates = first[unknown], candidates[unknown]
        if len(candidates) > _MERGE_AT:
            self._sorted = np.sort(np.concatenate([self._sorted, candidates]))
        else:
            self._recent.update(candidates.tolist())
        if len(self._recent) > _MERGE_AT:
            recent = np.fromiter(self._recent, np.uint64, len(self._recent))
            self._sorted = np.sort(np.concatenate([self._sorted, recent]))
            self._recent.clear()
        return first.astype(np.int64)
