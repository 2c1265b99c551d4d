"""What lies between a profile and a title: shown and not played, when last seen, how well it fits the taste."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR
from frontrow.features.batch import Batch, RingRows
from frontrow.features.labels import NAMESPACES
from frontrow.features.signals import PLAYED, SHOWN
from frontrow.features.taste import shares

T = TypeVar("T")

SMALL = 1 << 17
"""Numbers up to which a key is looked up in a table; beyond, among the sorted ones."""

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Pairs:
    """Pairs to read features of: `case[i]` (int64, a place in the batch) and `title[i]` (int64, a title number; of an
    episode its series' counts)."""

    batch: Batch
    case: NDArray[np.int64]
    title: NDArray[np.int64]
    _kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.title)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, made once for these pairs."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[no-any-return]

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """Case and title in one number."""
        return self.case * self.width + self.title

    @cached_property
    def width(self) -> int:
        """One more than the largest title number."""
        return max(len(self.batch.space.series_of), int(self.title.max(initial=-1)) + 1)


@dataclass(frozen=True)
class _Met:
    """For each (case, title) with rows: how many, the newest `until`, the newest offset, the latest position."""

    keys: NDArray[np.int64]
    count: NDArray[np.int64]
    until: NDArray[np.int64]
    offset: NDArray[np.int64]
    fraction: NDArray[np.float32]

    def place(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each key stands; -1 for those that do not."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        size = int(max(self.keys[-1], keys.max(initial=-1))) + 1
        if size <= SMALL and min(int(self.keys[0]), int(keys.min(initial=0))) >= 0:
            table = np.full(size, -1)
            table[self.keys] = np.arange(len(self.keys))
            return table.take(keys)
        found = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[found] == keys, found, -1)


def _met(ring: RingRows, rows: NDArray[np.int64], width: int) -> _Met:
    keys = ring.case[rows] * width + ring.shown[rows]
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    new = np.ones(len(keys), bool)
    new[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(keys))
    if not len(starts):
        return _Met(keys, keys, keys, keys, np.empty(0, np.float32))
    until = np.maximum.reduceat(ring.rows["until"][rows], starts)
    return _Met(keys[starts], ends - starts, until, ring.rows["last"][rows[ends - 1]],
                ring.rows["fraction"][rows[ends - 1]])  # fmt: skip


def _played(pairs: Pairs) -> _Met:
    batch, width = pairs.batch, pairs.width

    def make() -> _Met:
        ring = batch.ring(PLAYED)
        return _met(ring, np.flatnonzero(batch.alive & (ring.shown >= 0)), width)

    return batch.once(("played", width), make)


def _shown(pairs: Pairs) -> _Met:
    batch, width = pairs.batch, pairs.width

    def make() -> _Met:
        ring = batch.ring(SHOWN)
        return _met(ring, np.flatnonzero(ring.shown >= 0), width)

    return batch.once(("shown", width), make)


def plays(pairs: Pairs) -> NDArray[np.int64]:
    """int64[pairs]: playbacks and ratings of the title that the trail holds."""
    met = _played(pairs)
    return _at(met.count, _place(pairs, PLAYED), 0)


def position(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: position reached in the latest playback, 0..1; NaN if never."""
    met = _played(pairs)
    return _at(met.fraction.astype(np.float64), _place(pairs, PLAYED), np.nan)


def hours_since_seen(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: hours since it was last played or rated; NaN if never."""
    return _hours(pairs, _played(pairs), PLAYED)


def hours_since_shown(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: hours since it was last on screen; NaN if never."""
    return _hours(pairs, _shown(pairs), SHOWN)


def impressions(pairs: Pairs) -> NDArray[np.int64]:
    """int64[pairs]: how often it was on screen, of the impressions that the trail holds."""
    return _at(_shown(pairs).count, _place(pairs, SHOWN), 0)


def impressions_unplayed(pairs: Pairs) -> NDArray[np.int64]:
    """int64[pairs]: how often it was on screen since it was last played or rated (ever, if it never was)."""

    def make() -> _Met:
        batch, played = pairs.batch, _played(pairs)
        ring = batch.ring(SHOWN)
        rows = np.flatnonzero(ring.shown >= 0)
        place = played.place(ring.case[rows] * pairs.width + ring.shown[rows])
        after = rows[ring.rows["offset"][rows] > _at(played.offset, place, -1)]
        return _met(ring, after, pairs.width)

    met = pairs.batch.once(("unplayed", pairs.width), make)
    return _at(met.count, met.place(pairs.keys), 0)


def match(pairs: Pairs, namespace: str, speed: str) -> NDArray[np.float64]:
    """float64[pairs]: the profile's shares of the title's labels, each by its weight, summed."""
    space, kinds = pairs.batch.space, len(NAMESPACES) + 1

    def labelled() -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Of each title's labels: the place in the table of shares, the weight, the place in the table of matches."""
        title = np.where((pairs.title >= 0) & (pairs.title < len(space.labels)), pairs.title, -1)
        label, weight = space.labels.take(title, 0), space.weights.take(title, 0).astype(np.float64)
        weight[title < 0] = 0
        key = np.arange(len(pairs))[:, None] * kinds + space.kind.take(label)
        return pairs.case[:, None] * space.size + label, weight, key.ravel()

    def make() -> NDArray[np.float64]:
        if not len(space.labels):
            return np.zeros((len(pairs), kinds))
        place, weight, key = pairs.once("labelled", labelled)
        value = shares(pairs.batch, speed).table().take(place) * weight
        total: NDArray[np.float64] = np.bincount(key, value.ravel(), len(pairs) * kinds).astype(np.float64)
        return total.reshape(len(pairs), kinds)

    return pairs.once(("match", speed), make)[:, list(NAMESPACES).index(namespace)]


def _place(pairs: Pairs, ring: str) -> NDArray[np.int64]:
    met = _played(pairs) if ring == PLAYED else _shown(pairs)
    return pairs.once(("place", ring), lambda: met.place(pairs.keys))


def _hours(pairs: Pairs, met: _Met, ring: str) -> NDArray[np.float64]:
    then = _at(met.until, _place(pairs, ring), _NEVER)
    return np.where(then > _NEVER, (pairs.batch.now[pairs.case] - np.maximum(then, -(2**61))) / HOUR, np.nan)


def _at(values: NDArray[Any], place: NDArray[np.int64], missing: float) -> NDArray[Any]:
    """values[place], and `missing` where the place is -1."""
    if not len(values):
        return np.full(len(place), missing, values.dtype)
    return np.where(place >= 0, values[place], np.asarray(missing, values.dtype))
