"""Rights: when, where, on which plan and from which age a title may be shown.

Windows are kept as flat arrays, one line a window; distinct (countries, plans) pairs are numbered, so that a request
asks each pair once and the rest is array work. An answer holds until the next edge of any window and is kept till then.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import FOREVER, Title, Window
from frontrow.core.clock import parse_time

UNRATED = 21
"""The age that a title of unknown maturity counts as, for a profile with a limit."""
KEPT_ANSWERS = 256


class Place(NamedTuple):
    """To whom something would be shown: country (ISO 3166-1 alpha-2), plan and maturity limit; None where unknown
    (country, plan) or absent (limit)."""

    country: str | None
    plan: str | None
    limit: int | None


class Offer(NamedTuple):
    """The distinct (countries, plans) of windows; empty means all."""

    countries: frozenset[str]
    plans: frozenset[str]

    def in_country(self, place: Place) -> bool:
        return not self.countries or place.country in self.countries

    def on_plan(self, place: Place) -> bool:
        return not self.plans or place.plan in self.plans


@dataclass
class _Kept:
    mask: NDArray[np.bool_]
    since: int
    until: int


class Rights:
    """What may be shown, for all titles by number. `set` replaces what one title's record says."""

    def __init__(self) -> None:
        self._offers: list[Offer] = []
        self._offer_number: dict[Offer, int] = {}
        self._lines: list[tuple[int, int, int, int]] = []  # title, offer, from, until; a dead line has title -1
        self._of_title: dict[int, list[int]] = {}
        self._dead = 0
        self._maturity = np.empty(0, np.int8)
        self._exists = np.empty(0, bool)
        self._frozen: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self._kept: OrderedDict[Place, _Kept] = OrderedDict()

    def set(self, number: int, title: Title | None) -> None:
        """What the record of title `number` says now; None where there is no record."""
        if number >= len(self._exists):
            size = max(64, number + 1, 2 * len(self._exists))
            self._exists = np.resize(np.append(self._exists, False), size) & (np.arange(size) < len(self._exists))
            self._maturity = np.resize(np.append(self._maturity, np.int8(0)), size)
        self._exists[number] = title is not None
        for line in self._of_title.pop(number, ()):
            self._lines[line] = (-1, 0, 0, 0)
            self._dead += 1
        if title is not None:
            self._maturity[number] = UNRATED if title.maturity is None else title.maturity
            windows = title.windows or ([Window()] if title.kind == "live" and title.ends_at else [])
            end = parse_time(title.ends_at) if title.kind == "live" and title.ends_at else FOREVER
            for window in windows:
                from_: int = -FOREVER if window.from_ is None else parse_time(window.from_)
                until: int = min(end, FOREVER if window.until is None else parse_time(window.until))
                self._of_title.setdefault(number, []).append(len(self._lines))
                self._lines.append((number, self._number_of(window), from_, until))
        if self._dead > 1024 and self._dead > len(self._lines) // 2:
            self._sweep()
        self._frozen = None
        self._kept.clear()

    def mask(self, place: Place, now: int, size: int) -> NDArray[np.bool_]:
        """Which of the titles 0..size−1 exist and may be shown at `place` at `now` (microseconds UTC). Read only."""
        kept = self._kept.get(place)
        if kept is None or not kept.since <= now < kept.until or len(kept.mask) != size:
            kept = self._compute(place, now, size)
            self._kept[place] = kept
            if len(self._kept) > KEPT_ANSWERS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return kept.mask

    def drops(self, number: int, place: Place, now: int) -> list[tuple[str, str]]:
        """(reason, detail) of all that forbids showing an existing title, in the contract's order.

        `window`: no window is open now, in any country, or none of those for this country and plan is.
        """
        found = []
        lines = [self._lines[line] for line in self._of_title.get(number, ())]
        if lines:
            here = [line for line in lines if self._offers[line[1]].in_country(place)]
            mine = [line for line in here if self._offers[line[1]].on_plan(place)]
            open_now = [line for line in lines if line[2] <= now < line[3]]
            if not open_now or (mine and not any(line in open_now for line in mine)):
                found.append(("window", "no window of this title is open at this time"))
            if not here:
                found.append(("country", f"not available in {place.country or 'an unknown country'}"))
            if not any(self._offers[line[1]].on_plan(place) for line in here or lines):
                found.append(("plan", f"not part of {place.plan or 'no plan'}"))
        if place.limit is not None and self._maturity[number] > place.limit:
            found.append(("maturity", f"from age {self._maturity[number]}; the limit is {place.limit}"))
        return found

    def _compute(self, place: Place, now: int, size: int) -> _Kept:
        lines, edges = self._freeze()
        mask = self._exists[:size].copy()
        if place.limit is not None:
            mask &= self._maturity[:size] <= place.limit
        since: int = -FOREVER
        until: int = FOREVER
        if len(lines):
            serves = np.array([offer.in_country(place) and offer.on_plan(place) for offer in self._offers])
            title = lines[:, 0]
            is_open = serves[lines[:, 1]] & (lines[:, 2] <= now) & (now < lines[:, 3])
            shut = np.zeros(size, bool)
            shut[title] = True
            shut[title[is_open]] = False
            mask &= ~shut
            edge = int(np.searchsorted(edges, now, side="right"))
            since = int(edges[edge - 1]) if edge else -FOREVER
            until = int(edges[edge]) if edge < len(edges) else FOREVER
        mask.flags.writeable = False
        return _Kept(mask, since, until)

    def _freeze(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._frozen is None:
            lines = np.array(self._lines, np.int64).reshape(-1, 4)
            lines = lines[lines[:, 0] >= 0]
            self._frozen = (lines, np.unique(lines[:, 2:]))
        return self._frozen

    def _number_of(self, window: Window) -> int:
        offer = Offer(frozenset(window.countries), frozenset(window.plans))
        number = self._offer_number.setdefault(offer, len(self._offers))
        if number == len(self._offers):
            self._offers.append(offer)
        return number

    def _sweep(self) -> None:
        self._lines = [line for line in self._lines if line[0] >= 0]
        self._of_title = {}
        for place, line in enumerate(self._lines):
            self._of_title.setdefault(line[0], []).append(place)
        self._dead = 0
