"""Folds made from the log, for servers that do not have it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from frontrow.core.errors import Unavailable
from frontrow.features.state import Long, Made, Rest, StateStore, Who, taking
from frontrow.features.state_form import shape, trail_bytes, viewer_bytes
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.people.store import KnownProfile
from frontrow.storage.valkey.form import Header

TRIES: Final = 4

S = TypeVar("S", ViewerState, Trail)
T = TypeVar("T")

WithCatalogue = Callable[[Callable[[Structure], Any]], Any]
"""Runs something with the catalogue as it is, while nobody changes it and no answer is made."""


class LogFolds:
    """Implements `courier.Folds` on the embedded store, in the courier's thread. A state of very many events is folded
    beside the answers. Of each kind the last one is remembered until `forget`: where it could not be kept because
    something was told meanwhile, the next try has little to fold."""

    def __init__(self, states: StateStore, with_catalogue: WithCatalogue) -> None:
        self._states, self._with_catalogue = states, with_catalogue
        self._viewer: tuple[Who, ViewerState] | None = None
        self._trail: tuple[Who, Trail] | None = None

    def viewer(self, known: KnownProfile, rest: Rest) -> tuple[Header, bytes]:
        """A viewer's state, and what it depends on."""
        who = Who(known.number, known.generation, known.profile.timezone)

        def brought(held: ViewerState | None) -> tuple[ViewerState, int, bytes]:
            def fold(catalogue: Structure) -> tuple[ViewerState, int, bytes]:
                state = self._states.viewer(who, catalogue, held)
                return state, shape(catalogue), viewer_bytes(state)

            found: tuple[ViewerState, int, bytes] = self._with_catalogue(fold)
            return found

        last, self._viewer = self._viewer, None
        state, form, data = _beside(brought, last[1] if last and last[0] == who else None, rest)
        self._viewer = who, state
        return Header(who.generation, state.offset, who.timezone, form), data

    def trail(self, known: KnownProfile, rest: Rest) -> tuple[Header, bytes]:
        """A profile's trail."""
        who = Who(known.number, known.generation)
        last, self._trail = self._trail, None
        held = last[1] if last and last[0] == who else None
        trail = _beside(lambda held: self._states.trail(who, held), held, rest)
        self._trail = who, trail
        return Header(known.generation, trail.offset), trail_bytes(trail)

    def forget(self) -> None:
        """Remembers nobody."""
        self._viewer = self._trail = None


def _beside(call: Callable[[S | None], T], held: S | None, rest: Rest) -> T:
    """What `call` gives of what is held; what is long is made first. Unavailable if it is changed all the time."""
    made: dict[Hashable, Made] = {}
    for _ in range(TRIES):
        try:
            with taking(made):
                return call(held)
        except Long as long:
            made[long.key] = Made(long.make(rest), long.upto)
    raise Unavailable("The profile is changed faster than it is folded", "Ask again.", "the profile changed meanwhile")
