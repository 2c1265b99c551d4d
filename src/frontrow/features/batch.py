"""Cases to read features of: trails at moments, of one profile now or of many in the past, as arrays.

Everything that a feature is computed from is here, so serving and training read by the same functions. Sums run over a
case's rows in their order (`numpy.bincount` adds one after another), and decays come from a table, so a value does not
depend, in any bit, on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.features.history import Gathered, History
from frontrow.features.labels import LabelSpace
from frontrow.features.signals import CAPS, PLAY_TYPES, PLAYED, STANDING, UNWATCH, Rows
from frontrow.features.trail import Trail

T = TypeVar("T")

_IS_PLAY: Final = np.isin(np.arange(128), PLAY_TYPES)
_STEPS: Final = 256
_HALVINGS: Final = 64
_DECAY: Final = np.array([2.0 ** (-step / _STEPS) for step in range(_STEPS * _HALVINGS)] + [0.0])


def decay(age: NDArray[np.int64], half_life: int) -> NDArray[np.float64]:
    """2^(-age / half_life), both in microseconds, in steps of a 256th of the half-life; 0 after 64 of them."""
    return _DECAY[np.minimum(age * _STEPS // half_life, _STEPS * _HALVINGS)]


def age(now: NDArray[np.int64], case: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds from each `at` to the moment of its case, never negative."""
    since: NDArray[np.int64] = np.maximum((now if len(now) == 1 else now[case]) - at, 0)
    return since


class RingRows:
    """One ring's rows of all cases: `case[i]` is the case that row i belongs to; `age` (microseconds) of its `at` at
    the case's moment, never negative; `shown` its title, episodes as their series, -1 for none."""

    def __init__(self, gathered: Gathered, now: NDArray[np.int64], space: LabelSpace) -> None:
        self.rows, self.first = gathered
        self._now, self._space = now, space

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def case(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self._now)), np.diff(self.first))

    @cached_property
    def at(self) -> NDArray[np.int64]:
        return np.ascontiguousarray(self.rows["at"])

    @cached_property
    def age(self) -> NDArray[np.int64]:
        return age(self._now, self.case, self.at)

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
        """Age (microseconds) at the `at` of the case's newest row: shares of fading sums read by it are the same as by
        the age now, and stay when nothing comes for years."""
        youngest = np.full(len(self._now), np.iinfo(np.int64).max)
        np.minimum.at(youngest, self.case, self.age)
        since: NDArray[np.int64] = self.age - youngest[self.case]
        return since

    @cached_property
    def shown(self) -> NDArray[np.int64]:
        return self._space.shown_as(self.title)


class Batch:
    """`now` (int64, microseconds UTC) is each case's moment, at least that of the newest event the trail has seen."""

    def __init__(
        self, rings: dict[str, Gathered], standing: Rows, now: NDArray[np.int64], space: LabelSpace,
        lasting: dict[Hashable, object] | None = None,
    ) -> None:  # fmt: skip
        self.now = np.maximum(now, np.where(standing["count"] > 0, standing["newest_at"], now))
        self.standing = standing
        self.space = space
        self._rings = {name: RingRows(gathered, self.now, space) for name, gathered in rings.items()}
        self._kept: dict[Hashable, object] = {}
        self._lasting = self._kept if lasting is None else lasting

    @classmethod
    def of_trail(cls, trail: Trail, now: int, space: LabelSpace) -> Batch:
        """One profile at one moment."""
        rings = {name: Gathered(rows, np.array([0, len(rows)])) for name, rows in trail.rings.items()}
        standing = trail.standing if len(trail.standing) else np.zeros(1, STANDING)
        return cls(rings, standing, np.array([now]), space, trail.kept)

    @classmethod
    def as_of(
        cls, history: History, profiles: NDArray[np.int64], offsets: NDArray[np.int64], now: NDArray[np.int64],
        space: LabelSpace,
    ) -> Batch:  # fmt: skip
        """Profile numbers as they stood at log offsets, at moments: equal-length int64 arrays."""
        rings, standing = history.as_of(profiles, offsets)
        return cls(rings, standing, now, space)

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

    def lasting(self, key: Hashable, make: Callable[[], T]) -> T:
        """`once`, kept with the trail until it or a title's labels change: for what does not depend on `now`."""
        stands = (self.space, self.space.version)
        found = self._lasting.get(key)
        if not isinstance(found, tuple) or found[0] != stands:
            found = self._lasting[key] = (stands, make())
        return found[1]  # type: ignore[no-any-return]

    @cached_property
    def alive(self) -> NDArray[np.bool_]:
        """Rows of the ring of playbacks that no later `unwatch` undid; the `unwatch` rows are not."""
        ring = self.ring(PLAYED)
        alive: NDArray[np.bool_] = ring.type != UNWATCH
        for place in () if alive.all() else np.flatnonzero(~alive).tolist():
            own = slice(int(ring.first[ring.case[place]]), place)
            title = ring.title[place]
            alive[own] &= (ring.title[own] != title) & (ring.shown[own] != title)
        return alive

    @cached_property
    def plays(self) -> NDArray[np.bool_]:
        """Rows of the ring of playbacks that are playbacks, not undone."""
        played: NDArray[np.bool_] = self.alive & _IS_PLAY[self.ring(PLAYED).type]
        return played

    def newest(self, names: tuple[str, ...]) -> NDArray[np.int64]:
        """The largest `at` of the cases' rows in some rings, int64; 0 where there are none."""
        newest = np.zeros(len(self), np.int64)
        for name in names or tuple(CAPS):
            ring = self.ring(name)
            np.maximum.at(newest, ring.case, ring.rows["until"])
        return newest
