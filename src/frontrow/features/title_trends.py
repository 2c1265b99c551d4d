"""Title velocity: how many viewers watched each title in the last hour, day, week and month, everywhere and by country.

Whole numbers in hours of UTC, so that the order and the cut of what arrives change nothing. A view is what
`features.velocity` counts: a rating from 3 up or a playback that reached .9 or passed two minutes, once for each
viewer, title and UTC day, at the first event that arrives and says so.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import EventColumns
from frontrow.features.interactions import VIEWED, playback_weight, rating_weight
from frontrow.features.viewer_days import viewer_day_keys

SPANS: Final = {"1h": 1, "24h": 24, "7d": 168, "30d": 720}
"""Windows in hours: the running hour and those before it."""
MOST_COUNTRIES: Final = 64
"""Countries that are counted by themselves, by first view; others count everywhere only."""

_LONGEST: Final = max(SPANS.values())
_PLAYED: Final = np.array([TYPE_NUMBER[name] for name in ("play", "progress", "stop")], np.int8)


class _Hour:
    """Views of one hour that are in some window still: title and country slot (0: none of its own)."""

    __slots__ = ("slot", "title")

    def __init__(self, title: NDArray[np.int32], slot: NDArray[np.int16]) -> None:
        self.title, self.slot = title, slot


class TitleTrends:
    """Counts by window and title, for everywhere (slot 0) and each country, as of the newest event's hour.

    Memory: 16 bytes a title for everywhere and each country with a view (twice that for those asked about at a later
    hour), 6 a view and 8 a viewer-day of the last month.
    """

    def __init__(self) -> None:
        self.offset = 0
        self.hour = -(2**40)
        self._counts: list[NDArray[np.int32]] = [np.zeros((len(SPANS), 0), np.int32)]
        self._slots: dict[str, int] = {}
        self._hours: dict[int, list[_Hour]] = {}
        self._days: dict[int, set[int]] = {}
        self._ahead: dict[int, tuple[int, NDArray[np.int32]]] = {}  # by slot, as of an hour after the newest event's

    def update(self, columns: EventColumns, series_of: NDArray[np.int32]) -> None:
        """Folds further events, in order of offset. `series_of[title]` is an episode's series, else the title's own
        number; titles past its end are their own."""
        if not len(columns):
            return
        self.offset = int(columns.offset[-1])
        self._ahead = {}
        weight = np.where(
            columns.type == TYPE_NUMBER["rate"],
            rating_weight(np.nan_to_num(columns.value)),
            np.where(np.isin(columns.type, _PLAYED), playback_weight(columns.seconds, columns.fraction), 0),
        )
        viewed = np.flatnonzero((weight >= np.float32(VIEWED)) & columns.learn & (columns.title >= 0))
        self._move_on(int(columns.at.max()) // HOUR)
        slots = self._numbered(columns.country[viewed], columns.countries)  # before any is too old: cuts change nothing
        recent = columns.at[viewed] // DAY * 24 + 23 > self.hour - _LONGEST
        viewed, slots = viewed[recent], slots[recent]
        title, at = columns.title[viewed].copy(), columns.at[viewed]
        mapped = title < len(series_of)
        title[mapped] = series_of[title[mapped]]
        new = self._first_of_day(viewer_day_keys(columns.profile[viewed], title, at), at // DAY)
        self._resize(max(len(series_of), int(title.max(initial=-1)) + 1))
        self._add(title[new], slots[new], at[new] // HOUR)

    def views(self, titles: NDArray[np.int64], now: int, country: str | None = None) -> NDArray[np.int32]:
        """int32[titles, windows]: views of these titles up to `now` (microseconds UTC; the newest event's hour if that
        is later), everywhere or in a country (zeros for one without views of its own)."""
        slot = 0 if country is None else self._slots.get(country, -1)
        found = np.zeros((len(titles), len(SPANS)), np.int32)
        if slot >= 0:
            counts = self._counted(slot, now)
            known = (titles >= 0) & (titles < counts.shape[1])
            found[known] = counts.take(titles[known], 1).T
        return found

    def total(self, now: int, country: str | None = None) -> NDArray[np.int64]:
        """int64[windows]: views of all titles."""
        slot = 0 if country is None else self._slots.get(country, -1)
        return np.zeros(len(SPANS), np.int64) if slot < 0 else self._counted(slot, now).sum(1, dtype=np.int64)

    def same_as(self, other: TitleTrends) -> bool:
        """Whether both count the same, number for number."""
        return (self.hour, self._slots) == (other.hour, other._slots) and all(
            np.array_equal(*_padded(mine, its)) for mine, its in zip(self._counts, other._counts, strict=True)
        )

    def _counted(self, slot: int, now: int) -> NDArray[np.int32]:
        """Counts as of `now`: what has left a window since the newest event is taken off a copy."""
        hour = now // HOUR
        if hour <= self.hour:
            return self._counts[slot]
        ahead = self._ahead.get(slot)
        if ahead is None or ahead[0] != hour:
            counts = self._counts[slot].copy()
            self._take_off(counts, slot, self.hour, hour)
            ahead = self._ahead[slot] = (hour, counts)
        return ahead[1]

    def _take_off(self, counts: NDArray[np.int32], slot: int, before: int, after: int) -> None:
        for row, span in enumerate(SPANS.values()):
            leaving = range(before - span + 1, min(after - span, before) + 1)
            for hour in self._hours.keys() & leaving if len(leaving) > len(self._hours) else leaving:
                for part in self._hours.get(hour, ()):
                    titles = part.title if slot == 0 else part.title[part.slot == slot]
                    np.subtract.at(counts[row], titles, 1)

    def _move_on(self, hour: int) -> None:
        if hour <= self.hour:
            return
        for slot, counts in enumerate(self._counts):
            self._take_off(counts, slot, self.hour, hour)
        self.hour = hour
        for old in [each for each in self._hours if each <= hour - _LONGEST]:
            del self._hours[old]
        for day in [each for each in self._days if each * 24 + 23 <= hour - _LONGEST]:
            del self._days[day]

    def _first_of_day(self, keys: NDArray[np.uint64], days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Places of viewer-days not counted before, in order of arrival."""
        first = np.sort(np.unique(keys, return_index=True)[1])
        new = []
        for place, key, day in zip(first.tolist(), keys[first].tolist(), days[first].tolist(), strict=True):
            known = self._days.setdefault(day, set())
            if key not in known:
                known.add(key)
                new.append(place)
        return np.array(new, np.int64)

    def _add(self, title: NDArray[np.int32], slot: NDArray[np.int16], hours: NDArray[np.int64]) -> None:
        kept = hours > self.hour - _LONGEST
        title, slot, hours = title[kept], slot[kept], hours[kept]
        for row, span in enumerate(SPANS.values()):
            inside = hours > self.hour - span
            np.add.at(self._counts[0][row], title[inside], 1)
            for number in np.unique(slot[inside & (slot > 0)]).tolist():
                np.add.at(self._counts[number][row], title[inside & (slot == number)], 1)
        order = np.argsort(hours, kind="stable")
        cuts = np.flatnonzero(np.diff(hours[order])) + 1
        for part in np.split(order, cuts) if len(order) else ():
            self._hours.setdefault(int(hours[part[0]]), []).append(_Hour(title[part], slot[part]))

    def _numbered(self, country: NDArray[np.int16], codes: tuple[str, ...]) -> NDArray[np.int16]:
        """Slots of countries, numbered by their first view."""
        slots = np.zeros(len(codes) + 1, np.int16)
        seen, first = np.unique(country[country >= 0], return_index=True)
        for number in seen[np.argsort(first)].tolist():
            code = codes[number]
            if code not in self._slots and len(self._slots) < MOST_COUNTRIES:
                self._slots[code] = len(self._counts)
                self._counts.append(np.zeros_like(self._counts[0]))
            slots[number] = self._slots.get(code, 0)
        return slots[country]

    def _resize(self, titles: int) -> None:
        more = titles - self._counts[0].shape[1]
        if more > 0:
            more = max(more, self._counts[0].shape[1] // 4)
            self._counts = [np.pad(counts, ((0, 0), (0, more))) for counts in self._counts]


def _padded(one: NDArray[np.int32], other: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    size = max(one.shape[1], other.shape[1])
    return tuple(np.pad(each, ((0, 0), (0, size - each.shape[1]))) for each in (one, other))  # type: ignore[return-value]
