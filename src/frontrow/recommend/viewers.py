"""Viewers' states in memory, brought up to date by the state store whenever they are asked for.

Nothing is folded when an event arrives: a state carries the offset it stands at and takes up what came since. So every
answer sees every event that was acknowledged before, on any worker, and a state can always be thrown away.
"""

from __future__ import annotations

from collections.abc import Container

from frontrow.features.held import Held
from frontrow.features.state import StateStore, Who
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.people.store import KnownProfile

KEPT_ENTRIES = 1_000_000
"""What one process keeps of viewers, in titles and interactions; those longest not seen are dropped first."""


class Viewers:
    """States by profile."""

    def __init__(self, states: StateStore, kept: int = KEPT_ENTRIES) -> None:
        self._store = states
        self._states = Held[Who, ViewerState](kept, lambda state: state.entries)

    def state(self, known: KnownProfile | None, catalogue: Structure, at: int | None = None) -> ViewerState:
        """The state with all stored events or, given `at`, with those up to and including `at`. Do not change it."""
        if known is None:
            return ViewerState(catalogue)
        who = Who(known.number, known.generation, known.profile.timezone)
        state = self._states.brought_up(who, lambda held: self._store.viewer(who, catalogue, held))
        if at is not None and state.newest_at is not None and state.newest_at > at:
            return self._store.viewer_at(who, catalogue, at)
        return state

    def forget(self, numbers: Container[int]) -> None:
        """Lets go of what is held of profiles by number."""
        self._states.let_go(lambda who: who.number in numbers)
