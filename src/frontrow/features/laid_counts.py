"""Popularity as it is laid on disk, so that a process that starts need not read the log, and processes share it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from frontrow.features.velocity import Velocity


class Laid(NamedTuple):
    """Views counted up to a log offset, when the log's head said `recounts` and `rewrites` (events.log.Head)."""

    velocity: Velocity
    offset: int
    recounts: int
    rewrites: int


class LaidCounts(Protocol):
    """Keeps the latest. It is derived: what is lost or damaged is counted again."""

    def turn(self) -> AbstractContextManager[None]:
        """Alone among those who count: whoever waited finds what the one before has kept."""
        ...

    def load(self) -> Laid | None:
        """What was kept last; None if there is none that can be read."""
        ...

    def keep(self, laid: Laid) -> bool:
        """Keeps it instead of what was; not, where the past has changed since its stamp, or there is no room."""
        ...
