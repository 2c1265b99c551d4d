"""From signals to rows of rings: the one fold of features, for one profile's newest event and for the whole log alike.

Everything is a scan with an associative operation (largest, smallest, latest known), so the result does not depend on
how the signals were cut. Arrays in are in order of (profile, offset); rows carried over from an earlier fold come
first, as if they were signals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import playback_weight, rating_weight
from frontrow.features.moments import hour_of_week
from frontrow.features.signals import (
    CAPS,
    PLAY_TYPES,
    PLAYBACK_LIMIT,
    PLAYED,
    RATE,
    ROW,
    SESSION_END,
    SESSION_GAP,
    SESSION_START,
    STANDING,
    STOP,
    Rows,
    Signals,
)

_IS_PLAY = np.isin(np.arange(128), PLAY_TYPES)


class Versions(NamedTuple):
    """Rows as each signal left them. `rows` and `starts` are equal-length, in the order of the signals: the row after
    the signal, and the place in the signals of that row's first one."""

    rows: Rows
    starts: NDArray[np.int64]


def plain_rows(signals: Signals) -> Rows:
    """One row a signal: impressions, selects, ratings and so on."""
    rows = np.zeros(len(signals), ROW)
    for name in ("offset", "profile", "at", "playback", "title", "fraction", "type", "device"):
        rows[name] = signals[name]
    rows["last"], rows["until"] = signals["offset"], signals["at"]
    seconds = signals["seconds"]
    rows["seconds"] = np.where(np.isnan(seconds), np.float32(0), seconds) + np.float32(0)  # no -0
    rows["hour"] = hour_of_week(signals["at"], signals["tz"].astype(np.int64))
    rated = signals["type"] == RATE
    if rated.any():
        rows["weight"] = np.where(rated, rating_weight(signals["value"]), np.float32(0))
    return rows


def played_rows(rows: Rows, places: NDArray[np.int64]) -> Versions:
    """Rows of the ring of playbacks, the events of one playback joined.

    `rows` are plain rows; the first `len(places)` of them stand in one profile's ring already, `places` rows from its
    end (0: the newest, -1 the one before). A playback takes up events as long as its row is in the ring.
    """
    starts = np.arange(len(rows))
    joinable = _IS_PLAY[rows["type"]] & (rows["title"] >= 0)
    some = np.flatnonzero(joinable)
    if len(some):
        order = some[np.lexsort((some, rows["playback"][some], rows["title"][some], rows["profile"][some]))]
        ordered = rows[order]
        new = np.ones(len(order), bool)
        new[1:] = np.any([ordered[name][1:] != ordered[name][:-1] for name in ("profile", "title", "playback")], axis=0)
        new |= order < len(places)
        unnamed = ordered["playback"] == 0
        new[1:] |= unnamed[1:] & (ordered["type"][:-1] == STOP)
        new = _settled(new, order, rows, joinable, places)
        began = _latest(new)
        _join(ordered, began, order >= len(places))
        rows = rows.copy()
        rows[order] = ordered
        starts[order] = order[began]
    return Versions(rows, starts)


