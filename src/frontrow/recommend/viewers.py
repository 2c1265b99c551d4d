"""Viewers' states, folded from the log when they are asked for and kept up from there.

Nothing is folded when an event arrives: a state carries the offset it stands at and takes up what came since. So every
answer sees every event that was acknowledged before, on any worker, and a state can always be thrown away.
"""

from __future__ import annotations

from collections import OrderedDict

from frontrow.events.log import EventLog
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.people.store import KnownProfile

KEPT_EVENTS = 1_000_000
"""Events whose folds one process keeps; the viewers longest not seen are dropped first."""


Key = tuple[int, int, str | None]
"""Number and generation of a profile, and its time zone: events may leave the clock to it."""


class Viewers:
    """States by profile."""

    def __init__(self, log: EventLog, kept_events: int = KEPT_EVENTS) -> None:
        self._log = log
        self._kept_events = kept_events
        self._states: OrderedDict[Key, ViewerState] = OrderedDict()
        self._events = 0

    def state(self, known: KnownProfile | None, catalogue: Structure, at: int | None = None) -> ViewerState:
        """The state with all stored events or, given `at`, with those up to and including `at`. Do not change it."""
        if known is None:
            return ViewerState(catalogue)
        key = (known.number, known.generation, known.profile.timezone)
        state = self._states.pop(key, None)
        if state is not None:
            self._events -= state.count
            if state.structure != catalogue.structure or not state.fold(
                self._log.of_profile(known.number, state.offset)
            ):
                state = None
        if state is None:
            state = self._folded(known, catalogue, None)
        self._keep(key, state)
        if at is not None and state.newest_at is not None and state.newest_at > at:
            return self._folded(known, catalogue, at)
        return state

    def _folded(self, known: KnownProfile, catalogue: Structure, at: int | None) -> ViewerState:
        events = self._log.of_profile(known.number)
        state = ViewerState(catalogue, known.profile.timezone)
        state.fold(sorted(events if at is None else [e for e in events if e.at <= at], key=lambda e: (e.at, e.offset)))
        return state

    def _keep(self, key: Key, state: ViewerState) -> None:
        self._states[key] = state
        self._events += state.count
        while self._events > self._kept_events and len(self._states) > 1:
            _, dropped = self._states.popitem(last=False)
            self._events -= dropped.count
