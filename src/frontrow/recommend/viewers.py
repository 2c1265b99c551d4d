"""Viewers' states in memory, brought up to date by the state store whenever they are asked for.

Nothing is folded when an event arrives: a state carries the offset it stands at and takes up what came since. So every
answer sees every event that was acknowledged before, on any worker, and a state can always be thrown away.
"""

from __future__ import annotations

from collections import OrderedDict

from frontrow.features.state import Long, StateStore, Who, taken_upto
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.people.store import KnownProfile

KEPT_ENTRIES = 1_000_000
"""What one process keeps of viewers, in titles and interactions; those longest not seen are dropped first."""


class Viewers:
    """States by profile."""

    def __init__(self, states: StateStore, kept: int = KEPT_ENTRIES) -> None:
        self._store = states
        self._most = kept
        self._states: OrderedDict[Who, ViewerState] = OrderedDict()
        self._entries = 0

    def state(self, known: KnownProfile | None, catalogue: Structure, at: int | None = None) -> ViewerState:
        """The state with all stored events or, given `at`, with those up to and including `at`. Do not change it."""
        if known is None:
            return ViewerState(catalogue)
        who = Who(known.number, known.generation, known.profile.timezone)
        held = self._states.pop(who, None)
        if held is not None:
            self._entries -= held.entries
        try:
            state = self._store.viewer(who, catalogue, held)
        except Long as long:
            if held is not None and long.intact:
                self._keep(who, held)
            long.take, long.keep = lambda: self._drop(who), lambda made: self._keep(who, made)
            raise
        if taken_upto(state) is None:  # else it is the answer's own until that is given
            self._keep(who, state)
        elif held is not None:
            self._keep(who, held)
        if at is not None and state.newest_at is not None and state.newest_at > at:
            return self._store.viewer_at(who, catalogue, at)
        return state

    def _keep(self, who: Who, state: ViewerState) -> None:
        self._drop(who)
        self._states[who] = state
        self._entries += state.entries
        while self._entries > self._most and len(self._states) > 1:
            _, dropped = self._states.popitem(last=False)
            self._entries -= dropped.entries

    def _drop(self, who: Who) -> None:
        if (held := self._states.pop(who, None)) is not None:
            self._entries -= held.entries