def _latest(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each place the latest flagged one up to it; the first is flagged."""
    return np.maximum.accumulate(np.where(flags, np.arange(len(flags)), 0))


def _settled(
    new: NDArray[np.bool_], order: NDArray[np.int64], rows: Rows, joinable: NDArray[np.bool_], places: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Where playbacks begin, in the order of `order`: as `new` says, when one without an id has lasted too long, and
    when the row has left the ring."""
    cap, held = CAPS[PLAYED], len(places)
    settled = _end_long(new, rows[order])
    if len(rows) - held - int(places.min(initial=0)) < cap:
        return settled
    begins = ~joinable
    begins[order[settled]] = True
    begins[:held] = False
    first = np.searchsorted(rows["profile"], rows["profile"])  # rows are in order of profile
    so_far = np.cumsum(begins)
    number: NDArray[np.int64] = so_far - np.where(first > 0, so_far[first - 1], 0)
    own = number.copy()
    own[:held] = places
    gone = ~settled & (number[order] - own[order[_latest(settled)]] >= cap)
    for profile in np.unique(rows["profile"][order[gone]]).tolist():
        # Each row begun pushes others out, which may begin again: these few profiles go one row at a time.
        part = slice(*np.searchsorted(rows["profile"], [profile, profile + 1]).tolist())
        begins[part] = _one_by_one(rows[part], joinable[part], places)
        mine = rows["profile"][order] == profile
        settled[mine] = begins[order[mine]] | (order[mine] < held)
    return settled


def _one_by_one(rows: Rows, joinable: NDArray[np.bool_], places: NDArray[np.int64]) -> list[bool]:
    """Which rows of one profile begin a row of the ring; those that stand in it already do not."""
    begins, number = [False] * len(rows), 0
    known: dict[tuple[int, int], tuple[int, int, bool]] = {}
    columns = [rows[name].tolist() for name in ("title", "playback", "at", "type")]
    for place, (title, playback, at, kind) in enumerate(zip(*columns, strict=True)):
        key = (title, playback)
        if place < len(places):
            if joinable[place]:
                known[key] = (int(places[place]), at, kind == STOP)
            continue
        if joinable[place] and (found := known.get(key)) is not None:
            began, began_at, stopped = found
            in_time = playback != 0 or not (stopped or at - began_at > PLAYBACK_LIMIT)
            if in_time and number - began < CAPS[PLAYED]:
                known[key] = (began, began_at, kind == STOP)
                continue
        number += 1
        begins[place] = True
        if joinable[place]:
            known[key] = (number, at, kind == STOP)
    return begins


def _end_long(new: NDArray[np.bool_], ordered: Rows) -> NDArray[np.bool_]:
    """`new`, and where a playback without an id is taken up again PLAYBACK_LIMIT after it began."""
    unnamed = ordered["playback"] == 0
    if not unnamed.any():
        return new
    new = new.copy()
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(new))
    at = ordered["at"]
    long = unnamed[starts] & (np.maximum.reduceat(at, starts) - at[starts] > PLAYBACK_LIMIT)
    for first, last in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        began = at[first]
        for place in range(first + 1, last):
            if at[place] - began > PLAYBACK_LIMIT:
                new[place], began = True, at[place]
    return new


def _join(ordered: Rows, began: NDArray[np.int64], fresh: NDArray[np.bool_]) -> None:
    """Each row as its playback stood after it, in place. `fresh` rows have no weight yet."""
    own_fraction = ordered["fraction"].copy()
    ordered["seconds"] = _scan(ordered["seconds"], began, np.maximum)
    weight = playback_weight(ordered["seconds"], own_fraction)
    ordered["weight"] = _scan(np.where(fresh, weight, ordered["weight"]), began, np.maximum)
    ordered["fraction"] = _scan(own_fraction, began, _known)
    ordered["until"] = _scan(ordered["until"], began, np.maximum)
    for name in ("offset", "at", "hour", "device"):
        ordered[name] = ordered[name][began]


def _known(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    return np.where(np.isnan(after), before, after)


def _scan(
    values: NDArray[Any], began: NDArray[np.int64], join: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]
) -> NDArray[Any]:
    """Running values of an associative `join` inside each group, by doubling (Hillis and Steele 1986)."""
    values = values.copy()
    place = np.arange(len(values)) - began
    step, longest = 1, int(place.max(initial=0))
    while step <= longest:
        inside = place[step:] >= step
        values[step:] = np.where(inside, join(values[:-step], values[step:]), values[step:])
        step *= 2
    return values


def standings(signals: Signals, carried: Rows | None = None) -> Rows:
    """Where each signal's profile stands after it. `carried` is the standing (one row) of the one profile whose
    signals these are."""
    rows = np.zeros(len(signals), STANDING)
    for name in ("offset", "profile", "type"):
        rows[name] = signals[name]
    for name in ("first_at", "newest_at", "session_at"):
        rows[name] = signals["at"]
    rows["session"], rows["count"] = signals["offset"], 1
    if carried is not None:
        rows = np.concatenate([carried, rows])
    if not len(rows):
        return rows
    new = np.ones(len(rows), bool)
    new[1:] = rows["profile"][1:] != rows["profile"][:-1]
    began = _latest(new)
    at = rows["newest_at"].copy()
    rows["newest_at"] = _scan(at, began, np.maximum)
    rows["first_at"] = _scan(rows["first_at"], began, np.minimum)
    rows["count"] = rows["count"][began] + np.arange(len(rows)) - began
    begins = new.copy()
    begins[1:] |= (
        (rows["type"][1:] == SESSION_START)
        | (rows["type"][:-1] == SESSION_END)
        | (at[1:] - rows["newest_at"][:-1] > SESSION_GAP)
    )
    session = _latest(begins)
    rows["session"], rows["session_at"] = rows["session"][session], rows["session_at"][session]
    return rows if carried is None else rows[1:]
