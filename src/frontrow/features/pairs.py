"""What lies between a profile and a title: shown and not played, when last seen, how well it fits the taste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR
from frontrow.features.batch import Batch, RingRows
from frontrow.features.signals import PLAYED, SHOWN
from frontrow.features.taste import shares

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Pairs:
    """Pairs to read features of: `case[i]` (int64, a place in the batch) and `title[i]` (int64, a title number; of an
    episode its series' counts)."""

    batch: Batch
    case: NDArray[np.int64]
    title: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.title)

    @property
    def keys(self) -> NDArray[np.int64]:
        """Case and title in one number."""
        return self.case * self.width + self.title

    @property
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
    return _at(met.count, met.place(pairs.keys), 0)


def position(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: position reached in the latest playback, 0..1; NaN if never."""
    met = _played(pairs)
    return _at(met.fraction.astype(np.float64), met.place(pairs.keys), np.nan)


def hours_since_seen(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: hours since it was last played or rated; NaN if never."""
    return _hours(pairs, _played(pairs))


def hours_since_shown(pairs: Pairs) -> NDArray[np.float64]:
    """float64[pairs]: hours since it was last on screen; NaN if never."""
    return _hours(pairs, _shown(pairs))


def impressions(pairs: Pairs) -> NDArray[np.int64]:
    """int64[pairs]: how often it was on screen, of the impressions that the trail holds."""
    met = _shown(pairs)
    return _at(met.count, met.place(pairs.keys), 0)


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
    space = pairs.batch.space.namespaces[namespace]
    table = shares(pairs.batch, namespace, speed)
    known = pairs.title < len(space.labels)
    title = np.where(known, pairs.title, 0)
    if not len(space.labels):
        return np.zeros(len(pairs))
    each = table[pairs.case[:, None], space.labels[title]] * space.weights[title]
    total = np.zeros(len(pairs))
    for column in each.T:  # one after another: the sum does not depend on how wide the table of labels is
        total += column
    return np.where(known, total, 0.0)


def _hours(pairs: Pairs, met: _Met) -> NDArray[np.float64]:
    then = _at(met.until, met.place(pairs.keys), _NEVER)
    return np.where(then > _NEVER, (pairs.batch.now[pairs.case] - np.maximum(then, -(2**61))) / HOUR, np.nan)


def _at(values: NDArray[Any], place: NDArray[np.int64], missing: float) -> NDArray[Any]:
    """values[place], and `missing` where the place is -1."""
    if not len(values):
        return np.full(len(place), missing, values.dtype)
    return np.where(place >= 0, values[place], np.asarray(missing, values.dtype))
