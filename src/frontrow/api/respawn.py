"""When a worker that died is started again: at once the first time, then later and later while it fails to start."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Final

STEADY_SECONDS: Final = 10.0
"""A worker that lived this long had started; its death counts as its first."""
FIRST_WAIT: Final = 0.25
"""Seconds before the second try; each further one waits twice as long, unless the worker was killed from outside."""
LONGEST_WAIT: Final = 30.0
TRIES: Final = 5
"""Starts in a row that fail before a worker counts as one that cannot start."""


@dataclass
class _Place:
    """One worker's place: whether its last death came early, starts in a row that failed, when it is due."""

    early: bool = False
    failed: int = 0
    due: float | None = None


class Respawn:
    """The policy for `workers` places; times are seconds of one monotonic clock."""

    def __init__(self, workers: int) -> None:
        self._places = [_Place() for _ in range(workers)]

    def died(self, place: int, lived: float, exit_code: int | None, now: float) -> float:
        """Takes up a death; the seconds until that place is tried again. `exit_code` as in multiprocessing: negative
        is a signal."""
        held = self._places[place]
        if lived >= STEADY_SECONDS:
            held.early, held.failed = False, 0
        # Somebody else's kill says nothing of whether a worker can start.
        killed = exit_code in (None, 0, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
        wait = min(FIRST_WAIT * 2 ** max(held.failed - 1, 0), LONGEST_WAIT) if held.early else 0.0
        if exit_code == 0:
            wait = max(wait, FIRST_WAIT)  # it was told to end, and perhaps this process is about to be told, too
        held.failed = 0 if killed else held.failed + 1
        held.early, held.due = True, now + wait
        return wait

    def due(self, now: float) -> list[int]:
        """Places whose time has come; they count as started."""
        found = [number for number, held in enumerate(self._places) if held.due is not None and held.due <= now]
        for number in found:
            self._places[number].due = None
        return found

    def wait(self, now: float) -> float | None:
        """Seconds until the next place is due; None: none is."""
        waiting = [held.due for held in self._places if held.due is not None]
        return max(0.0, min(waiting) - now) if waiting else None

    @property
    def hopeless(self) -> bool:
        """Whether no worker lives and none can start."""
        return all(held.due is not None and held.failed >= TRIES for held in self._places)
