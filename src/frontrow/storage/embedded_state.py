"""The embedded state store: folds of the workspace's own log, taken on from where the caller's stand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import takewhile
from typing import Final, TypeVar, cast

from frontrow.events.log import ProfileEvent
from frontrow.features.state import Long, Rest, Who, taken
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.storage.event_log import SqliteEventLog
from frontrow.storage.signals import SqliteSignals

MOST: Final = 1_000
"""Events that a server folds while others wait: some 6 ms."""

_FEW: Final = 200
"""Events that are read without counting whether there are too many."""
_AT_ONCE: Final = 200

S = TypeVar("S", ViewerState, Trail)
T = TypeVar("T")


class EmbeddedState:
    """Implements `StateStore`. It keeps nothing: the log is on this machine, and a commit is seen by all at once. Where
    more than `most` events (None: no limit) are to be folded, it raises Long."""

    def __init__(self, log: SqliteEventLog, signals: SqliteSignals, most: int | None = None) -> None:
        self._log, self._signals, self._most = log, signals, most

    def beside(self) -> EmbeddedState:
        """The same for a server's answers, none of which may wait for a long fold of another's."""
        return EmbeddedState(self._log, self._signals, MOST)

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        key = ("viewer", who, catalogue.structure, None)
        if (made := taken(key)) is not None:
            return cast(ViewerState, made)

        def anew(rest: Rest) -> ViewerState:
            state = ViewerState(catalogue, who.timezone)
            state.fold(_resting(self._log.in_order(who.number), rest))
            return state

        def goes_on(state: ViewerState, rest: Rest) -> ViewerState:
            news = self._log.in_order(who.number, state.offset)
            return state if state.fold(_resting(news, rest)) else anew(rest)

        if held is not None and held.structure == catalogue.structure:
            state = held
            if state.fold(self._few(key, who, state.offset, lambda rest: goes_on(state, rest), intact=True)):
                return state
        state = ViewerState(catalogue, who.timezone)
        state.fold(self._few(key, who, 0, anew))
        return state

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        def make(rest: Rest) -> ViewerState:
            state = ViewerState(catalogue, who.timezone)
            state.fold(takewhile(lambda event: event.at <= at, _resting(self._log.in_order(who.number), rest)))
            return state

        return self._made_at(("viewer", who, catalogue.structure, at), who, make)

    def trail(self, who: Who, held: Trail | None) -> Trail:
        key = ("trail", who.number, who.generation, None)
        if (made := taken(key)) is not None:
            return cast(Trail, made)
        trail = Trail() if held is None else held

        def goes_on(rest: Rest) -> Trail:
            self._fold_up_to(self._log.head().offset, trail, who, rest)
            return trail

        few = self._signals.signals_of(who.number, trail.offset, _FEW) if held is not None else None
        if few is None or len(few) == _FEW:  # of whom nothing is held, much may be passed over for want of consent
            self._check(key, who, trail.offset, goes_on, held is not None)
            self._fold_up_to(self._log.head().offset, trail, who, _no_rest)
        else:
            trail.fold(few)
        return trail

    def trail_at(self, who: Who, at: int) -> Trail:
        def make(rest: Rest) -> Trail:
            trail = Trail()
            for part in self._signals.parts_of(who.number, 0, self._log.head().offset):
                trail.fold(part[part["at"] <= at])
                rest()
            return trail

        return self._made_at(("trail", who.number, who.generation, at), who, make)

    def problem(self) -> str | None:
        return None

    def _few(
        self, key: Hashable, who: Who, after: int, make: Callable[[Rest], object], intact: bool = False
    ) -> list[ProfileEvent]:
        """The events after an offset, in order of (at, offset); Long where they are many."""
        events = self._log.of_profile(who.number, after, _FEW)
        if len(events) == _FEW:
            self._check(key, who, after, make, intact)
            events += self._log.of_profile(who.number, events[-1].offset)
        return sorted(events, key=lambda event: (event.at, event.offset))

    def _check(self, key: Hashable, who: Who, after: int, make: Callable[[Rest], object], intact: bool = False) -> None:
        """Raises Long where there are many events after an offset."""
        if self._most is not None and self._log.has_more(who.number, after, self._most):
            raise Long(key, self._log.head().offset, make, intact)

    def _fold_up_to(self, until: int, trail: Trail, who: Who, rest: Rest) -> None:
        """All signals up to an offset: without an end it might never be reached. What was passed over is not looked
        at again."""
        for part in self._signals.parts_of(who.number, trail.offset, until):
            trail.fold(part)
            rest()
        trail.offset = max(trail.offset, until)

    def _made_at(self, key: Hashable, who: Who, make: Callable[[Rest], S]) -> S:
        """A state of a past moment, for one answer; of a profile of many events it is made beside."""
        if (made := taken(key)) is not None:
            return cast(S, made)
        self._check(key, who, 0, make)
        return make(_no_rest)


def _no_rest() -> None:
    """Nobody waits, or all do."""


def _resting(things: Iterable[T], rest: Rest) -> Iterator[T]:
    for number, each in enumerate(things, 1):
        yield each
        if number % _AT_ONCE == 0:
            rest()
