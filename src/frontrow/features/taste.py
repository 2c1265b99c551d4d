"""What a profile likes and when: labels of what it watched, completion, habits, what the running session is after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.events.event import DEVICES
from frontrow.features.activity import in_session, session_began
from frontrow.features.batch import Batch, RingRows, age, decay
from frontrow.features.habits import HABIT_HALF_LIFE, shares_of
from frontrow.features.labels import NAMESPACES
from frontrow.features.played_ring import PLAYS
from frontrow.features.signals import ACTED, PLAYED, SEARCH, SELECT, UNWATCH
from frontrow.features.values import Ragged
from frontrow.features.watching import ABANDONED_BELOW

SPEEDS: Final = {"fast": 2 * DAY, "slow": 30 * DAY}
"""Half-lives of taste."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = tuple(map(str, range(24)))

_PLACE: Final = {name: place for place, name in enumerate(NAMESPACES)}
_KINDS: Final = len(NAMESPACES) + 1
_BOUNDS: Final = np.arange(_KINDS, dtype=np.int8)
_PRIOR: Final = 1.0
"""Playbacks that the smoothed shares start from, half of them finished."""


class _Labels(NamedTuple):
    """The labels of some rows, in order of the rows: `row` is the place of the row among them, `part` what the label
    weighs, `place` the place among the pairs of case and label that there are. Of these, `case`, `label` and `total`
    (case × namespaces + namespace), namespace by namespace: one's are those from `ends[n]` to `ends[n + 1]`."""

    row: NDArray[np.int64]
    part: NDArray[np.float32]
    place: NDArray[np.int64]
    case: NDArray[np.int64]
    label: NDArray[np.int64]
    total: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, batch: Batch, case: NDArray[np.int64], shown: NDArray[np.int64]) -> _Labels:
        """Of rows with these cases and titles (RingRows.shown)."""
        space = batch.space
        table = space.labels.take(shown, 0)
        filled = table.ravel().nonzero()[0]
        row, label = filled // table.shape[1], table.ravel().take(filled)
        cell = batch.of_case(case.take(row), label, space.size)
        there = np.zeros(len(batch) * space.size, bool)
        there[cell] = True
        found = there.nonzero()[0]
        kind = space.kind.take(found if len(batch) == 1 else found % space.size)
        order = kind.argsort(kind="stable")
        found, kind = found.take(order), kind.take(order)
        rank = np.empty(len(there), np.int64)
        rank[found] = np.arange(len(found))
        cases, labels = divmod(found, space.size) if len(batch) > 1 else (np.zeros(len(found), np.int64), found)
        part = space.weights.take(shown, 0).ravel().take(filled)
        total = batch.of_case(cases, kind, _KINDS)
        return cls(row, part, rank.take(cell), cases, labels, total, kind.searchsorted(_BOUNDS))


class Shares:
    """Shares of labels, a namespace's summing to 1 in every case (or 0 where nothing is known): each the part of its
    labels' weights, those of one row multiplied by its `weight`.

    `table()` is float64[cases, labels]; `of(namespace)` the labels that have a share, as a map.
    """

    def __init__(self, batch: Batch, labels: _Labels, weight: NDArray[np.float64]) -> None:
        self._shape, self._names = (len(batch), batch.space.size), batch.space.names
        value = labels.part * weight.take(labels.row)
        sums = np.bincount(labels.place, value, len(labels.label))
        total = np.bincount(labels.total.take(labels.place), value, len(batch) * _KINDS)  # in order of the rows
        self._case, self._label, self._ends = labels.case, labels.label, labels.ends
        if sums.all():
            self._share = sums / total.take(labels.total)
        else:  # of some that are so old nothing is left
            left = sums.nonzero()[0]
            self._share = sums[left] / total[labels.total[left]]
            self._case, self._label, self._ends = labels.case[left], labels.label[left], left.searchsorted(labels.ends)
        self._of: dict[str, Ragged] = {}

    def table(self) -> NDArray[np.float64]:
        """All labels' shares, 0 for those without."""
        table = np.zeros(self._shape)
        table[self._case, self._label] = self._share
        return table

    def of(self, namespace: str) -> Ragged:
        """Labels of the namespace with a share above 0, case by case."""
        known = self._of.get(namespace)
        if known is None:
            kind = _PLACE[namespace]
            part = slice(self._ends.item(kind), self._ends.item(kind + 1))
            first = self._case[part].searchsorted(np.arange(self._shape[0] + 1))
            known = self._of[namespace] = Ragged(self._share[part], first, self._label[part], self._names)
        return known


def shares(batch: Batch, speed: str) -> Shares:
    """How much of what was liked bears each label, fading: a playback or rating counts by its weight
    (features.interactions)."""

    def liked() -> tuple[NDArray[np.int64], _Labels]:
        ring = batch.ring(PLAYED)
        rows = (batch.alive & (ring.weight > 0)).nonzero()[0]
        return rows, _Labels.of(batch, ring.case[rows], ring.shown[rows])

    def make() -> Shares:
        ring = batch.ring(PLAYED)
        rows, labels = batch.once("liked", liked)
        return Shares(batch, labels, decay(ring.age_to_newest[rows], SPEEDS[speed]) * ring.weight[rows])

    return batch.lasting((PLAYED,), ("shares", speed), make)


