"""How much a profile does: counts in windows, smoothed rates, time since, sessions."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR, SECOND
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.batch import NEVER, STEPS, Batch, age, decayed, steps
from frontrow.features.signals import (
    ACTED,
    PLAY_TYPES,
    PLAYED,
    RATE,
    SEARCH,
    SELECT,
    SESSION_END,
    SESSION_GAP,
    SHOWN,
)
from frontrow.features.values import Ragged

WINDOWS: Final = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
GROUPS: Final = ("plays", "ratings", "impressions", "selects", "searches")
"""What is counted; playbacks once each."""

_SPANS: Final = tuple(WINDOWS.values())
_PER_DAY: Final = np.array([math.log(2) * DAY / span for span in _SPANS])
_CELLS: Final = len(GROUPS) + 1
"""Of a case: its groups, and what is not counted."""

_GROUP_OF: Final = np.full(len(TYPE_NUMBER), len(GROUPS))
_GROUP_OF[PLAY_TYPES] = 0
_GROUP_OF[[RATE, TYPE_NUMBER["impression"], SELECT, SEARCH]] = [1, 2, 3, 4]
_NO_OFFSET: Final = int(np.iinfo(np.int64).max)
_RINGS: Final = (PLAYED, SHOWN, ACTED)


class _Rows(NamedTuple):
    """Rows of rings: case and group in one number, when and at which offset each began."""

    cell: NDArray[np.int64]
    at: NDArray[np.int64]
    offset: NDArray[np.int64]


def _rows(batch: Batch) -> _Rows:
    """Of all rings; each group's are in order of arrival."""

    def cells(name: str) -> NDArray[np.int64]:
        ring = batch.ring(name)
        group = _GROUP_OF[ring.type]
        return batch.of_case(ring.case, np.where(batch.alive, group, len(GROUPS)) if name == PLAYED else group, _CELLS)

    def make() -> _Rows:
        rings = [batch.ring(name) for name in _RINGS]
        return _Rows(
            np.concatenate([batch.lasting((name,), "cells", partial(cells, name)) for name in _RINGS]),
            np.concatenate([ring.at for ring in rings]), np.concatenate([ring.offset for ring in rings]),
        )  # fmt: skip

    return batch.lasting(_RINGS, "rows", make)


