"""Popularity, kept up with the log: what came since is folded, who has changed is counted again, and where that does
not do, all is counted anew beside the answers."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.events.log import EventFeed, Head, LogParts
from frontrow.features.velocity import Velocity, VelocitySettings

FEW_EVENTS = 32
"""So many new events are folded one by one; arrays pay for more."""

_log = structlog.get_logger("frontrow")


class _Counted(NamedTuple):
    velocity: Velocity
    offset: int
    head: Head


class ViewCounts:
    """Views of all titles up to the log's `offset`. `history` is what is counted anew from, `log` what came since.

    `beside`: a count of everything runs in a thread of its own, and until it is done the counts from before are read,
    with every event that comes meanwhile; else it is done when `fresh` returns. Not for two threads at once.
    """

    def __init__(
        self, log: EventFeed, history: LogParts, settings: VelocitySettings | None = None, beside: bool = False
    ) -> None:
        self._log, self._history, self._settings, self._beside = log, history, settings, beside
        self.velocity = Velocity(0, settings)
        self.offset = 0
        self._rewrites = 0
        self.recounts = 0
        self._wanted = False
        self._counting: threading.Thread | None = None
        self._counted: _Counted | None = None

    def fresh(self, series_of: NDArray[np.int32]) -> None:
        """Takes up everything that was acknowledged before this call. `series_of` as in the catalogue."""
        self._take_counted()
        head = self._log.head()
        if (head.recounts, head.rewrites) != (self.recounts, self._rewrites):
            self._take_recounts(head)
        if self._wanted and self._counting is None:
            self._count_all(series_of.copy())
        if head.offset > self.offset:
            self._take_events(series_of)
            self.offset = max(self.offset, head.offset)  # a merge takes an offset without an event

    def remap(self, before: NDArray[np.int32], series_of: NDArray[np.int32]) -> None:
        """Titles have come to count for others: where they have views, all is counted anew."""
        was = np.arange(len(series_of), dtype=np.int32)  # of a title that was not known, events counted for itself
        was[: len(before)] = before
        changed = was[was != series_of]
        if len(changed) and (self.velocity.watched(changed) or self._counting is not None):
            self._wanted = True

    def _take_recounts(self, head: Head) -> None:
        changed = self._log.recounts(self.recounts) if self.offset else []
        self.recounts, self._rewrites = head.recounts, head.rewrites
        if changed is None:
            self._wanted = True
        elif changed:
            self.velocity.recount(changed, self._log.of_profiles(changed, self.offset))
            self._wanted |= self.velocity.thinned

    def _take_events(self, series_of: NDArray[np.int32]) -> None:
        few = self._log.few(self.offset, FEW_EVENTS)
        if few is not None:
            self.velocity.know(series_of)
            for event in few:
                self.velocity.take(event)
                self.offset = event.offset
            return
        if not self.offset:
            counted = self._count(series_of)
            self._adopt(counted)
            if counted.offset:  # a lake that lacks everything tells nothing
                self._take_events(series_of)
                return
        columns = self._log.columns(self.offset)
        self.velocity.update(columns, series_of)
        self.offset = int(columns.offset[-1])

    def _count_all(self, series_of: NDArray[np.int32]) -> None:
        self._wanted = False
        if not self._beside:
            self._adopt(self._count(series_of))
            return

        def count() -> None:
            try:
                self._counted = self._count(series_of)
            except FrontrowError as error:
                _log.error("popularity cannot be counted anew", error=error.message)

        self._counting = threading.Thread(target=count, name="popularity", daemon=True)
        self._counting.start()

    def _count(self, series_of: NDArray[np.int32]) -> _Counted:
        head = self._log.head()  # first: what is noted from here on is counted again
        try:
            velocity, offset = Velocity.of_parts(self._history.parts(), series_of, self._settings)
        except FrontrowError as error:
            _log.error("the lake cannot be read: popularity is counted from the log", error=error.message)
            velocity, offset = Velocity.of_parts(self._log.parts(), series_of, self._settings)
        return _Counted(velocity, offset, head)

    def _take_counted(self) -> None:
        if self._counting is not None and not self._counting.is_alive():
            self._counting = None
            if self._counted is not None:
                self._adopt(self._counted)
                self._counted = None

    def _adopt(self, counted: _Counted) -> None:
        self.velocity, self.offset = counted.velocity, counted.offset
        self.recounts, self._rewrites = counted.head.recounts, counted.head.rewrites
