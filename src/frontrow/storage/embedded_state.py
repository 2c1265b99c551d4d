"""The embedded state store: folds of the workspace's own log, taken on from where the caller's stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final, TypeVar

from frontrow.events.log import ProfileEvent
from frontrow.features.state import Long, Rest, Who, is_taken
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.storage.event_log import SqliteEventLog
from frontrow.storage.signals import SqliteSignals

MOST: Final = 1_000
"""Events that a server folds while others wait: some 6 ms."""

_FEW: Final = 200
"""Events that are read without counting whether there are too many."""
_AT_ONCE: Final = 200
_PAST_KEPT: Final = 4
"""States of past moments that were made beside and wait for their answer."""

T = TypeVar("T")


class EmbeddedState:
    """Implements `StateStore`. The log is on this machine, and a commit is seen by all at once: nothing is kept but,
    until they are asked for again, states of past moments that were made beside. Where more than `most` events (None:
    no limit) are to be folded, it raises Long."""

    def __init__(self, log: SqliteEventLog, signals: SqliteSignals, most: int | None = None) -> None:
        self._log, self._signals, self._most = log, signals, most
        self._past: dict[object, tuple[int, ViewerState | Trail]] = {}

    def beside(self) -> EmbeddedState:
        """The same for a server's answers, none of which may wait for a long fold of another's."""
        return EmbeddedState(self._log, self._signals, MOST)

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        def anew(rest: Rest) -> ViewerState:
            state = ViewerState(catalogue, who.timezone)
            state.fold(_resting(self._log.in_order(who.number), rest))
            return state

        def goes_on(state: ViewerState, rest: Rest) -> ViewerState:
            news = self._log.in_order(who.number, state.offset)
            return state if state.fold(_resting(news, rest)) else anew(rest)

        if held is not None and held.structure == catalogue.structure:
            state = held
            if is_taken(state) or state.fold(self._few(who, state.offset, lambda rest: goes_on(state, rest))):
                return state
        state = ViewerState(catalogue, who.timezone)
        state.fold(self._few(who, 0, anew))
        return state

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        def make(rest: Rest) -> ViewerState:
            state = ViewerState(catalogue, who.timezone)
            state.fold(takewhile(lambda event: event.at <= at, _resting(self._log.in_order(who.number), rest)))
            return state

        found = self._made_at((who, at, catalogue.structure), who, at, make)
        assert isinstance(found, ViewerState)
        return found

    def trail(self, who: Who, held: Trail | None) -> Trail:
        trail = Trail() if held is None else held

        def goes_on(rest: Rest) -> Trail:  # up to where the log stands now: else it might never end
            for part in self._signals.parts_of(who.number, trail.offset, self._log.head().offset):
                trail.fold(part)
                rest()
            return trail

        if is_taken(trail):
            return trail
        signals = self._signals.signals_of(who.number, trail.offset, _FEW)
        trail.fold(signals)
        if len(signals) == _FEW:
            if self._too_many(who, trail.offset):
                raise Long(goes_on)
            trail.fold(self._signals.signals_of(who.number, trail.offset))
        return trail

    def trail_at(self, who: Who, at: int) -> Trail:
        def make(rest: Rest) -> Trail:
            trail = Trail()
            for part in self._signals.parts_of(who.number, 0, self._log.head().offset):
                trail.fold(part[part["at"] <= at])
                rest()
            return trail

        found = self._made_at((who, at), who, at, make)
        assert isinstance(found, Trail)
        return found

    def problem(self) -> str | None:
        return None

    def _too_many(self, who: Who, after: int) -> bool:
        return self._most is not None and self._log.has_more(who.number, after, self._most)

    def _few(self, who: Who, after: int, make: Callable[[Rest], object]) -> list[ProfileEvent]:
        """The events after an offset, in order; Long where they are many."""
        events = self._log.of_profile(who.number, after, _FEW)
        if len(events) == _FEW:
            if self._too_many(who, after):
                raise Long(make)
            events += self._log.of_profile(who.number, events[-1].offset)
        return sorted(events, key=lambda event: (event.at, event.offset))

    def _made_at(self, key: object, who: Who, at: int, make: Callable[[Rest], ViewerState | Trail]) -> object:
        """A state of a past moment; of a profile of many events it is made beside, and waits for whom it was made."""
        if not self._too_many(who, 0):
            return make(lambda: None)
        upto, state = self._past.pop(key, (0, None))
        if state is not None and (is_taken(state) or not self._log.came(who.number, upto, at)):
            return state
        now = self._log.head().offset
        long = Long(make)
        long.keep = lambda made: self._keep_past(key, now, made)
        raise long

    def _keep_past(self, key: object, upto: int, made: ViewerState | Trail) -> None:
        self._past[key] = upto, made
        while len(self._past) > _PAST_KEPT:
            del self._past[next(iter(self._past))]


def _resting(things: Iterable[T], rest: Rest) -> Iterator[T]:
    for number, each in enumerate(things, 1):
        yield each
        if number % _AT_ONCE == 0:
            rest()
