"""What a profile likes and when: labels of what it watched, completion, habits, what the running session is after."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.events.event import DEVICES
from frontrow.features.activity import in_session
from frontrow.features.batch import Batch, RingRows, age, decay
from frontrow.features.habits import HABIT_HALF_LIFE, shares_of
from frontrow.features.labels import NAMESPACES
from frontrow.features.signals import ACTED, PLAYED, SEARCH, SELECT
from frontrow.features.values import Ragged
from frontrow.features.watching import ABANDONED_BELOW

SPEEDS: Final = {"fast": 2 * DAY, "slow": 30 * DAY}
"""Half-lives of taste."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = tuple(map(str, range(24)))

_KINDS: Final = len(NAMESPACES) + 1
_PRIOR: Final = 1.0
"""Playbacks that the smoothed shares start from, half of them finished."""


class _Labels:
    """The labels of some rows of a ring, one after another: `row` the row, `cell` case × labels + label, `total` case ×
    namespaces + namespace, `part` what the label weighs."""

    def __init__(self, batch: Batch, ring: RingRows, some: NDArray[np.bool_]) -> None:
        space = batch.space
        rows = np.flatnonzero(some & (ring.shown >= 0))
        titles = ring.shown[rows]
        table = space.labels[titles]
        filled = np.flatnonzero(table)
        label = table.ravel()[filled].astype(np.int64)
        self.part = space.weights[titles].ravel()[filled]
        self.row = rows[filled // max(table.shape[1], 1)]
        self.cell, self.total = label, space.kind[label].astype(np.int64)
        if len(batch) > 1:
            case = ring.case[self.row]
            self.cell = case * space.size + label
            self.total = case * _KINDS + self.total


class Shares:
    """Shares of labels, a namespace's summing to 1 in every case (or 0 where nothing is known).

    `table()` is float64[cases, labels]; `of(namespace)` the labels that have a share, as a map. Only these are kept.
    """

    def __init__(self, batch: Batch, parts: tuple[tuple[_Labels, NDArray[np.float64]], ...]) -> None:
        space, cases = batch.space, len(batch)
        self._cases, self._names = cases, space.names
        cell = np.concatenate([labels.cell for labels, _ in parts])
        value = np.concatenate([labels.part * weight[labels.row] for labels, weight in parts])
        sums = np.bincount(cell, value, cases * space.size)
        total = np.bincount(np.concatenate([labels.total for labels, _ in parts]), value, cases * _KINDS)
        found = np.flatnonzero(sums)
        case, label = (np.zeros(len(found), np.int64), found) if cases == 1 else np.divmod(found, space.size)
        kind = space.kind[label]
        share = sums[found] / total[case * _KINDS + kind]
        self._size, self._found, self._values = space.size, found, share
        order = np.argsort(kind, kind="stable")
        self._case, self._label, self._share = case[order], label[order], share[order]
        self._ends = np.searchsorted(kind[order], np.arange(_KINDS))

    def table(self) -> NDArray[np.float64]:
        """All labels' shares, 0 for those without."""
        table = np.zeros(self._cases * self._size)
        table[self._found] = self._values
        return table.reshape(self._cases, self._size)

    def of(self, namespace: str) -> Ragged:
        """Labels of the namespace with a share above 0, case by case."""
        kind = list(NAMESPACES).index(namespace)
        part = slice(int(self._ends[kind]), int(self._ends[kind + 1]))
        first = np.searchsorted(self._case[part], np.arange(self._cases + 1))
        return Ragged(self._share[part], first, self._label[part], self._names)


def shares(batch: Batch, speed: str) -> Shares:
    """How much of what was liked bears each label, fading: a playback or rating counts by its weight
    (features.interactions)."""

    def make() -> Shares:
        ring = batch.ring(PLAYED)
        labels = batch.once("liked", lambda: _Labels(batch, ring, batch.alive & (ring.weight > 0)))
        return Shares(batch, ((labels, decay(ring.age_to_newest, SPEEDS[speed]) * ring.weight),))

    return batch.lasting(("shares", speed), make)


def taste(batch: Batch, namespace: str, speed: str) -> Ragged:
    """`shares` of one namespace."""
    return shares(batch, speed).of(namespace)


def session_intent(batch: Batch) -> Ragged:
    """Shares of genres in what was opened, played or, where a search event names a title, searched for in the running
    session; nothing without one."""
    running = in_session(batch)
    if not running.any():
        nothing = np.empty(0, np.int64)
        return Ragged(np.empty(0), np.zeros(len(batch) + 1, np.int64), nothing, batch.space.names)
    since = np.where(running, batch.standing["session"], np.iinfo(np.int64).max)
    parts = []
    for name in (PLAYED, ACTED):
        ring = batch.ring(name)
        some = batch.plays if name == PLAYED else (ring.type == SELECT) | (ring.type == SEARCH)
        labels = _Labels(batch, ring, some & (ring.offset >= since[ring.case]))
        parts.append((labels, np.ones(len(ring))))
    return Shares(batch, tuple(parts)).of("genre")


class _Watched(NamedTuple):
    """Playbacks over two minutes or to the end: the case of each, when it began and was last heard of, whether it
    reached the end, and whether it stands below ABANDONED_BELOW."""

    case: NDArray[np.int64]
    at: NDArray[np.int64]
    until: NDArray[np.int64]
    finished: NDArray[np.bool_]
    left: NDArray[np.bool_]

    @classmethod
    def of(cls, batch: Batch) -> _Watched:
        """Those of the batch's trails."""
        ring = batch.ring(PLAYED)
        rows = np.flatnonzero(batch.plays & (ring.weight > 0))
        finished = ring.weight[rows] == 1
        left = (ring.rows["fraction"][rows] < np.float32(ABANDONED_BELOW)) & ~finished
        return cls(ring.case[rows], ring.at[rows], ring.rows["until"][rows], finished, left)


def _watched(batch: Batch) -> tuple[_Watched, NDArray[np.float64], NDArray[np.float64]]:
    """With their fading weights, and the cases' sums of these."""

    def make() -> tuple[_Watched, NDArray[np.float64], NDArray[np.float64]]:
        watched = batch.lasting("watched rows", lambda: _Watched.of(batch))
        weight = decay(age(batch.now, watched.case, watched.at), SPEEDS["slow"])
        total: NDArray[np.float64] = np.bincount(watched.case, weight, len(batch)).astype(np.float64)
        return watched, weight, total

    return batch.once("watched", make)


def completion(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: share of playbacks over two minutes that reached .9, fading, smoothed towards a half."""
    watched, weight, total = _watched(batch)
    finished = np.bincount(watched.case, weight * watched.finished, len(batch))
    return (finished + _PRIOR / 2) / (total + _PRIOR)


def abandonment(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: share of playbacks over two minutes that were left below .2 a day ago or more, fading, smoothed
    as `completion` is."""
    watched, weight, total = _watched(batch)
    left = watched.left & (age(batch.now, watched.case, watched.until) > DAY)
    return (np.bincount(watched.case, weight * left, len(batch)) + _PRIOR / 2) / (total + _PRIOR)


def habit(batch: Batch, what: str) -> NDArray[np.float64]:
    """float64[cases, axis]: shares of playbacks by local hour (24), weekday (7, from Monday) or device (6), fading;
    0 where nothing is known."""
    return batch.lasting(("habit", what), lambda: _habit(batch, what))


def _habit(batch: Batch, what: str) -> NDArray[np.float64]:
    ring = batch.ring(PLAYED)
    rows, weight = batch.once(
        "habits", lambda: (np.flatnonzero(batch.plays), decay(ring.age_to_newest[batch.plays], HABIT_HALF_LIFE))
    )
    hour = ring.rows["hour"][rows].astype(np.int64)
    size, place = {
        "hour": (24, hour % 24),
        "weekday": (7, hour // 24),
        "device": (len(DEVICES), ring.rows["device"][rows].astype(np.int64)),
    }[what]
    said = place >= 0
    return shares_of(ring.case[rows][said], place[said], weight[said], len(batch), size)
