"""What a profile likes and when: labels of what it watched, completion, habits, what the running session is after."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.events.event import DEVICES
from frontrow.features.activity import in_session
from frontrow.features.batch import Batch, RingRows, decay
from frontrow.features.signals import ACTED, PLAYED, SELECT
from frontrow.features.values import Ragged
from frontrow.features.watching import ABANDONED_BELOW

SPEEDS: Final = {"fast": 2 * DAY, "slow": 30 * DAY}
"""Half-lives of taste."""
HABIT_HALF_LIFE: Final = 30 * DAY
MOST_LABELS: Final = 12
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = tuple(map(str, range(24)))

_PRIOR: Final = 1.0
"""Playbacks that the smoothed shares start from, half of them finished."""


def shares(batch: Batch, namespace: str, speed: str) -> NDArray[np.float64]:
    """float64[cases, labels of the namespace]: how much of what was liked bears each label, fading; rows sum to 1, or
    are 0 where nothing is known. A row of a playback or rating counts by its weight (features.interactions)."""

    def make() -> NDArray[np.float64]:
        ring = batch.ring(PLAYED)
        weight = batch.once(
            ("liked", speed), lambda: decay(ring.age_to_newest, SPEEDS[speed]) * ring.rows["weight"] * batch.alive
        )
        return _shares(batch, ring, weight, namespace)

    return batch.once(("shares", namespace, speed), make)


def _shares(batch: Batch, ring: RingRows, weight: NDArray[np.float64], namespace: str) -> NDArray[np.float64]:
    space = batch.space.namespaces[namespace]
    rows = np.flatnonzero((weight > 0) & (ring.shown >= 0))
    titles = ring.shown[rows]
    label, part = space.labels[titles], space.weights[titles] * weight[rows, None]
    case = np.broadcast_to(ring.case[rows, None], label.shape)
    key = (label if len(batch) == 1 else case * space.size + label).ravel()
    sums = np.bincount(key, part.ravel(), len(batch) * space.size).reshape(len(batch), space.size)
    total = np.bincount(case.ravel(), part.ravel(), len(batch))
    sums[:, 0] = 0
    return sums / np.where(total > 0, total, 1.0)[:, None]


def top(batch: Batch, namespace: str, speed: str) -> Ragged:
    """The labels with the largest shares, at most MOST_LABELS a case, largest first."""
    return _top(batch, namespace, shares(batch, namespace, speed))


def _top(batch: Batch, namespace: str, table: NDArray[np.float64]) -> Ragged:
    space = batch.space.namespaces[namespace]
    case, label = np.nonzero(table)
    value = table[case, label]
    order = np.lexsort((space.order[label], -value, case))
    case, label, value = case[order], label[order], value[order]
    rank = np.arange(len(case)) - np.searchsorted(case, case)
    kept = rank < MOST_LABELS
    first = np.searchsorted(case[kept], np.arange(len(batch) + 1))
    return Ragged(value[kept], first, label[kept], space.names)


def session_intent(batch: Batch) -> Ragged:
    """Shares of genres in what was opened or played in the running session; nothing without one."""
    since = np.where(in_session(batch), batch.standing["session"], np.iinfo(np.int64).max)
    total = np.zeros((len(batch), batch.space.namespaces["genre"].size))
    for name in (PLAYED, ACTED):
        ring = batch.ring(name)
        some = batch.plays if name == PLAYED else ring.type == SELECT
        weight = (some & (ring.rows["offset"] >= since[ring.case])).astype(np.float64)
        if weight.any():
            rows = np.bincount(ring.case, weight, len(batch))
            total += _shares(batch, ring, weight, "genre") * rows[:, None]
    whole = total.sum(1, keepdims=True)
    return _top(batch, "genre", total / np.where(whole > 0, whole, 1.0))


def _watched(batch: Batch) -> tuple[RingRows, NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Playbacks over two minutes or to the end: their rows, their fading weights, and the cases' sums of these."""

    def make() -> tuple[RingRows, NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        ring = batch.ring(PLAYED)
        rows = np.flatnonzero(batch.plays & (ring.rows["weight"] > 0))
        weight = decay(ring.age[rows], SPEEDS["slow"])
        total: NDArray[np.float64] = np.bincount(ring.case[rows], weight, len(batch)).astype(np.float64)
        return ring, rows, weight, total

    return batch.once("watched", make)


def completion(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: share of playbacks over two minutes that reached .9, fading, smoothed towards a half."""
    ring, rows, weight, total = _watched(batch)
    finished = np.bincount(ring.case[rows], weight * (ring.rows["weight"][rows] == 1), len(batch))
    return (finished + _PRIOR / 2) / (total + _PRIOR)


def abandonment(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: share of playbacks over two minutes that were left below .2 a day ago or more, fading, smoothed
    as `completion` is."""
    ring, rows, weight, total = _watched(batch)
    idle = batch.now[ring.case[rows]] - ring.rows["until"][rows]
    left = (ring.rows["fraction"][rows] < np.float32(ABANDONED_BELOW)) & (ring.rows["weight"][rows] < 1) & (idle > DAY)
    return (np.bincount(ring.case[rows], weight * left, len(batch)) + _PRIOR / 2) / (total + _PRIOR)


def habit(batch: Batch, what: str) -> NDArray[np.float64]:
    """float64[cases, axis]: shares of playbacks by local hour (24), weekday (7, from Monday) or device (6), fading;
    0 where nothing is known."""
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
    case, place, weight = ring.case[rows][said], place[said], weight[said]
    table = np.bincount(case * size + place, weight, len(batch) * size).reshape(len(batch), size)
    total = np.bincount(case, weight, len(batch))
    return table / np.where(total > 0, total, 1.0)[:, None]
