"""A viewer's state: the fold of one profile's events, in order of (at, offset).

Late events cannot be folded into a state that has passed them: `fold` says so, and the caller folds anew. The state
depends on the catalogue's structure (which episode is of which series), so it carries the structure it was folded with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import ProfileEvent
from frontrow.features.interactions import FINISHED, LEAST_SECONDS, RATING_WEIGHTS
from frontrow.features.moments import UNKNOWN, local_hour, offset_of
from frontrow.features.watching import PlaybackKey, Watching

PLAY, PROGRESS, STOP = (TYPE_NUMBER[name] for name in ("play", "progress", "stop"))
RATE, UNWATCH = TYPE_NUMBER["rate"], TYPE_NUMBER["unwatch"]
HIDE, UNHIDE, LESS = TYPE_NUMBER["hide"], TYPE_NUMBER["unhide"], TYPE_NUMBER["less_like"]
LIST_ADD, LIST_REMOVE = TYPE_NUMBER["list_add"], TYPE_NUMBER["list_remove"]
IMPRESSION = TYPE_NUMBER["impression"]
PLAYED: Final = frozenset({PLAY, PROGRESS, STOP})
KEPT_INTERACTIONS: Final = 4_096
"""Of a viewer's interactions, the latest to begin: models read 500 at most."""


