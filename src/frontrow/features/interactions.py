"""What counts as an interaction, and how much it says: the one definition for training and serving.

An interaction is a rating, or a playback (all events of one profile, title and `playback_id`; without an id a playback
ends at its `stop` or 4 hours after it began). It happens when it began. Its weight, 0..1:

* rating: grows with the value, from .6 at 3 to 1 at 5; .1 from 2 up; 0 below (somebody who disliked it; kept, as having
  been seen, but not learned from)
* playback: 1 once finished (fraction ≥ .9); else grows from .2 with the fraction, and is 0 below two minutes, where it
  says nothing yet

Two thresholds follow: from VIEWED on somebody chose to watch it (a rating from 3 up, any playback over two minutes),
from LIKED on they took to it (a rating from 3.5 up, or 70 % played).

Events without consent, and of other types, are none. An episode's interactions are its series'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.moments import NO_FIELDS, UNKNOWN, Fields, Moment, cells_of, hour_of_week
from frontrow.features.outcomes import KNOWN_AFTER, Playbacks, outcomes_of

FINISHED = 0.9
LEAST_SECONDS = 120.0
PLAYBACK_HOURS = 4

RATING_WEIGHTS = (0.0, 0.0, 0.0, 0.0, 0.1, 0.15, 0.6, 0.8, 0.9, 0.95, 1.0)
"""By the value in half stars."""
VIEWED, LIKED = 0.2, 0.744

_RATING_WEIGHTS, _NONE = np.array(RATING_WEIGHTS, np.float32), np.float32(0)
_PLAYED = np.array([TYPE_NUMBER[name] for name in ("play", "progress", "stop")], np.int8)
_STOP, _RATE, _UNWATCH = TYPE_NUMBER["stop"], TYPE_NUMBER["rate"], TYPE_NUMBER["unwatch"]


@dataclass(frozen=True)
class Interactions:
    """Interactions as equal-length arrays, sorted by (profile, at, offset of the first event).

    `hour` is the local hour of the week at which a playback began and `device` (a place in DEVICES) where; -1 for what
    is not known, and for ratings: when somebody rates is not when they watch. `until` is when it was last heard of
    (None: when it happened). `offset` is the log's at the first event
    and `outcomes` what came of it, float32[len, OUTCOMES] (features.outcomes), `cell`
    where on a page it came from (features.placements): None where the log does not tell. `said`, int8[len, fields], is
    what was said of the `fields` of the context when it began: places of values, -1 for none (features.said; None:
    nothing of any).
    """

    profile: NDArray[np.int64]
    title: NDArray[np.int32]
    at: NDArray[np.int64]
    weight: NDArray[np.float32]
    country: NDArray[np.int16]
    hour: NDArray[np.int16]
    device: NDArray[np.int8]
    countries: tuple[str, ...]
    offset: NDArray[np.int64] | None = None
    outcomes: NDArray[np.float32] | None = None
    cell: NDArray[np.int16] | None = None
    fields: Fields = NO_FIELDS
    said: NDArray[np.int8] | None = None
    until: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.title)

    def moment(self, place: int) -> Moment:
        """The moment of one interaction."""
        said = [] if self.said is None else zip(self.fields.known, self.said[place].tolist(), strict=True)
        told = tuple((field.name, field.values[value]) for field, value in said if value >= 0)
        return Moment(int(self.hour[place]), int(self.device[place]), told)

    def cells(self, fields: Fields = NO_FIELDS) -> NDArray[np.int64]:
        """int64[len, axes of `fields`]: the cell of each axis (features.moments.cells_of)."""
        said = None if self.said is None else self.fields.moved(self.said, fields)
        return cells_of(self.hour, self.device, said, fields)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Interactions:
        """The chosen interactions, in the same order."""
        return Interactions(
            self.profile[chosen], self.title[chosen], self.at[chosen], self.weight[chosen], self.country[chosen],
            self.hour[chosen], self.device[chosen], self.countries,
            None if self.offset is None else self.offset[chosen],
            None if self.outcomes is None else self.outcomes[chosen],
            None if self.cell is None else self.cell[chosen],
            self.fields,
            None if self.said is None else self.said[chosen],
            None if self.until is None else self.until[chosen],
        )  # fmt: skip

    def settled(self, cut: int) -> Interactions:
        """The same as it was known at `cut` (microseconds UTC), up to there: a playback that was heard of again later
        had only begun, and what came of it, or of one that ended less than a day before, is not known."""
        known, before = self, self.at < cut
        if self.until is not None:
            running = before & (self.until >= cut)
            known = replace(self, weight=np.where(running, np.minimum(self.weight, np.float32(VIEWED)), self.weight))
        if self.outcomes is None:
            return known
        unsettled = before & (self.at > cut - KNOWN_AFTER - PLAYBACK_HOURS * HOUR)
        return replace(known, outcomes=np.where(unsettled[:, None], np.float32(np.nan), self.outcomes))


def rating_weight(value: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Weight of ratings by their value (0.5..5)."""
    half_stars = np.clip(np.nan_to_num(np.asarray(value, np.float32)) * 2, 0, 10).astype(np.int64)
    return np.asarray(RATING_WEIGHTS, np.float32)[half_stars]


