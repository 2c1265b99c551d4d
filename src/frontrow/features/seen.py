"""What a viewer has seen at a moment: watched, in progress, hidden (the contract's table), titles and series alike.

Of a series: an episode in progress, or one watched with a later one available, is in progress; with its last available
episode watched it is watched. "Available" is what the gate lets this viewer watch now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.features.viewer_state import ViewerState
from frontrow.features.watching import IN_PROGRESS_DAYS, Watching


class Going(NamedTuple):
    """Something in progress: what to resume (the title itself or an episode), and the position in it (0..1)."""

    resume: int
    fraction: float
    touched: int


EpisodesOf = Callable[[int], Sequence[int]]
"""The episodes of a series, in order of season, then episode."""


@dataclass
class Seen:
    """Title numbers (of series, not of episodes) with the time that put them there, microseconds UTC."""

    watched: dict[int, int] = field(default_factory=dict)
    in_progress: dict[int, Going] = field(default_factory=dict)
    hidden: dict[int, int] = field(default_factory=dict)
    listed: dict[int, int] = field(default_factory=dict)
    episodes_watched: dict[int, int] = field(default_factory=dict)
    episodes_in_progress: dict[int, Going] = field(default_factory=dict)

    def status(self, title: int) -> str | None:
        """`in_progress`, `watched` or None, of a title, series or episode."""
        if title in self.in_progress or title in self.episodes_in_progress:
            return "in_progress"
        return "watched" if title in self.watched or title in self.episodes_watched else None

    def exclude(self, mask: NDArray[np.bool_]) -> None:
        """Clears watched and in-progress titles from `mask`, in place."""
        for titles in (self.watched, self.in_progress):
            if titles:
                mask[np.fromiter(titles, np.int64, len(titles))] = False


def seen_at(state: ViewerState, now: int, available: NDArray[np.bool_], episodes_of: EpisodesOf) -> Seen:
    """What `state` means at `now`. `available` is bool[titles]; `episodes_of(series)` gives episodes in their order.
    Titles beyond these, which another process has just come to know of, are left out."""
    size = len(available)
    watching = state.watching
    if max(watching, default=0) >= size:
        watching = {title: each for title, each in watching.items() if title < size}
    seen = Seen(hidden=_below(state.hidden, size), listed=_below(state.listed, size))
    series: set[int] = set()
    for title, how in watching.items():
        own = state.series_number(title)
        if own != title:
            if own < size:
                series.add(own)
        elif episodes_of(title):
            series.add(title)
        else:
            _one(title, how, now, seen.watched, seen.in_progress)
    for number in series:
        _series(number, state, now, available, episodes_of(number), seen)
    return seen


def _below(titles: dict[int, int], size: int) -> dict[int, int]:
    return titles if max(titles, default=0) < size else {each: at for each, at in titles.items() if each < size}


def _one(title: int, watching: Watching, now: int, watched: dict[int, int], going: dict[int, Going]) -> None:
    if watching.in_progress(now):
        going[title] = Going(title, watching.position, watching.touched)
    elif watching.watched_at is not None:
        watched[title] = watching.watched_at


def _series(
    number: int, state: ViewerState, now: int, available: NDArray[np.bool_], episodes: Sequence[int], seen: Seen
) -> None:
    watched: dict[int, int] = {}
    going: dict[int, Going] = {}
    for episode in episodes:
        if (watching := state.watching.get(episode)) is not None:
            _one(episode, watching, now, watched, going)
    seen.episodes_watched |= watched
    seen.episodes_in_progress |= going
    offered = [episode for episode in episodes if available[episode]]
    finished = watched.get(offered[-1]) if offered else max(watched.values(), default=None)
    open_ones = [each for each in going.values() if available[each.resume] and each.touched > (finished or 0)]
    if open_ones:
        seen.in_progress[number] = max(open_ones, key=lambda each: each.touched)
    elif finished is not None:
        seen.watched[number] = finished
    elif watched:
        latest = max(watched, key=lambda episode: (watched[episode], episodes.index(episode)))
        later = [e for e in offered if e not in watched and episodes.index(e) > episodes.index(latest)]
        if later and now - watched[latest] <= IN_PROGRESS_DAYS * DAY:
            seen.in_progress[number] = Going(later[0], 0.0, watched[latest])
