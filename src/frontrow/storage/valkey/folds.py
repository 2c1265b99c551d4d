"""Folds made from the log, for servers that do not have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frontrow.features.state import StateStore, Who
from frontrow.features.state_form import shape, trail_bytes, viewer_bytes
from frontrow.features.viewer_state import Structure
from frontrow.people.store import KnownProfile
from frontrow.storage.valkey.form import Header

WithCatalogue = Callable[[Callable[[Structure], Any]], Any]
"""Runs something with the catalogue as it is, while nobody changes it."""


class LogFolds:
    """Implements `courier.Folds` on the embedded store. It remembers nothing: what it makes is kept elsewhere."""

    def __init__(self, states: StateStore, with_catalogue: WithCatalogue) -> None:
        self._states, self._with_catalogue = states, with_catalogue

    def viewer(self, known: KnownProfile) -> tuple[Header, bytes]:
        """A viewer's state, and what it depends on."""
        who = Who(known.number, known.generation, known.profile.timezone)

        def fold(catalogue: Structure) -> tuple[Header, bytes]:
            state = self._states.viewer(who, catalogue, None)
            return Header(who.generation, state.offset, who.timezone, shape(catalogue)), viewer_bytes(state)

        found: tuple[Header, bytes] = self._with_catalogue(fold)
        return found

    def trail(self, known: KnownProfile) -> tuple[Header, bytes]:
        """A profile's trail."""
        trail = self._states.trail(Who(known.number, known.generation), None)
        return Header(known.generation, trail.offset), trail_bytes(trail)