def _steps(batch: Batch) -> NDArray[np.int64]:
    """int64[windows, rows]: how old each row is, in decay's steps of the window as its half-life."""

    def make() -> NDArray[np.int64]:
        rows = _rows(batch)
        now = batch.now if len(batch) == 1 else batch.now[rows.cell // _CELLS]
        return steps(np.maximum(now - rows.at, 0), _SPANS)

    return batch.once("steps", make)


def _by_group(batch: Batch, sums: list[NDArray[Any]]) -> NDArray[Any]:
    """[cases, groups, windows], from sums by cell, window by window."""
    return np.array(sums).T.reshape(len(batch), _CELLS, len(sums))[:, :-1]


def counts(batch: Batch, group: str) -> NDArray[np.int64]:
    """int64[cases, windows]: how many in (now - window, now], of those the trail still holds."""

    def make() -> NDArray[np.int64]:
        cell, inside = _rows(batch).cell, _steps(batch) < STEPS
        return _by_group(batch, [np.bincount(cell[some], minlength=len(batch) * _CELLS) for some in inside])

    return batch.once("counts", make)[:, GROUPS.index(group)]


def rates(batch: Batch, group: str) -> NDArray[np.float64]:
    """float64[cases, windows]: events a day, each fading with the window as its half-life."""

    def make() -> NDArray[np.float64]:
        cell, faded = _rows(batch).cell, decayed(_steps(batch))
        sums = [np.bincount(cell, weight, len(batch) * _CELLS) for weight in faded]
        found: NDArray[np.float64] = _by_group(batch, sums) * _PER_DAY
        return found

    return batch.once("rates", make)[:, GROUPS.index(group)]


def hours_since(batch: Batch, what: str) -> NDArray[np.float64]:
    """float64[cases]: hours since the newest event, playback or session began; NaN where there was none."""
    if what == "play":
        then = batch.lasting((PLAYED,), "played last", lambda: _played_last(batch))
        return np.where(then > NEVER, (batch.now - then) / HOUR, np.nan)
    standing = batch.standing
    field = {"event": "newest_at", "session": "session_at", "first_event": "first_at"}[what]
    return np.where(standing["count"] > 0, (batch.now - standing[field]) / HOUR, np.nan)


def _played_last(batch: Batch) -> NDArray[np.int64]:
    ring, played = batch.ring(PLAYED), batch.plays
    then = np.full(len(batch), NEVER)
    np.maximum.at(then, ring.case[played], ring.rows["until"][played])
    return then


def events_total(batch: Batch) -> NDArray[np.int64]:
    """int64[cases]: events so far, of any age."""
    total: NDArray[np.int64] = batch.standing["count"]
    return total


def in_session(batch: Batch) -> NDArray[np.bool_]:
    """Whether a session runs: the newest event is at most 30 minutes old."""

    def make() -> NDArray[np.bool_]:
        standing = batch.standing
        running: NDArray[np.bool_] = (standing["count"] > 0) & (batch.now - standing["newest_at"] <= SESSION_GAP)
        running &= standing["type"] != SESSION_END
        return running

    return batch.once("in session", make)


def session_began(batch: Batch) -> NDArray[np.int64] | None:
    """int64[cases]: the offset at which the running session began, past all for those without one; None where nobody
    has one."""
    running = in_session(batch)
    return np.where(running, batch.standing["session"], _NO_OFFSET) if running.any() else None


def session_counts(batch: Batch) -> NDArray[np.int64]:
    """int64[cases, groups]: what happened in the running session; 0 without one."""
    since = session_began(batch)
    if since is None:
        return np.zeros((len(batch), len(GROUPS)), np.int64)
    rows = _rows(batch)
    some = rows.offset >= (since if len(batch) == 1 else since[rows.cell // _CELLS])
    table: NDArray[np.int64] = np.bincount(rows.cell[some], minlength=len(batch) * _CELLS)
    return table.reshape(len(batch), _CELLS)[:, :-1]


def session_minutes(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: minutes since the running session began; NaN without one."""
    return np.where(in_session(batch), (batch.now - batch.standing["session_at"]) / (60 * SECOND), np.nan)


def _recent(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of playbacks and ratings, not undone, and the bounds of each case."""

    def make() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ring = batch.ring(PLAYED)
        rows = batch.alive.nonzero()[0]
        return rows, rows.searchsorted(ring.first)

    return batch.lasting((PLAYED,), "recent", make)


def recent(batch: Batch, what: str) -> Ragged:
    """One value for each recent playback and rating, in the order in which they arrived: the title (its number, of an
    episode the series), hours since it began (`ages`) or between beginnings (`gaps`, NaN for the first), seconds
    watched, the position reached, the weight of what it says (features.interactions)."""
    if what == "ages":
        rows, first = _recent(batch)
        ring = batch.ring(PLAYED)
        case, at = batch.lasting((PLAYED,), "recent at", lambda: (ring.case[rows], ring.at[rows]))
        return Ragged(age(batch.now, case, at) / HOUR, first)
    return batch.lasting((PLAYED,), ("recent", what), lambda: _of_recent(batch, what))


def _of_recent(batch: Batch, what: str) -> Ragged:
    ring = batch.ring(PLAYED)
    rows, first = _recent(batch)
    if what == "titles":
        return Ragged(ring.shown[rows], first)
    if what == "gaps":
        at = ring.at[rows]
        gaps = np.diff(at, prepend=at[:1]) / HOUR
        gaps[first[:-1][first[:-1] < len(rows)]] = np.nan
        return Ragged(gaps, first)
    return Ragged(ring.rows[what][rows].astype(np.float64), first)
