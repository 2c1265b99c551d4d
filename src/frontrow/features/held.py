"""What one process holds of states that a store gave: bounded, those longest not asked for go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from frontrow.features.state import Long, taken_upto

K = TypeVar("K", bound=Hashable)
S = TypeVar("S")


class Held(Generic[K, S]):
    """States by key, at most `most` in what `size` says of them together, and at least one. Not for two threads at
    once. It can always be thrown away."""

    def __init__(self, most: int, size: Callable[[S], int]) -> None:
        self._most, self._size = most, size
        self._states: OrderedDict[K, tuple[S, int]] = OrderedDict()
        self._sum = 0

    def brought_up(self, key: K, bring: Callable[[S | None], S]) -> S:
        """What `bring`, a read of a state store, makes of what is held. Where that raises Long, what is held stays
        until it is taken, if it is whole. A state made for the running answer is its own until that is given."""
        held = self.drop(key)
        try:
            state = bring(held)
        except Long as long:
            if held is not None and long.intact:
                self.keep(key, held)
            long.take, long.keep = lambda: self.drop(key), lambda made: self.keep(key, made)
            raise
        if taken_upto(state) is None:
            self.keep(key, state)
        elif held is not None:
            self.keep(key, held)
        return state

    def keep(self, key: K, state: S) -> None:
        """Holds a state, in place of another of its key."""
        self.drop(key)
        size = self._size(state)
        self._states[key] = state, size
        self._sum += size
        while self._sum > self._most and len(self._states) > 1:
            self.drop(next(iter(self._states)))

    def let_go(self, of: Callable[[K], bool]) -> None:
        """Lets go of the states of all keys that `of` says yes to."""
        for key in [key for key in self._states if of(key)]:
            self.drop(key)

    def __contains__(self, key: K) -> bool:
        return key in self._states

    def drop(self, key: K) -> S | None:
        """Lets go of a state, and gives it; None: none is held."""
        state, size = self._states.pop(key, (None, 0))
        self._sum -= size
        return state