def taste(batch: Batch, namespace: str, speed: str) -> Ragged:
    """`shares` of one namespace."""
    return shares(batch, speed).of(namespace)


class _Session(NamedTuple):
    """What the running session is about: how often each title (its number, of an episode the series) was opened, played
    or, where a search event names it, searched for; and how many of these times it was opened or played."""

    titles: Counter[int]
    opened: int


def _sessions(batch: Batch) -> dict[int, _Session]:
    """Of the cases that have one. Sessions are short: their rows are gone through one by one, which arrays would make
    dearer."""

    def make() -> dict[int, _Session]:
        since = session_began(batch)
        running = [] if since is None else in_session(batch).nonzero()[0].tolist()
        return {case: _session(batch, case, since.item(case)) for case in running if since is not None}

    return batch.once("sessions", make)


def _session(batch: Batch, case: int, since: int) -> _Session:
    played: list[tuple[int, int]] = []
    acted: list[tuple[int, int]] = []
    shown_as = batch.space.shown_one
    for kind, title in _rows_since(batch.ring(PLAYED), case, since):
        if kind == UNWATCH:
            played = [(each, shown) for each, shown in played if title not in (each, shown)]
        elif kind in PLAYS:
            played.append((title, shown_as(title)))
    for kind, title in _rows_since(batch.ring(ACTED), case, since):
        if kind in (SELECT, SEARCH):
            acted.append((kind, shown_as(title)))
    titles = Counter(shown for _, shown in played + acted)
    return _Session(titles, len(played) + sum(kind == SELECT for kind, _ in acted))


def _rows_since(ring: RingRows, case: int, since: int) -> Iterator[tuple[int, int]]:
    """Type and title of a case's rows that began at an offset or after it; they are in order of it."""
    rows = ring.rows[ring.first.item(case) : ring.first.item(case + 1)]
    rows = rows[rows["offset"].searchsorted(since) :]
    return zip(rows["type"].tolist(), rows["title"].tolist(), strict=True)


def session_opened(batch: Batch) -> NDArray[np.int64]:
    """int64[cases]: playbacks begun and details opened in the running session; 0 without one."""
    opened = np.zeros(len(batch), np.int64)
    for case, session in _sessions(batch).items():
        opened[case] = session.opened
    return opened


def session_intent(batch: Batch) -> Ragged:
    """Shares of genres in what was opened, played or, where a search event names a title, searched for in the running
    session; nothing without one."""
    keys: list[int] = []
    values: list[float] = []
    ends = np.zeros(len(batch) + 1, np.int64)
    for case, session in _sessions(batch).items():
        wanted: dict[int, float] = {}
        for title, times in session.titles.items():
            for label, weight in batch.space.genres(title):
                wanted[label] = wanted.get(label, 0.0) + times * weight
        total = sum(wanted.values())
        keys += sorted(wanted)
        values += [wanted[label] / total for label in sorted(wanted)]
        ends[case + 1] = len(wanted)
    return Ragged(np.array(values, np.float64), ends.cumsum(), np.array(keys, np.int64), batch.space.names)


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
        rows = (batch.plays & (ring.weight > 0)).nonzero()[0]
        finished = ring.weight[rows] == 1
        left = (ring.rows["fraction"][rows] < np.float32(ABANDONED_BELOW)) & ~finished
        return cls(ring.case[rows], ring.at[rows], ring.rows["until"][rows], finished, left)


def _watched(batch: Batch) -> tuple[_Watched, NDArray[np.float64], NDArray[np.float64]]:
    """With their fading weights, and the cases' sums of these."""

    def make() -> tuple[_Watched, NDArray[np.float64], NDArray[np.float64]]:
        watched = batch.lasting((PLAYED,), "watched rows", lambda: _Watched.of(batch))
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
    return batch.lasting((PLAYED,), "habits", lambda: _habits(batch))[what]


def _habits(batch: Batch) -> dict[str, NDArray[np.float64]]:
    ring, cases = batch.ring(PLAYED), len(batch)
    rows = batch.plays.nonzero()[0]
    case, hour, device = ring.case[rows], ring.rows["hour"][rows].astype(np.int64), ring.rows["device"][rows]
    weight = decay(ring.age_to_newest[rows], HABIT_HALF_LIFE)
    weekday, hour = np.divmod(hour, 24)
    said = device >= 0
    return {
        "hour": shares_of(case, hour, weight, cases, 24),
        "weekday": shares_of(case, weekday, weight, cases, 7),
        "device": shares_of(case[said], device[said].astype(np.int64), weight[said], cases, len(DEVICES)),
    }
