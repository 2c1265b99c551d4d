"""Popularity, kept up with the log: what came since is folded, who has changed is counted again, and where that does
not do, all is counted anew beside the answers."""

from __future__ import annotations

import threading
from collections.abc import Container
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log
from frontrow.events.log import EventFeed, Head, LogParts
from frontrow.features.laid_counts import Laid, LaidCounts
from frontrow.features.velocity import Velocity, VelocitySettings

FEW_EVENTS = 32
"""So many new events are folded one by one; arrays pay for more."""
LAID_FROM = 250_000
"""Log offsets from which counts are laid on disk; what came before is counted within a second."""
LAID_ANEW = 100_000
"""Log offsets after which they are laid again."""

_ALL: Final = range(2**63)

_log = Log("frontrow")


class ViewCounts:
    """Views of all titles up to the log's `offset`. `history` is what is counted anew from, `log` what came since.
    Where there are `laid` counts, long logs are counted once, by whose turn it is, and on from where those stand.

    `beside`: a count of everything runs in a thread of its own, and until it is done the counts from before are read,
    with every event that comes meanwhile; else it is done when `fresh` returns. Not for two threads at once.
    """

    def __init__(
        self, log: EventFeed, history: LogParts, settings: VelocitySettings | None = None, beside: bool = False,
        laid: LaidCounts | None = None,
    ) -> None:  # fmt: skip
        self._log, self._history, self._settings, self._beside = log, history, settings, beside
        self._laid = laid
        self.velocity = Velocity(0, settings)
        self.offset = 0
        self._rewrites = 0
        self.recounts = 0
        self._wanted = False
        self._counting: threading.Thread | None = None
        self._counted: Laid | None = None

    def fresh(self, series_of: NDArray[np.int32]) -> Container[int]:
        """Takes up everything that was acknowledged before this call. `series_of` as in the catalogue. Returns the
        profiles, by number, whose past has changed hands or been erased since the call before."""
        changed: Container[int] = ()
        self._take_counted()
        head = self._log.head()
        if (head.recounts, head.rewrites) != (self.recounts, self._rewrites):
            changed = self._take_recounts(head)
        if self._wanted and self._counting is None:
            self._count_all(series_of.copy())
        if head.offset > self.offset:
            self._take_events(series_of)
            self.offset = max(self.offset, head.offset)  # a merge takes an offset without an event
        return changed

    def lay(self, series_of: NDArray[np.int32]) -> None:
        """Brings what is laid on disk up to date, for those who start later."""
        if self._laid is not None and self._log.head().offset >= LAID_FROM:
            self._adopt(self._count(series_of))

    def remap(self, before: NDArray[np.int32], series_of: NDArray[np.int32]) -> None:
        """Titles have come to count for others: where they have views, all is counted anew."""
        changed = _moved(before, series_of)
        if len(changed) and (self.velocity.watched(changed) or self._counting is not None):
            self._wanted = True

    def _take_recounts(self, head: Head) -> Container[int]:
        changed = self._log.recounts(self.recounts) if self.offset else []
        self.recounts, self._rewrites = head.recounts, head.rewrites
        if changed is None:
            self._wanted = True
        elif changed:
            self.velocity.recount(changed, self._log.of_profiles(changed, self.offset))
            self._wanted |= self.velocity.thinned
        return _ALL if changed is None else changed

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

    def _count(self, series_of: NDArray[np.int32]) -> Laid:
        if self._laid is None or self._log.head().offset < LAID_FROM:
            return self._counted_from(None, series_of)
        with self._laid.turn():
            laid = self._usable(self._laid.load(), series_of)
            counted = self._counted_from(laid, series_of)
            if laid is not None and counted.offset - laid.offset <= LAID_ANEW:
                return counted
            kept = self._laid.keep(counted)
            return (kept and self._laid.load()) or counted  # what was kept is mapped, and shared by all processes

    def _usable(self, laid: Laid | None, series_of: NDArray[np.int32]) -> Laid | None:
        """Laid counts with what changed of the past since; None where that takes a count of everything."""
        if laid is None or laid.velocity.settings != (self._settings or VelocitySettings()):
            return None
        head, velocity = self._log.head(), laid.velocity
        changed = self._log.recounts(laid.recounts)
        moved = _moved(velocity.series_of, series_of)
        behind = laid.offset > head.offset or laid.recounts > head.recounts  # of another log, or a restored one
        if behind or changed is None or (changed and velocity.thinned) or velocity.watched(moved):
            return None
        if changed:
            velocity.recount(changed, self._log.of_profiles(changed, laid.offset))
        return Laid(velocity, laid.offset, head.recounts, head.rewrites)

    def _counted_from(self, laid: Laid | None, series_of: NDArray[np.int32]) -> Laid:
        """Everything, or what came after laid counts."""
        head = self._log.head()  # first: what is noted from here on is counted again
        velocity, offset = (laid.velocity, laid.offset) if laid else (Velocity(0, self._settings), 0)
        source = self._log if laid and head.offset - offset <= LAID_ANEW else self._history
        try:
            last = velocity.take_parts(source.parts(offset), series_of)
        except FrontrowError as error:
            _log.error("the lake cannot be read: popularity is counted from the log", error=error.message)
            velocity, offset = Velocity(0, self._settings), 0
            last = velocity.take_parts(self._log.parts(), series_of)
            return Laid(velocity, last, head.recounts, head.rewrites)
        stamp = laid or Laid(velocity, 0, head.recounts, head.rewrites)  # what is noted since the stamp is still to do
        return Laid(velocity, max(offset, last), stamp.recounts, stamp.rewrites)

    def _take_counted(self) -> None:
        if self._counting is not None and not self._counting.is_alive():
            self._counting = None
            if self._counted is not None:
                self._adopt(self._counted)
                self._counted = None

    def _adopt(self, counted: Laid) -> None:
        self.velocity, self.offset, self.recounts, self._rewrites = counted


def _moved(before: NDArray[np.int32], now: NDArray[np.int32]) -> NDArray[np.int32]:
    """Titles that count for others than before; one that was not known counted for itself."""
    was = np.arange(len(now), dtype=np.int32)
    was[: len(before)] = before[: len(now)]
    changed: NDArray[np.int32] = was[was != now]
    return changed