def playback_weight(seconds: NDArray[np.float32] | float, fraction: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Weight of playbacks by seconds watched and the position reached (0..1)."""
    seconds, fraction = np.asarray(seconds, np.float32), np.asarray(fraction, np.float32)
    fraction = np.where(np.isnan(fraction), np.float32(0), fraction)
    going = 0.2 + 0.7 * np.clip(fraction, 0, FINISHED) / FINISHED
    return np.where(fraction >= FINISHED, 1, np.where(seconds > LEAST_SECONDS, going, 0)).astype(np.float32)


def rating_weight_of(value: float) -> float:
    """`rating_weight` of one rating, the same float32 bit for bit, without the price of arrays."""
    return float(_RATING_WEIGHTS[0 if math.isnan(value) else int(min(max(value * 2, 0), 10))])


def playback_weight_of(seconds: float, fraction: float) -> float:
    """`playback_weight` of one playback, the same float32 bit for bit; `seconds` are known."""
    position = _NONE if math.isnan(fraction) else np.float32(fraction)
    if position >= FINISHED:
        return 1.0
    return float(0.2 + 0.7 * max(position, _NONE) / FINISHED) if np.float32(seconds) > LEAST_SECONDS else 0.0


def interactions_of(columns: EventColumns, series_of: NDArray[np.int32]) -> Interactions:
    """All interactions of these events, as `features.viewer_state` folds them one by one (a test holds them together).

    `series_of[title]` is the number of an episode's series, any other title's own number, or -1: left out. Titles past
    its end are their own. `unwatch` undoes what came before it, a series' also of its episodes. Events without consent
    give nothing, but still open and close playbacks.
    """
    kinds = np.isin(columns.type, _PLAYED) | (columns.type == _RATE) | (columns.type == _UNWATCH)
    some = np.flatnonzero(kinds & (columns.title >= 0))
    some = some[np.lexsort((columns.offset[some], columns.at[some], columns.profile[some]))]
    title, type_ = columns.title[some], columns.type[some]
    series = title.copy()
    mapped = title < len(series_of)
    series[mapped] = series_of[title[mapped]]
    viewer = np.cumsum(np.diff(columns.profile[some], prepend=columns.profile[some[:1]]) != 0)
    alive = ~_undone(viewer, title, series, type_ == _UNWATCH)
    rated = np.flatnonzero(alive & (type_ == _RATE) & columns.learn[some])
    played = np.flatnonzero(alive & np.isin(type_, _PLAYED))
    playbacks = _playbacks(columns, some[played], viewer[played])
    place = np.concatenate([rated, played[playbacks.began]])
    weight = np.concatenate([rating_weight(columns.value[some[rated]]), playbacks.weight])
    ended = np.concatenate([np.full(len(rated), -1), np.arange(len(playbacks))])
    keep = series[place] >= 0
    place, weight, ended = place[keep], weight[keep], ended[keep]
    order = np.argsort(place, kind="stable")
    place, weight, ended = place[order], weight[order], ended[order]
    event = some[place]
    watched, clock = columns.type[event] != _RATE, columns.clock[event]
    local = hour_of_week(columns.at[event], clock.astype(np.int64))
    return Interactions(
        columns.profile[event], series[place], columns.at[event], weight, columns.country[event],
        np.where(watched & (clock != NO_CLOCK), local, UNKNOWN).astype(np.int16),
        np.where(watched, columns.device[event], UNKNOWN).astype(np.int8), columns.countries, columns.offset[event],
        outcomes_of(columns, series_of, event, series[place], playbacks, ended) if len(playbacks) else None,
        until=np.where(ended >= 0, playbacks.until[ended], columns.at[event]) if len(playbacks) else None,
    )  # fmt: skip


def _undone(
    viewer: NDArray[np.int64], title: NDArray[np.int32], series: NDArray[np.int32], unwatch: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Events with a later `unwatch` of the same viewer that covers their title. Events are in order."""
    undoing = np.flatnonzero(unwatch)
    if not len(undoing):
        return np.zeros(len(viewer), bool)
    keys = (viewer[undoing] << 32) | title[undoing]
    keys, first = np.unique(keys[::-1], return_index=True)
    latest = undoing[::-1][first]
    undone = np.zeros(len(viewer), bool)
    places = np.arange(len(viewer))
    for covered in (title, series):
        own = (viewer << 32) | np.maximum(covered, 0)
        found = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
        undone |= (keys[found] == own) & (covered >= 0) & (places < latest[found])
    return undone


def _playbacks(columns: EventColumns, events: NDArray[np.int64], viewer: NDArray[np.int64]) -> Playbacks:
    """Playbacks that may be learned from; places in `events`."""
    if not len(events):
        return Playbacks(np.empty(0, np.int64), *(np.empty(0, np.float32),) * 3, np.empty(0, np.int64))
    title, playback = columns.title[events], columns.playback[events]
    order = np.lexsort((np.arange(len(events)), playback, title, viewer))
    ordered = events[order]
    new = np.ones(len(order), bool)
    for key in (viewer, title, playback):
        same = key[order][1:] == key[order][:-1]
        new[1:] = (new[1:] | ~same) if key is not viewer else ~same
    _split_unnamed(new, playback[order] == 0, columns.type[ordered] == _STOP, columns.at[ordered])
    starts = np.flatnonzero(new)
    group = np.cumsum(new) - 1
    places = np.arange(len(order))
    # Only whether a playback has passed two minutes matters of its seconds.
    passed_at = np.minimum.reduceat(np.where(columns.seconds[ordered] > LEAST_SECONDS, places, len(order)), starts)
    seconds = np.where(places >= passed_at[group], 2 * LEAST_SECONDS, 0).astype(np.float32)
    learn = columns.learn[ordered]
    weight = np.where(learn, playback_weight(seconds, columns.fraction[ordered]), 0).astype(np.float32)
    began = np.minimum.reduceat(np.where(learn, places, len(order)), starts)
    learned = began < len(order)
    stood = np.maximum.reduceat(np.where(learn & ~np.isnan(columns.fraction[ordered]), places, -1), starts)
    fraction = np.where(stood >= 0, columns.fraction[ordered[stood]], np.nan)
    watched = np.maximum.reduceat(np.where(learn, np.nan_to_num(columns.seconds[ordered]), 0), starts)
    until = np.maximum.reduceat(columns.at[ordered], starts)
    return Playbacks(
        order[began[learned]], np.maximum.reduceat(weight, starts)[learned], watched[learned].astype(np.float32),
        fraction[learned].astype(np.float32), until[learned],
    )  # fmt: skip


def _split_unnamed(
    new: NDArray[np.bool_], unnamed: NDArray[np.bool_], stop: NDArray[np.bool_], at: NDArray[np.int64]
) -> None:
    """Marks in `new` where playbacks without an id begin: after a stop, and 4 hours after the last began."""
    new[1:] |= unnamed[1:] & unnamed[:-1] & stop[:-1]
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(new))
    longest = PLAYBACK_HOURS * HOUR
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True) if unnamed.any() else ():
        if unnamed[first] and at[last - 1] - at[first] > longest:
            began = at[first]
            for place in range(first + 1, last):
                if at[place] - began > longest:
                    new[place], began = True, at[place]
