"""What the rooms ask of a state store: what profiles did, folded, with everything that was acknowledged before.

The folds are the same wherever they are kept (`features.viewer_state`, `features.trail`). Callers keep what they were
given in memory and hand it back to be taken on; a store that keeps folds of its own may give a fresher one instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, Protocol

from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState


class Who(NamedTuple):
    """Whose state: number and generation of a profile (people.store.KnownProfile), and its time zone, to which events
    may leave the clock."""

    number: int
    generation: int
    timezone: str | None = None


Rest = Callable[[], None]
"""What a long piece of work calls now and then, so that others get their turn."""

_PAUSE: Final = 0.0005


def rest() -> None:
    """The `Rest` of threads beside one that answers: half a millisecond, in which Python's lock is free."""
    time.sleep(_PAUSE)


class Long(BaseException):
    """A state is to be folded from more events than an answer may wait for. No Exception: nothing on the way may take
    it for a failure and answer without the state.

    Who answers calls `make` in a thread beside the answers, hands what it gives to `keep`, and answers then, `taking`
    it.
    """

    def __init__(self, make: Callable[[Rest], Any]) -> None:
        super().__init__()
        self.make = make
        self.keep: Callable[[Any], None] = lambda made: None


_taken: Final[ContextVar[tuple[object, ...]]] = ContextVar("taken", default=())


@contextmanager
def taking(made: Sequence[object]) -> Iterator[None]:
    """While it lasts, stores give these states as they are: each was folded after the answer was asked for, from all
    that was acknowledged by then. Else an answer about somebody whose events keep coming, late ones above all, might
    never be given."""
    token = _taken.set(tuple(made))
    try:
        yield
    finally:
        _taken.reset(token)


def is_taken(state: object) -> bool:
    """Whether this very state is to be given as it is."""
    return any(state is each for each in _taken.get())


class StateStore(Protocol):
    """States by profile. Every read holds every event that was answered with 202 before it, on whatever server; where
    that cannot be promised, the answer is degraded and says so (`problem`).

    Raises Unavailable where a state can neither be read nor is held, and Long, from a store that is told to, where
    reading it would take long.
    """

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        """The state with all events. `held` is what an earlier call gave (it is taken on in place), None: nothing."""
        ...

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        """The state with the events dated up to `at` (microseconds UTC), ties included. For one answer: do not change
        it."""
        ...

    def trail(self, who: Who, held: Trail | None) -> Trail:
        """The trail with all signals; `held` as in `viewer`."""
        ...

    def trail_at(self, who: Who, at: int) -> Trail:
        """The trail with the signals dated up to `at` (microseconds UTC), ties included. For one answer: do not change
        it."""
        ...

    def problem(self) -> str | None:
        """Why answers may be older than what was acknowledged, in words that name nobody; None: they are not."""
        ...
