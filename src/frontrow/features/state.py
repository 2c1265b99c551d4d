"""What the rooms ask of a state store: what profiles did, folded, with everything that was acknowledged before.

The folds are the same wherever they are kept (`features.viewer_state`, `features.trail`). Callers keep what they were
given in memory and hand it back to be taken on; a store that keeps folds of its own may give a fresher one instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
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

    Who answers calls `take`, then `make` in a thread beside the answers, answers `taking` what it gives, under `key`,
    and hands it to `keep`. The state holds everything up to the log's offset `upto`. `intact`: the state that was held
    is whole and may be held on to, until `take`.
    """

    def __init__(self, key: Hashable, upto: int, make: Callable[[Rest], Any], intact: bool) -> None:
        super().__init__()
        self.key, self.upto, self.make, self.intact = key, upto, make, intact
        self.take: Callable[[], object] = lambda: None
        self.keep: Callable[[Any], None] = lambda made: None


class Made(NamedTuple):
    """A state that was made for an answer, with everything up to the log's offset `upto`."""

    state: Any
    upto: int


_taken: Final[ContextVar[Mapping[Hashable, Made]]] = ContextVar("taken", default=MappingProxyType({}))


@contextmanager
def taking(made: Mapping[Hashable, Made]) -> Iterator[None]:
    """While it lasts, stores give these states as they are: each was folded after the answer was asked for, from all
    that was acknowledged by then. Else an answer about somebody whose events keep coming, late ones above all, might
    never be given."""
    token = _taken.set(made)
    try:
        yield
    finally:
        _taken.reset(token)


def taken(key: Hashable) -> Any:
    """The state that was made for the running answer under a key; None: none was."""
    made = _taken.get().get(key)
    return None if made is None else made.state


def taken_upto(state: object) -> int | None:
    """The offset up to which a state that was made for the running answer holds everything; None for any other, which
    holds everything up to where the log stood when it was asked for."""
    return next((made.upto for made in _taken.get().values() if made.state is state), None)


class StateStore(Protocol):
    """States by profile. Every read holds every event that was answered with 202 before it (what an answer is `taking`:
    before the answer was asked for), on whatever server; where that cannot be promised, the answer is degraded and
    says so (`problem`).

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
