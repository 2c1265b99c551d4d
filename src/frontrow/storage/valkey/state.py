"""The state store that servers share: folds in Valkey, the events that came after them, and the caller's memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np

from frontrow.core.errors import FrontrowError, Unavailable
from frontrow.features.signals import SIGNAL
from frontrow.features.state import Who
from frontrow.features.state_form import shape, trail_of, viewer_of
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.storage.valkey.courier import Wanted
from frontrow.storage.valkey.form import Header, decode_header, events_of
from frontrow.storage.valkey.reads import Reads

TRIES: Final = 3

T = TypeVar("T", Trail, ViewerState)


class ValkeyState:
    """Implements `StateStore`. What it cannot read it takes from the caller's memory, and `problem` says so."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._shaped: tuple[Structure | None, int, int] = (None, -1, 0)

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        if held is not None and held.structure != catalogue.structure:
            held = None
        form = self._shape(catalogue)

        def resume(header: Header, rest: list[bytes]) -> ViewerState | None:
            if header.timezone != who.timezone or header.shape != form:
                return None
            state = held
            if state is None or state.offset < header.offset:
                state = viewer_of(rest[0], catalogue, who.timezone)
            return state if state.fold(events_of(rest[1:], state.offset)) else None

        return self._resumed("viewer", who, held, resume)

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        raise Unavailable(
            "A past moment is computed from the log", "Ask the server that ingests.", "a past moment needs the log"
        )

    def trail_at(self, who: Who, at: int) -> Trail:
        raise Unavailable(
            "A past moment is computed from the log", "Ask the server that ingests.", "a past moment needs the log"
        )

    def trail(self, who: Who, held: Trail | None) -> Trail:
        def resume(header: Header, rest: list[bytes]) -> Trail:
            trail = trail_of(rest[0]) if held is None or held.offset < header.offset else held
            signals = np.frombuffer(b"".join(rest[1:]), SIGNAL)
            trail.fold(signals[signals["offset"] > trail.offset])
            return trail

        return self._resumed("trail", who, held, resume)

    def problem(self) -> str | None:
        return self._reads.problem()

    def _resumed(
        self, kind: str, who: Who, held: T | None, resume: Callable[[Header, list[bytes]], T | None]
    ) -> T:  # fmt: skip
        """What is kept there, with the events after it; asked for where it is not there or cannot be taken on."""
        try:
            for _ in range(TRIES):
                _, rows = self._reads.read(kind, who.number, -1 if held is None else held.offset)
                header = decode_header(rows[0]) if rows else None
                if header is not None and header.generation == who.generation:
                    state = resume(header, rows[1:])
                    if state is not None:
                        return state
                    held = None  # what does not take an event that came late is spoilt
                if not self._reads.ask(lambda token: Wanted(token, kind, number=who.number)):
                    break
        except FrontrowError:
            if held is None:
                raise
            return held
        raise Unavailable("The profile changed meanwhile", "Ask again.", "the profile changed meanwhile")

    def _shape(self, catalogue: Structure) -> int:
        known, structure, value = self._shaped
        if known is not catalogue or structure != catalogue.structure:
            value = shape(catalogue)
            self._shaped = (catalogue, catalogue.structure, value)
        return value
