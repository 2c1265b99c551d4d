"""Popularity as a fold of the log: who watched what, when, counted once per viewer, title and UTC day.

A view is a rating from 3 up, or a playback that reached .9 or passed two minutes (weight ≥ VIEWED).
It is counted at the first event that arrives and says so. What a viewer later makes unwatched stays counted: it was
watched. Events without consent are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import EventColumns, NewEvent
from frontrow.features.decayed import DecayedCounts
from frontrow.features.interactions import VIEWED, Interactions, playback_weight, rating_weight
from frontrow.features.view_columns import ViewColumns
from frontrow.features.viewer_days import ViewerDays, viewer_day_key, viewer_day_keys
from frontrow.features.viewer_state import PLAYED, played, rated

_PLAYBACK = np.array([TYPE_NUMBER[name] for name in ("play", "progress", "stop")], np.int8)
_MERGE_TAIL_AT = 50_000
_COLUMNS = ("at", "title", "country", "key", "profile")
"""Of the views that are kept one by one."""


class VelocitySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of what popularity keeps in memory."""

    max_views: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            extra_json_schema={
                "description": "Views kept one by one (34 bytes each) for windows and past moments. Older ones live "
                "on in the fading counts only: windows no longer count them, moments before the oldest kept show none."
            },
        ),
    ] = 4_000_000
    max_countries: Annotated[
        int,
        msgspec.Meta(ge=0, extra_json_schema={"description": "Countries with popularity of their own, by first view."}),
    ] = 64


@dataclass(frozen=True)
class PopularityAt:
    """Popularity at one moment (microseconds UTC), ties included."""

    velocity: Velocity
    now: int

    def decayed(self, half_life_days: float, country: str | None = None) -> NDArray[np.float32]:
        """Viewers by title, faded with the half-life."""
        return self.velocity.decayed(half_life_days, self.now, country)

    def window(self, days: float, country: str | None = None) -> NDArray[np.float32]:
        """Viewers by title in (now - days, now]."""
        return self.velocity.window(days, self.now, country)


