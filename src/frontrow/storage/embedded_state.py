"""The embedded state store: folds of the workspace's own log, taken on from where the caller's stand."""

from __future__ import annotations

from frontrow.events.log import ProfileEvent
from frontrow.features.signals import SignalLog
from frontrow.features.state import Who
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Structure, ViewerState
from frontrow.storage.event_log import SqliteEventLog


class EmbeddedState:
    """Implements `StateStore`. It keeps nothing: the log is on this machine, and a commit is seen by all at once."""

    def __init__(self, log: SqliteEventLog, signals: SignalLog) -> None:
        self._log, self._signals = log, signals

    def viewer(self, who: Who, catalogue: Structure, held: ViewerState | None) -> ViewerState:
        if (
            held is not None
            and held.structure == catalogue.structure
            and held.fold(self._log.of_profile(who.number, held.offset))
        ):
            return held
        return _folded(self._log.of_profile(who.number), who, catalogue)

    def viewer_at(self, who: Who, catalogue: Structure, at: int) -> ViewerState:
        return _folded([event for event in self._log.of_profile(who.number) if event.at <= at], who, catalogue)

    def trail(self, who: Who, held: Trail | None) -> Trail:
        trail = Trail() if held is None else held
        trail.fold(self._signals.signals_of(who.number, trail.offset))
        return trail

    def trail_at(self, who: Who, at: int) -> Trail:
        trail, signals = Trail(), self._signals.signals_of(who.number)
        trail.fold(signals[signals["at"] <= at])
        return trail

    def problem(self) -> str | None:
        return None


def _folded(events: list[ProfileEvent], who: Who, catalogue: Structure) -> ViewerState:
    state = ViewerState(catalogue, who.timezone)
    state.fold(sorted(events, key=lambda event: (event.at, event.offset)))
    return state
