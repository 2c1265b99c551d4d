"""What a viewer has seen of one title, as a fold of that title's events.

Seconds are summed over playbacks (of each the largest `seconds`); the position is the latest. Without a `playback_id`
a playback ends at its `stop`, or 4 hours after it began.
"""

from __future__ import annotations

import math

from frontrow.core.clock import DAY, HOUR
from frontrow.features.interactions import FINISHED, LEAST_SECONDS, PLAYBACK_HOURS

IN_PROGRESS_FROM = 0.02
IN_PROGRESS_DAYS = 180
ABANDONED_BELOW = 0.2
ABANDONED_DAYS = 14
KEPT_PLAYBACKS = 32
"""Playbacks of one title that are told apart; older ones are only summed."""

PlaybackKey = str | int


class Watching:
    """One viewer and one title (an episode is a title). Times are microseconds UTC."""

    __slots__ = ("ended", "playbacks", "position", "seconds", "started_at", "touched", "unnamed", "watched_at")

    def __init__(self) -> None:
        self.seconds = 0.0
        self.position = math.nan
        self.touched = 0
        self.watched_at: int | None = None
        self.playbacks: dict[PlaybackKey, float] = {}
        self.unnamed = 0
        self.started_at = 0
        self.ended = True

    def playback(self, at: int, playback_id: str | None, stops: bool) -> PlaybackKey:
        """The playback that an event at `at` belongs to; opens and closes those without an id."""
        if playback_id is not None:
            return playback_id
        if self.ended or at - self.started_at > PLAYBACK_HOURS * HOUR:
            self.unnamed += 1
            self.started_at = at
        self.ended = stops
        return self.unnamed

    def play(self, at: int, key: PlaybackKey, seconds: float, fraction: float) -> float:
        """Takes up a play, progress or stop (NaN for what it does not say); the seconds of that playback so far."""
        playbacks = self.playbacks
        known = playbacks.get(key, 0.0)
        longest = seconds if seconds > known else known  # NaN is not
        playbacks[key] = longest
        self.seconds += longest - known
        if len(playbacks) > KEPT_PLAYBACKS:
            del playbacks[next(iter(playbacks))]
        self.touched = at
        if not math.isnan(fraction):
            self.position = fraction
            if fraction >= FINISHED:
                self.watched_at = at
        return longest

    def rate(self, at: int) -> None:
        """A rating means watched; what was in progress is no longer, unless it is played on."""
        self.watched_at = at
        self.position = math.nan

    def in_progress(self, now: int) -> bool:
        """Started, not finished, not lapsed and not abandoned at `now`."""
        if not (self.seconds > LEAST_SECONDS and IN_PROGRESS_FROM <= self.position < FINISHED):
            return False
        idle = now - self.touched
        return idle <= IN_PROGRESS_DAYS * DAY and not (self.position < ABANDONED_BELOW and idle > ABANDONED_DAYS * DAY)