class Velocity:
    """Views by title: fading counts for *now*, and views one by one for windows and for any past moment.

    Memory: about 34 bytes a kept view (at most `max_views`), and 32 bytes a title for all and for each country.
    """

    def __init__(self, n_titles: int = 0, settings: VelocitySettings | None = None) -> None:
        self.settings = settings or VelocitySettings()
        self.n_titles = n_titles
        self.newest_at = 0
        self.revision = 0  # rises whenever an answer may change
        self._series_of = np.empty(0, np.int32)
        self._numbers: dict[str, int] = {}
        self._live: dict[int, DecayedCounts] = {-1: DecayedCounts(n_titles)}
        self._dropped: dict[int, DecayedCounts] = {-1: DecayedCounts(n_titles)}
        self._dropped_until: int | None = None
        self._past: dict[int, tuple[int, DecayedCounts]] = {}
        self._days = ViewerDays()
        self._at, self._title = np.empty(0, np.int64), np.empty(0, np.int32)
        self._country, self._key = np.empty(0, np.int16), np.empty(0, np.uint64)
        self._profile = np.empty(0, np.int32)
        self._tail = ViewColumns()

    def take_parts(self, parts: Iterable[EventColumns], series_of: NDArray[np.int32]) -> int:
        """Folds a log given in parts, or a part of it; the offset of its last event (0: there is none)."""
        offset = 0
        self.know(series_of)
        for columns in parts:
            self.update(columns)
            offset = int(columns.offset[-1]) if len(columns) else offset
        return offset

    def laid(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """What it takes to go on elsewhere, for `of_laid`: small facts (of JSON's types), and arrays by name."""
        self._merge_tail()
        facts: dict[str, Any] = {
            "n_titles": self.n_titles, "newest_at": self.newest_at, "dropped_until": self._dropped_until,
            "countries": list(self._numbers), "settings": msgspec.to_builtins(self.settings), "counts": {},
        }  # fmt: skip
        arrays: dict[str, NDArray[Any]] = {name: getattr(self, f"_{name}") for name in _COLUMNS}
        arrays |= {"days": self._days.keys(), "series_of": self._series_of}
        for kind, counts in (("live", self._live), ("dropped", self._dropped)):
            for number, each in counts.items():
                *facts["counts"][f"{kind} {number}"], arrays[f"{kind} {number}"] = each.laid
        return facts, arrays

    @classmethod
    def of_laid(cls, facts: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Velocity:
        """The popularity that `laid` gave. `arrays` are never written to: they may be mapped from a file."""
        velocity = cls(0, msgspec.convert(facts["settings"], VelocitySettings))
        velocity.n_titles, velocity.newest_at = facts["n_titles"], facts["newest_at"]
        velocity._dropped_until = facts["dropped_until"]
        velocity._numbers = {code: number for number, code in enumerate(facts["countries"])}
        for name in _COLUMNS:
            setattr(velocity, f"_{name}", arrays[name])
        velocity._days, velocity._series_of = ViewerDays.of_sorted(arrays["days"]), arrays["series_of"]
        for name, (reference, last) in facts["counts"].items():
            kind, number = name.split(" ")
            own = velocity._live if kind == "live" else velocity._dropped
            own[int(number)] = DecayedCounts.of_laid(reference, last, arrays[name])
        return velocity

    @property
    def series_of(self) -> NDArray[np.int32]:
        """The series of all titles that it counts by."""
        return self._series_of

    @classmethod
    def of_interactions(
        cls, interactions: Interactions, n_titles: int, settings: VelocitySettings | None = None
    ) -> Velocity:
        """Popularity of chosen interactions, for training and evaluation; those below VIEWED are not counted."""
        velocity = cls(n_titles, settings)
        some = interactions.weight >= np.float32(VIEWED)
        velocity._add(
            interactions.profile[some], interactions.title[some], interactions.at[some],
            velocity._own_numbers(interactions.country[some], interactions.countries),
        )  # fmt: skip
        return velocity

    def update(self, columns: EventColumns, series_of: NDArray[np.int32] | None = None) -> None:
        """Folds further events, late ones too. Without `series_of` the last one holds; titles past its end are own."""
        if series_of is not None:
            self.know(series_of)
        weight = np.where(
            columns.type == TYPE_NUMBER["rate"],
            rating_weight(np.nan_to_num(columns.value)),
            np.where(np.isin(columns.type, _PLAYBACK), playback_weight(columns.seconds, columns.fraction), 0),
        )
        some = np.flatnonzero((weight >= np.float32(VIEWED)) & columns.learn & (columns.title >= 0))
        title = columns.title[some].copy()
        mapped = title < len(self._series_of)
        title[mapped] = self._series_of[title[mapped]]
        some, title = some[title >= 0], title[title >= 0]
        self._resize(int(title.max(initial=-1)) + 1)
        country = self._own_numbers(columns.country[some], columns.countries)
        self._add(columns.profile[some], title, columns.at[some], country)

    def know(self, series_of: NDArray[np.int32]) -> None:
        """The series of all titles, from here on."""
        self._series_of = series_of
        self._resize(len(series_of))

    def take(self, event: NewEvent) -> None:
        """Folds one event as `update` does many (a test holds the two together)."""
        weight = 0.0
        if event.type == TYPE_NUMBER["rate"]:
            weight = rated(event.value)
        elif event.type in PLAYED:
            weight = played(event.seconds, event.fraction)
        title = event.title
        if 0 <= title < len(self._series_of):
            title = int(self._series_of[title])
        if title < 0 or not event.learn or weight < VIEWED:
            return
        self._resize(title + 1)
        country = -1 if event.country is None else self._own_number(event.country)
        key = viewer_day_key(event.profile, title, event.at)
        if not self._days.add_one(key):
            return
        self.newest_at = max(self.newest_at, event.at)
        self.revision += 1
        self._live[-1].add_one(title, event.at)
        if country >= 0:
            self._live.setdefault(country, DecayedCounts(self.n_titles)).add_one(title, event.at)
        self._tail.append_one(event.at, title, country, key, event.profile)
        if len(self._tail) > _MERGE_TAIL_AT:
            self._merge_tail()

    @property
    def thinned(self) -> bool:
        """Whether some views are no longer kept one by one: what of those is somebody's cannot be taken back."""
        return self._dropped_until is not None

    def recount(self, profiles: Sequence[int], columns: EventColumns) -> None:
        """Takes back what some profiles gave, of the views kept one by one, and folds their events (`columns`) anew:
        as if those had been theirs from the first. Costs one look at each kept view, however long the log."""
        who = np.array(profiles, np.int32)
        late = np.isin(self._tail.profile, who)
        gone = np.isin(self._profile, who)
        touched = np.unique(np.concatenate([self._title[gone], self._tail.title[late]]))
        if len(touched):
            self._days.discard(np.concatenate([self._key[gone], self._tail.key[late]]))
            for name in _COLUMNS:
                setattr(self, f"_{name}", getattr(self, f"_{name}")[~gone])
            self._tail, self._past = self._tail.only(~late), {}
            self._count_titles(touched)
            self.newest_at = max(int(self._at[-1]) if len(self._at) else 0, int(self._tail.at.max(initial=0)))
            self.revision += 1
        self.update(columns)

    def watched(self, titles: NDArray[np.integer[Any]]) -> bool:
        """Whether any of these titles has a view."""
        return bool(self._live[-1].read(math.inf, 0)[titles[titles < self.n_titles]].any())

    def decayed(
        self, half_life_days: float, now: int, country: str | None = None, all_stored: bool = False
    ) -> NDArray[np.float32]:
        """Viewers by title faded to `now`: float32[n_titles]. Half-lives: 2, 7, 30 days, or infinity (ever).

        At or after the newest view it reads the live counts; before it, it folds the kept views up to `now`, ties
        included (cheap when moments are asked in ascending order). `all_stored`: views dated after `now` count too,
        each somewhat more than one (1.4 a day ahead, with two days). A country without views: zeros.
        """
        number = self._number(country)
        if number is None:
            return np.zeros(self.n_titles, np.float32)
        if all_stored or now >= self.newest_at:
            return self._live[number].read(half_life_days, now)
        if self._dropped_until is not None and now < self._dropped_until:
            return np.zeros(self.n_titles, np.float32)
        return self._until(now, number).read(half_life_days, now)

    def window(
        self, days: float, now: int, country: str | None = None, all_stored: bool = False
    ) -> NDArray[np.float32]:
        """Views by title in (now - days, now], exactly, of those kept: float32[n_titles]. `all_stored`: those dated
        after `now` too."""
        number = self._number(country)
        counts = np.zeros(self.n_titles, np.float32)
        if number is None:
            return counts
        after = now - int(days * DAY) if np.isfinite(days) else np.iinfo(np.int64).min
        upto = max(now, self.newest_at) if all_stored else now
        first, last = np.searchsorted(self._at, [after, upto], side="right")
        chosen, country_ = self._title[first:last], self._country[first:last]
        recent = (self._tail.at > after) & (self._tail.at <= upto)
        for title, code in ((chosen, country_), (self._tail.title[recent], self._tail.country[recent])):
            some = title if number == -1 else title[code == number]
            if len(some):
                counts += np.bincount(some, minlength=self.n_titles)
        return counts

    def at(self, now: int) -> PopularityAt:
        """Popularity as of `now`."""
        return PopularityAt(self, now)

    @property
    def views(self) -> int:
        """How many views are kept one by one."""
        return len(self._at) + len(self._tail)

    def _add(
        self,
        profile: NDArray[np.int64],
        title: NDArray[np.int32],
        at: NDArray[np.int64],
        country: NDArray[np.int16],
    ) -> None:
        keys = viewer_day_keys(profile, title, at)
        new = self._days.add(keys)
        if not len(new):
            return
        title, at, country, keys, profile = title[new], at[new], country[new], keys[new], profile[new]
        self.newest_at = max(self.newest_at, int(at.max()))
        self.revision += 1
        self._fold(self._live, title, at, country)
        self._tail.append(at, title, country, keys, profile)
        if len(self._tail) > _MERGE_TAIL_AT:
            self._merge_tail()

    def _fold(
        self,
        into: dict[int, DecayedCounts],
        title: NDArray[np.int32],
        at: NDArray[np.int64],
        country: NDArray[np.int16],
    ) -> None:
        into[-1].add(title, at)
        for number in np.unique(country[country >= 0]).tolist():
            own = into.setdefault(number, DecayedCounts(self.n_titles))
            own.add(title[country == number], at[country == number])

    def _count_titles(self, titles: NDArray[np.int32]) -> None:
        """The live counts of some titles, from the views that are kept one by one and those dropped."""
        chosen = np.zeros(self.n_titles, bool)
        chosen[titles] = True
        old, new = chosen[self._title], chosen[self._tail.title]
        title = np.concatenate([self._title[old], self._tail.title[new]])
        at = np.concatenate([self._at[old], self._tail.at[new]])
        country = np.concatenate([self._country[old], self._tail.country[new]])
        for number, counts in self._live.items():
            some = slice(None) if number == -1 else country == number
            counts.replace(titles, self._dropped.get(number), title[some], at[some])

    def _merge_tail(self) -> None:
        if not len(self._tail):
            return
        tail, order = self._tail, np.argsort(self._tail.at, kind="stable")
        places = np.searchsorted(self._at, tail.at[order], side="right")
        for name in _COLUMNS:  # one after another: what is kept stands in memory once, but for one column
            setattr(self, f"_{name}", np.insert(getattr(self, f"_{name}"), places, getattr(tail, name)[order]))
        surplus = max(0, len(self._at) - self.settings.max_views)
        if surplus:
            self._fold(self._dropped, self._title[:surplus], self._at[:surplus], self._country[:surplus])
            self._dropped_until = max(self._dropped_until or 0, int(self._at[surplus - 1]))
            for name in _COLUMNS:
                setattr(self, f"_{name}", getattr(self, f"_{name}")[surplus:].copy())
            # A retry of a day that is no longer kept is counted again; remembering all days would grow for ever.
            self._days = ViewerDays(self._key)
        self._tail, self._past = ViewColumns(), {}

    def _until(self, now: int, number: int) -> DecayedCounts:
        self._merge_tail()
        stands, counts = self._past.get(number, (None, None))
        if counts is None or stands is None or stands > now:
            base = self._dropped.get(number)
            counts, first = (DecayedCounts(self.n_titles) if base is None else base.copy()), 0
        else:
            first = int(np.searchsorted(self._at, stands, side="right"))
        last = int(np.searchsorted(self._at, now, side="right"))
        title, at = self._title[first:last], self._at[first:last]
        if number >= 0:
            chosen = self._country[first:last] == number
            title, at = title[chosen], at[chosen]
        counts.add(title, at)
        self._past[number] = (now, counts)
        return counts

    def _number(self, country: str | None) -> int | None:
        number = -1 if country is None else self._numbers.get(country)
        return number if number is not None and number in self._live else None

    def _own_numbers(self, country: NDArray[np.int16], codes: tuple[str, ...]) -> NDArray[np.int16]:
        """Callers number countries as they like; here they are numbered by first sight."""
        own = np.full(len(codes) + 1, -1, np.int16)
        for number in np.unique(country[country >= 0]).tolist():
            own[number] = self._own_number(codes[number])
        return own[country]

    def _own_number(self, code: str) -> int:
        known = self._numbers.get(code)
        if known is None and len(self._numbers) < self.settings.max_countries:
            known = self._numbers[code] = len(self._numbers)
        return -1 if known is None else known

    def _resize(self, n_titles: int) -> None:
        if n_titles > self.n_titles:
            self.n_titles = n_titles
            self.revision += 1
            for counts in (*self._live.values(), *self._dropped.values(), *(c for _, c in self._past.values())):
                counts.resize(n_titles)
