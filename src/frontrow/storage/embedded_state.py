"""The embedded state store: folds of the workspace's own log, taken on from where the caller's stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Final, TypeVar

from frontrow.events.log import ProfileEvent
from frontrow.features.state import Long, Rest, Who
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.storage.event_log import SqliteEventLog
from frontrow.storage.signals import SqliteSignals

MOST: Final = 5_000
"""Events that a server folds while others wait: some 30 ms."""

_AT_ONCE: Final = 200

T = TypeVar("T")
Many = TypeVar("Many", bound=Sized)


class EmbeddedState:
    """Implements `StateStore`. It keeps nothing: the log is on this machine, and a commit is seen by all at once. Where
    more than `most` events (None: no limit) are to be folded, it raises Long."""

    def __init__(self, log: SqliteEventLog, signals: SqliteSignals, most: int | None = None) -> None:
        self._log, self._signals, self._most = log, signals, most

    def beside(self) -> EmbeddedState:
        """The same for a server's answers, none of which may wait for a long fold of another's."""
        return EmbeddedState(self._log, self._signals, MOST)

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        def make(rest: Rest) -> ViewerState:
            state = ViewerState(catalogue, who.timezone)
            state.fold(_resting(self._log.in_order(who.number), rest, _AT_ONCE))
            return state

        def news(after: int) -> list[ProfileEvent]:
            return self._few(self._log.of_profile(who.number, after, self._limit), make)

        if held is not None and held.structure == catalogue.structure and held.fold(news(held.offset)):
            return held
        return _folded(news(0), who, catalogue)

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        return _folded([event for event in self._log.of_profile(who.number) if event.at <= at], who, catalogue)

    def trail(self, who: Who, held: Trail | None) -> Trail:
        def make(rest: Rest) -> Trail:
            made = Trail()
            for part in _resting(self._signals.parts_of(who.number), rest, 1):
                made.fold(part)
            return made

        trail = Trail() if held is None else held
        trail.fold(self._few(self._signals.signals_of(who.number, trail.offset, self._limit), make))
        return trail

    def trail_at(self, who: Who, at: int) -> Trail:
        trail, signals = Trail(), self._signals.signals_of(who.number)
        trail.fold(signals[signals["at"] <= at])
        return trail

    def problem(self) -> str | None:
        return None

    @property
    def _limit(self) -> int | None:
        return None if self._most is None else self._most + 1

    def _few(self, found: Many, make: Callable[[Rest], object]) -> Many:
        if self._most is not None and len(found) > self._most:
            raise Long(make)
        return found


def _folded(events: list[ProfileEvent], who: Who, catalogue: Structure) -> ViewerState:
    state = ViewerState(catalogue, who.timezone)
    state.fold(sorted(events, key=lambda event: (event.at, event.offset)))
    return state


def _resting(things: Iterable[T], rest: Rest, at_once: int) -> Iterator[T]:
    for number, each in enumerate(things, 1):
        yield each
        if number % at_once == 0:
            rest()
