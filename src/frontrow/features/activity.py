"""How much a profile does: counts in windows, smoothed rates, time since, sessions."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR, SECOND
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.batch import Batch, age, decay
from frontrow.features.signals import ACTED, PLAY_TYPES, PLAYED, RATE, SEARCH, SELECT, SESSION_GAP, SHOWN, UNWATCH
from frontrow.features.values import Ragged

WINDOWS: Final = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
GROUPS: Final = ("plays", "ratings", "impressions", "selects", "searches")
"""What is counted; playbacks once each."""

_SPANS: Final = np.array(list(WINDOWS.values()))
_GROUP_OF: Final = np.full(len(TYPE_NUMBER), -1)
_GROUP_OF[PLAY_TYPES] = 0
_GROUP_OF[[RATE, TYPE_NUMBER["impression"], SELECT, SEARCH]] = [1, 2, 3, 4]


def _grouped(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of all rows that are counted: case, group, age, offset of the first event."""

    def make() -> tuple[NDArray[np.int64], ...]:
        parts = []
        for name in (PLAYED, SHOWN, ACTED):
            ring = batch.ring(name)
            group = _GROUP_OF[ring.type]
            if name == PLAYED and UNWATCH in ring.type:
                group = np.where(batch.alive, group, -1)
            parts.append((ring.case, group, ring.at, ring.offset))
        case, group, at, offset = (np.concatenate(column) for column in zip(*parts, strict=True))
        some = group >= 0
        return (case, group, at, offset) if some.all() else (case[some], group[some], at[some], offset[some])

    case, group, at, offset = batch.lasting("grouped", make)
    return case, group, batch.once("ages", lambda: age(batch.now, case, at)), offset


def counts(batch: Batch, group: str) -> NDArray[np.int64]:
    """int64[cases, windows]: how many in (now - window, now], of those the trail still holds."""

    def make() -> NDArray[np.int64]:
        case, which, ages, _ = _grouped(batch)
        bucket = np.searchsorted(_SPANS, ages, side="right")
        cells = len(_SPANS) + 1
        key = (case * len(GROUPS) + which) * cells + bucket
        table = np.bincount(key, minlength=len(batch) * len(GROUPS) * cells)
        inside: NDArray[np.int64] = table.reshape(len(batch), len(GROUPS), cells)[:, :, :-1].cumsum(2)
        return inside

    return batch.once("counts", make)[:, GROUPS.index(group)]


def rates(batch: Batch, group: str) -> NDArray[np.float64]:
    """float64[cases, windows]: events a day, each fading with the window as its half-life."""

    def make() -> NDArray[np.float64]:
        case, which, ages, _ = _grouped(batch)
        key, size = case * len(GROUPS) + which, len(batch) * len(GROUPS)
        faded = [np.bincount(key, decay(ages, span), size) * (math.log(2) * DAY / span) for span in WINDOWS.values()]
        return np.stack(faded, -1).reshape(len(batch), len(GROUPS), len(faded))

    return batch.once("rates", make)[:, GROUPS.index(group)]


def hours_since(batch: Batch, what: str) -> NDArray[np.float64]:
    """float64[cases]: hours since the newest event, playback or session began; NaN where there was none."""
    standing = batch.standing
    if what == "event":
        then = standing["newest_at"]
    elif what == "session":
        then = standing["session_at"]
    elif what == "first_event":
        then = standing["first_at"]
    else:
        then = batch.lasting("played last", lambda: _played_last(batch))
        return np.where(then > np.iinfo(np.int64).min, (batch.now - then) / HOUR, np.nan)
    return np.where(standing["count"] > 0, (batch.now - then) / HOUR, np.nan)


def _played_last(batch: Batch) -> NDArray[np.int64]:
    ring, played = batch.ring(PLAYED), batch.plays
    then = np.full(len(batch), np.iinfo(np.int64).min)
    np.maximum.at(then, ring.case[played], ring.rows["until"][played])
    return then


def events_total(batch: Batch) -> NDArray[np.int64]:
    """int64[cases]: events so far, of any age."""
    total: NDArray[np.int64] = batch.standing["count"]
    return total


def in_session(batch: Batch) -> NDArray[np.bool_]:
    """Whether a session runs: the newest event is at most 30 minutes old."""
    standing = batch.standing
    running: NDArray[np.bool_] = (standing["count"] > 0) & (batch.now - standing["newest_at"] <= SESSION_GAP)
    ended: NDArray[np.bool_] = standing["type"] == TYPE_NUMBER["session_end"]
    return running & ~ended


def session_counts(batch: Batch) -> NDArray[np.int64]:
    """int64[cases, groups]: what happened in the running session; 0 without one."""
    case, which, _, offset = _grouped(batch)
    since = np.where(in_session(batch), batch.standing["session"], np.iinfo(np.int64).max)
    some = offset >= since[case]
    table = np.bincount(case[some] * len(GROUPS) + which[some], minlength=len(batch) * len(GROUPS))
    counted: NDArray[np.int64] = table.reshape(len(batch), len(GROUPS))
    return counted


def session_minutes(batch: Batch) -> NDArray[np.float64]:
    """float64[cases]: minutes since the running session began; NaN without one."""
    return np.where(in_session(batch), (batch.now - batch.standing["session_at"]) / (60 * SECOND), np.nan)


def _recent(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of playbacks and ratings, not undone, and the bounds of each case."""

    def make() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        ring = batch.ring(PLAYED)
        rows = np.flatnonzero(batch.alive)
        return rows, np.searchsorted(rows, ring.first)

    return batch.lasting("recent", make)


def recent(batch: Batch, what: str) -> Ragged:
    """One value for each recent playback and rating, in the order in which they arrived: the title (its number, of an
    episode the series), hours since it began (`ages`) or between beginnings (`gaps`, NaN for the first), seconds
    watched, the position reached, the weight of what it says (features.interactions)."""
    if what == "ages":
        rows, first = _recent(batch)
        ring = batch.ring(PLAYED)
        case, at = batch.lasting("recent at", lambda: (ring.case[rows], ring.at[rows]))
        return Ragged(age(batch.now, case, at) / HOUR, first)
    return batch.lasting(("recent", what), lambda: _of_recent(batch, what))


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