class Structure(Protocol):
    """Which titles are episodes of which series."""

    @property
    def structure(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def series_of(self) -> NDArray[np.int32]: ...
    def episodes(self, series: int) -> Sequence[int]: ...


class Interaction:
    """One interaction being folded: `weight` grows with the playback. `title` is the series' number for an episode,
    `watched` the title itself, `hour` and `device` the moment, `playback` which one of the title (None: a rating). See
    features/interactions.py."""

    __slots__ = ("at", "device", "hour", "playback", "title", "watched", "weight")

    def __init__(
        self, title: int, watched: int, at: int, weight: float, hour: int = UNKNOWN, device: int = UNKNOWN,
        playback: PlaybackKey | None = None,
    ) -> None:  # fmt: skip
        self.title, self.watched, self.at, self.weight = title, watched, at, weight
        self.hour, self.device, self.playback = hour, device, playback


class ViewerState:
    """What one profile did, as pages need it. Title numbers throughout; times in microseconds UTC.

    `watching` is by title (episodes by themselves), `hidden`, `less_like` and `listed` map a title (an episode's
    series) to the time of the event; `ratings` are the latest by title (episodes by themselves). `interactions` are in
    order, oldest first, the latest KEPT_INTERACTIONS: what is kept grows with titles, not with events. Where events do
    not say their offset, the clock is that of `timezone` (IANA); `clock` is the offset, minutes east of UTC, that the
    latest event with one said.
    """

    def __init__(self, catalogue: Structure, timezone: str | None = None) -> None:
        self.structure = catalogue.structure  # first: what changes meanwhile makes it a fold of before
        self._catalogue = catalogue
        self._timezone = timezone
        self.clock: int | None = None
        self._series_of = catalogue.series_of
        self.size = len(self._series_of)
        self.offset = 0
        self.newest_at: int | None = None
        self.newest: tuple[int, int] = (-(2**63), 0)
        self.count = 0
        self.watching: dict[int, Watching] = {}
        self.hidden: dict[int, int] = {}
        self.less_like: dict[int, int] = {}
        self.listed: dict[int, int] = {}
        self.ratings: dict[int, float] = {}
        self.impressions: dict[int, int] = {}
        self.types: dict[int, int] = {}
        self.interactions: list[Interaction] = []
        self.by_playback: dict[tuple[int, PlaybackKey], Interaction] = {}

    def fold(self, events: Iterable[ProfileEvent]) -> bool:
        """Takes up events, given in order of (at, offset). False, with the state spoilt, when one comes too late."""
        newest, offset, taken = self.newest, self.offset, 0
        for event in events:
            key = (event.at, event.offset)
            if key < newest:
                return False
            newest = key
            self._take(event)
            taken += 1
            offset = max(offset, key[1])
        if taken:
            self.newest, self.newest_at, self.offset = newest, newest[0], offset
            self.count += taken
        return True

    @property
    def entries(self) -> int:
        """How much is kept, in titles and interactions."""
        return len(self.watching) + len(self.impressions) + len(self.interactions) + len(self.ratings)

    def series_number(self, title: int) -> int:
        """The series of an episode; any other title itself."""
        return self._series_of.item(title) if title < self.size else title

    def _take(self, event: ProfileEvent) -> None:
        kind, title = event.type, event.title
        self.types[kind] = self.types.get(kind, 0) + 1
        if event.learn and event.tz_offset_minutes is not None:
            self.clock = event.tz_offset_minutes
        if title < 0:
            return
        series = self.series_number(title)
        if kind in PLAYED:
            self._play(event, series)
        elif kind == RATE:
            for each in self._covered(title):
                self.watching.setdefault(each, Watching()).rate(event.at)
            self.ratings[title] = event.value
            if event.learn:
                self._begin(Interaction(series, title, event.at, rated(event.value)))
        elif kind == UNWATCH:
            gone = set(self._covered(title))
            for each in gone:
                self.watching.pop(each, None)
                self.ratings.pop(each, None)
            self.interactions = [each for each in self.interactions if each.watched not in gone]
            self.by_playback = {key: value for key, value in self.by_playback.items() if key[0] not in gone}
        elif kind == HIDE:
            self.hidden[series] = event.at
        elif kind == UNHIDE:
            self.hidden.pop(series, None)
        elif kind == LESS:
            self.less_like[series] = event.at
        elif kind == LIST_ADD:
            self.listed.pop(series, None)
            self.listed[series] = event.at
        elif kind == LIST_REMOVE:
            self.listed.pop(series, None)
        elif kind == IMPRESSION and event.learn:
            self.impressions[series] = self.impressions.get(series, 0) + 1

    def _play(self, event: ProfileEvent, series: int) -> None:
        _, at, kind, title, seconds, fraction, _, playback_id, _, _, learn = event  # faster than names, 60 times a page
        watching = self.watching.get(title)
        if watching is None:
            watching = self.watching[title] = Watching()
        key = watching.playback(at, playback_id, kind == STOP)
        longest = watching.play(at, key, seconds, fraction)
        if not learn:
            return
        interaction = self.by_playback.get((title, key))
        if interaction is None:
            interaction = self.by_playback[title, key] = self._playback(event, series, key)
            self._begin(interaction)
        weight = played(longest, fraction)
        interaction.weight = max(interaction.weight, weight)

    def _begin(self, interaction: Interaction) -> None:
        self.interactions.append(interaction)
        if len(self.interactions) > KEPT_INTERACTIONS:
            oldest = self.interactions.pop(0)
            if oldest.playback is not None:
                del self.by_playback[oldest.watched, oldest.playback]

    def _covered(self, title: int) -> Sequence[int]:
        """What a rating or unwatch of `title` covers: itself and, for a series, its episodes."""
        return (title, *self._catalogue.episodes(title))

    def _playback(self, event: ProfileEvent, series: int, key: PlaybackKey) -> Interaction:
        said = event.tz_offset_minutes
        clock = offset_of(self._timezone, event.at) if said is None else said
        return Interaction(series, event.title, event.at, 0.0, local_hour(event.at, clock), event.device, key)


def rated(value: float) -> float:
    """features.interactions.rating_weight for one value (a test holds the two together)."""
    return RATING_WEIGHTS[int(value * 2)]


def played(seconds: float, fraction: float) -> float:
    """features.interactions.playback_weight for one playback (a test holds the two together)."""
    if fraction >= FINISHED:
        return 1.0
    if not seconds > LEAST_SECONDS:
        return 0.0
    return 0.2 + 0.7 * (0.0 if math.isnan(fraction) else fraction) / FINISHED
