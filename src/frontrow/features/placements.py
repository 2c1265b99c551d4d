"""Where titles stood on screen, and whether they were taken from there: one definition, for all that corrects for it.

An impression is *taken* where its viewer opened or played the title (of an episode the series) within 4 hours after it.
An interaction *came from* the latest impression of its title by its viewer in the 4 hours before it, if there is one;
from search or a link otherwise.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import EventColumns
from frontrow.features.happened import Happened
from frontrow.features.interactions import PLAYBACK_HOURS, Interactions

ROWS, COLUMNS = 8, 12
"""Rows and columns that are told apart; those further down and on count as the last."""
CELLS: Final = ROWS * COLUMNS
NOWHERE: Final = -1

_TAKING: Final = tuple(TYPE_NUMBER[name] for name in ("select", "play", "progress", "stop"))
_WITHIN: Final = PLAYBACK_HOURS * HOUR


class Shown(NamedTuple):
    """Impressions that may be learned from, as the log has them, in order of offset; equal-length arrays. `row` and
    `column` are from 0, `title` is a title number, `at` microseconds UTC."""

    offset: NDArray[np.int64]
    at: NDArray[np.int64]
    profile: NDArray[np.int64]
    title: NDArray[np.int32]
    row: NDArray[np.int64]
    column: NDArray[np.int64]


class Placements(NamedTuple):
    """Impressions as equal-length arrays, in order of offset: `cell` is the place on the page (`cell_of`), `taken`
    whether the title was taken from it. Titles are series, not episodes."""

    offset: NDArray[np.int64]
    at: NDArray[np.int64]
    profile: NDArray[np.int64]
    title: NDArray[np.int32]
    cell: NDArray[np.int64]
    taken: NDArray[np.bool_]

    def __len__(self) -> int:
        return self[0].size

    def told_by(self, interactions: Interactions) -> Placements:
        """Those of which nothing can be told that is held out of these interactions: of titles that are in them, and so
        long before the viewer's latest that whatever was taken from them is there too."""
        if not len(interactions):
            return self._some(slice(0))
        viewers, first = np.unique(interactions.profile, return_index=True)
        latest = interactions.at[np.append(first[1:], len(interactions)) - 1]
        own = np.minimum(np.searchsorted(viewers, self.profile), len(viewers) - 1)
        told = (viewers[own] == self.profile) & (self.at + _WITHIN <= latest[own])
        return self._some(told & np.isin(self.title, interactions.title))

    def latest(self, most: int) -> Placements:
        """The latest of them."""
        return self._some(slice(max(0, len(self) - most), None))

    def _some(self, some: slice | NDArray[np.bool_]) -> Placements:
        return Placements(
            self.offset[some], self.at[some], self.profile[some], self.title[some], self.cell[some], self.taken[some]
        )


def cell_of(row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[n] below CELLS: row by row."""
    return np.clip(row, 0, ROWS - 1) * COLUMNS + np.clip(column, 0, COLUMNS - 1)


def placements_of(shown: Shown, columns: EventColumns, series_of: NDArray[np.int32]) -> Placements:
    """Impressions, and what came of them by the events `columns`."""
    title = as_series(shown.title, series_of)
    some = np.isin(columns.type, _TAKING) & columns.learn & (columns.title >= 0)
    taking = Happened(columns.profile[some], as_series(columns.title[some], series_of), columns.at[some])
    # A second before: what was taken in the second in which it was shown was taken from there.
    taken = taking.any(shown.profile, title, shown.at - 1_000_000, shown.at + _WITHIN)
    return Placements(shown.offset, shown.at, shown.profile, title, cell_of(shown.row, shown.column), taken)


def came_from(interactions: Interactions, placements: Placements) -> NDArray[np.int16]:
    """int16[interactions]: the cell that each came from, NOWHERE for none."""
    pair = (placements.profile << 32) | placements.title
    order = np.lexsort((placements.at, pair))
    pair, at, cell = pair[order], placements.at[order], placements.cell[order]
    own = (interactions.profile << 32) | interactions.title
    found = np.full(len(interactions), NOWHERE, np.int16)
    if not len(order):
        return found
    # By rank of the pair and time in one number, the latest placement not after each interaction.
    pairs = np.unique(pair)
    first = int(min(at.min(), interactions.at.min(initial=int(at.min()))))
    known = pairs[np.minimum(np.searchsorted(pairs, own), len(pairs) - 1)] == own
    keys = (np.searchsorted(pairs, pair) << 32) | _seconds(at - first)
    wanted = (np.searchsorted(pairs, own) << 32) | _seconds(interactions.at - first)
    place = np.searchsorted(keys, wanted, side="right") - 1
    near = known & (place >= 0)
    near &= (pair[place] == own) & (interactions.at - at[place] <= _WITHIN)
    found[near] = cell[place[near]]
    return found


def as_series(title: NDArray[np.int32], series_of: NDArray[np.int32]) -> NDArray[np.int32]:
    """Titles with episodes as their series; what the catalogue does not know stays as it is."""
    shown = title.copy()
    mapped = title < len(series_of)
    shown[mapped] = np.maximum(series_of[title[mapped]], 0)
    return shown


def _seconds(since: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.clip(since // 1_000_000, 0, 2**31)
