"""Cases to read features of: trails at moments, of one profile now or of many in the past, as arrays.

Everything that a feature is computed from is here, so serving and training read by the same functions. Sums run over a
case's rows in their order (`numpy.bincount` adds one after another), and decays come from a table, so a value does not
depend, in any bit, on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.features.history import Gathered, History
from frontrow.features.labels import LabelSpace
from frontrow.features.signals import CAPS, PLAY_TYPES, PLAYED, STANDING, UNWATCH, Rows
from frontrow.features.trail import Trail

T = TypeVar("T")

NEVER: Final = int(np.iinfo(np.int64).min)
"""Before all times."""

_IS_PLAY: Final = np.isin(np.arange(128), PLAY_TYPES)
STEPS: Final = 256
"""Steps of a half-life in which things fade."""

_HALVINGS: Final = 64
_DECAY: Final = np.array([2.0 ** (-step / STEPS) for step in range(STEPS * _HALVINGS)] + [0.0])


def decay(age: NDArray[np.int64], half_life: int) -> NDArray[np.float64]:
    """2^(-age / half_life), both in microseconds, in steps of a 256th of the half-life; 0 after 64 of them."""
    return decayed(steps(age, (half_life,))[0])


def steps(age: NDArray[np.int64], half_lives: Sequence[int]) -> NDArray[np.int64]:
    """int64[half-lives, ages]: ages in steps of each half-life (whole hours), as `decay` counts them; below STEPS: less
    than one."""
    found = np.empty((len(half_lives), len(age)), np.int64)
    for row, half_life in zip(found, half_lives, strict=True):
        np.floor_divide(age, half_life // STEPS, out=row)
    return np.minimum(found, STEPS * _HALVINGS, out=found)


def decayed(steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is left after so many steps."""
    left: NDArray[np.float64] = _DECAY.take(steps)
    return left


def age(now: NDArray[np.int64], case: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds from each `at` to the moment of its case, never negative."""
    since: NDArray[np.int64] = np.maximum((now if len(now) == 1 else now[case]) - at, 0)
    return since


class RingRows:
    """One ring's rows of all cases, by columns, and what is made of them that no clock changes: row i belongs to
    `case[i]`, `shown` is its title, episodes as their series, -1 for none."""

    def __init__(self, gathered: Gathered, space: LabelSpace) -> None:
        self.rows, self.first = gathered
        self.lasting: dict[Hashable, tuple[tuple[RingRows, ...], Any]] = {}
        self._space, self._version = space, space.version

    def __len__(self) -> int:
        return len(self.rows)

    def is_of(self, rows: Rows, space: LabelSpace) -> bool:
        """Whether it was made of these rows and of titles' labels as they are."""
        return self.rows is rows and self._space is space and self._version == space.version

    @cached_property
    def case(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))

    @cached_property
    def at(self) -> NDArray[np.int64]:
        return np.ascontiguousarray(self.rows["at"])

    @cached_property
    def type(self) -> NDArray[np.int8]:
        return np.ascontiguousarray(self.rows["type"])

    @cached_property
    def title(self) -> NDArray[np.int32]:
        return np.ascontiguousarray(self.rows["title"])

    @cached_property
    def weight(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self.rows["weight"])

    @cached_property
    def offset(self) -> NDArray[np.int64]:
        return np.ascontiguousarray(self.rows["offset"])

    @cached_property
    def age_to_newest(self) -> NDArray[np.int64]:
        """Microseconds from each `at` to the newest `at` of its case: shares of fading sums read by it are the same as
        by the age now, and stay when nothing comes for years."""
        cases = len(self.first) - 1
        if cases == 1:
            age: NDArray[np.int64] = self.at.max(initial=NEVER) - self.at
            return age
        newest = np.full(cases, NEVER)
        np.maximum.at(newest, self.case, self.at)
        since: NDArray[np.int64] = newest[self.case] - self.at
        return since

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        return self._space.shown_as(self.title)


class Batch:
    """`now` (int64, microseconds UTC) is each case's moment, at least that of the newest event the trail has seen."""

    def __init__(self, rings: dict[str, RingRows], standing: Rows, now: NDArray[np.int64], space: LabelSpace) -> None:
        self.now = np.maximum(now, np.where(standing["count"] > 0, standing["newest_at"], now))
        self.standing = standing
        self.space = space
        self._rings = rings
        self._kept: dict[Hashable, object] = {}

    @classmethod
    def of_trail(cls, trail: Trail, now: int, space: LabelSpace) -> Batch:
        """One profile at one moment."""
        rings: dict[str, RingRows] = trail.kept
        for name, rows in trail.rings.items():
            held = rings.get(name)
            if held is None or not held.is_of(rows, space):
                rings[name] = RingRows(Gathered(rows, np.array([0, len(rows)])), space)
        standing = trail.standing if len(trail.standing) else np.zeros(1, STANDING)
        return cls(rings.copy(), standing, np.array([now]), space)

    @classmethod
    def as_of(
        cls, history: History, profiles: NDArray[np.int64], offsets: NDArray[np.int64], now: NDArray[np.int64],
        space: LabelSpace,
    ) -> Batch:  # fmt: skip
        """Profile numbers as they stood at log offsets, at moments: equal-length int64 arrays."""
        rings, standing = history.as_of(profiles, offsets)
        return cls({name: RingRows(gathered, space) for name, gathered in rings.items()}, standing, now, space)

    def __len__(self) -> int:
        return len(self.now)

    def ring(self, name: str) -> RingRows:
        """One ring's rows."""
        return self._rings[name]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, made once a batch: features that share a sum share it here."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[return-value]

    def lasting(self, rings: tuple[str, ...], key: Hashable, make: Callable[[], T]) -> T:
        """`once`, kept with the rows of these rings until they or titles' labels change: for what is made of nothing
        else, `now` least of all."""
        home = self._rings[rings[0]]
        stands = tuple(map(self._rings.__getitem__, rings[1:])) if len(rings) > 1 else ()
        found = home.lasting.get(key)
        if found is None or found[0] != stands:
            found = home.lasting[key] = (stands, make())
        return found[1]

    def of_case(self, case: NDArray[np.int64], place: NDArray[np.integer[Any]], size: int) -> NDArray[Any]:
        """Places below `size` of each case, one case after another, in one number."""
        return place if len(self) == 1 else case * size + place

    @property
    def alive(self) -> NDArray[np.bool_]:
        """Rows of the ring of playbacks that no later `unwatch` undid; the `unwatch` rows are not."""
        return self.lasting((PLAYED,), "alive", lambda: _alive(self.ring(PLAYED)))

    @property
    def plays(self) -> NDArray[np.bool_]:
        """Rows of the ring of playbacks that are playbacks, not undone."""
        return self.lasting((PLAYED,), "plays", lambda: self.alive & _IS_PLAY[self.ring(PLAYED).type])

    def newest(self, names: tuple[str, ...]) -> NDArray[np.int64]:
        """The largest `at` of the cases' rows in some rings, int64; 0 where there are none."""
        newest = np.zeros(len(self), np.int64)
        for name in names or tuple(CAPS):
            ring = self.ring(name)
            np.maximum.at(newest, ring.case, ring.rows["until"])
        return newest


def _alive(ring: RingRows) -> NDArray[np.bool_]:
    alive: NDArray[np.bool_] = ring.type != UNWATCH
    for place in () if alive.all() else np.flatnonzero(~alive).tolist():
        own = slice(int(ring.first[ring.case[place]]), place)
        title = ring.title[place]
        alive[own] &= (ring.title[own] != title) & (ring.shown[own] != title)
    return alive
