"""Events as arrays: the bulk read that training and the popularity fold start from."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.moments import offset_of
from frontrow.storage.event_rows import playback_hash
from frontrow.storage.unit_events import json_list

FETCH: Final = 65_536

_SELECT = (
    "SELECT offset, at, profile, title, type, device, learn, seconds, fraction, value,"
    " coalesce(tz_offset_minutes, -32768), playback_id, country FROM events"  # NO_CLOCK
)
_AMONG = (
    "INDEXED BY events_of_profile WHERE profile IN (SELECT value FROM json_each(?)) AND offset <= ? ORDER BY offset"
)
_OF_PROFILES = " ".join((_SELECT, _AMONG))
_PROFILES = (
    "SELECT number, country, personalization, json_extract(record, '$.timezone') FROM profiles"
    " WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number"
)
_TYPES: tuple[type[np.generic], ...] = (
    np.int64, np.int64, np.int64, np.int32, np.int8, np.int8, np.bool_, np.float32, np.float32, np.float32, np.int16,
    np.int64, np.int16,
)  # fmt: skip


def read_columns(
    connection: sqlite3.Connection, after: int, until: int | None, default_consent: bool, most: int | None = None
) -> EventColumns:
    """Events above `after` and, if given, before `until` and `most` of them, as one moment of the log has them."""
    # int(): SQLite's module takes a numpy integer for a blob, which is larger than every number
    upto = ("", ()) if until is None else (" AND at < ?", (int(until),))
    limit = -1 if most is None else most
    where = f"{_SELECT} WHERE offset > ?{upto[0]} ORDER BY offset LIMIT ?"
    return _read(connection, where, (int(after), *upto[1], limit), default_consent)


def columns_of_profiles(
    connection: sqlite3.Connection, numbers: Sequence[int], until: int, default_consent: bool
) -> EventColumns:
    """The events of some profiles up to an offset, as one moment of the log has them."""
    return _read(connection, _OF_PROFILES, (json_list(list(numbers)), int(until)), default_consent)


def _read(
    connection: sqlite3.Connection, statement: str, parameters: tuple[object, ...], default_consent: bool
) -> EventColumns:
    if not connection.in_transaction:
        connection.execute("BEGIN")
    cursor = connection.execute(statement, parameters)
    playbacks, countries = _Numbers(playback_hash, none=0), _Numbers(None, none=-1)
    parts: list[list[NDArray[Any]]] = []
    while rows := cursor.fetchmany(FETCH):
        *numbers, playback, country = zip(*rows, strict=True)
        columns = [*numbers, playbacks.of(playback), countries.of(country)]
        with np.errstate(over="ignore"):  # a value that float32 lacks becomes infinite
            parts.append([np.array(column, kind) for column, kind in zip(columns, _TYPES, strict=True)])
    empty = [np.zeros(0, kind) for kind in _TYPES]
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else empty
    offset, at, profile, title, type_, device, learn, seconds, fraction, value, clock, playback_, country_ = joined
    numbers_, homes, learns, zones = _profiles(connection, np.unique(profile), countries, default_consent)
    who = np.searchsorted(numbers_, profile)
    return EventColumns(
        offset=offset,
        at=at,
        profile=profile,
        title=title,
        type=type_,
        device=device,
        country=np.where(country_ >= 0, country_, homes[who]).astype(np.int16),
        seconds=seconds,
        fraction=fraction,
        value=value,
        playback=playback_,
        learn=learn & learns[who],
        clock=clocks(clock, at, *_numbered(zones, who)),
        countries=tuple(countries.known),
    )


def _profiles(
    connection: sqlite3.Connection, wanted: NDArray[np.int64], countries: _Numbers, default_consent: bool
) -> tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.bool_], list[str | None]]:
    """Number (ascending), country, consent of today and time zone of the wanted profiles."""
    cursor = connection.execute(_PROFILES, (json_list(wanted.tolist()),))
    numbers, homes, learns = [np.zeros(0, np.int64)], [np.zeros(0, np.int16)], [np.zeros(0, np.bool_)]
    zones: list[str | None] = []
    while rows := cursor.fetchmany(FETCH):
        number, country, stated, zone = zip(*rows, strict=True)
        numbers.append(np.array(number, np.int64))
        homes.append(np.array(countries.of(country), np.int16))
        learns.append(np.array([default_consent if each is None else bool(each) for each in stated], np.bool_))
        zones += zone
    return np.concatenate(numbers), np.concatenate(homes), np.concatenate(learns), zones


def _numbered(zones: list[str | None], who: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Time zones by number (-1: none) of the profiles at `who`, and their names."""
    names = sorted({zone for zone in zones if zone is not None})
    place = {name: number for number, name in enumerate(names)}
    return np.array([-1 if each is None else place[each] for each in zones], np.int64)[who], names


def clocks(
    said: NDArray[np.int16], at: NDArray[np.int64], zone: NDArray[np.int64], names: list[str]
) -> NDArray[np.int16]:
    """Minutes east of UTC: `said`, and where an event said nothing (NO_CLOCK) what its profile's `zone` (a place in
    `names`, -1: none) has at that hour."""
    unsaid = np.flatnonzero((said == NO_CLOCK) & (zone >= 0))
    if not len(unsaid):
        return said
    keys, which = np.unique(np.stack([zone[unsaid], at[unsaid] // HOUR], 1), axis=0, return_inverse=True)
    found = [offset_of(names[each], hour * HOUR) for each, hour in keys.tolist()]
    clock = said.copy()
    clock[unsaid] = np.array([NO_CLOCK if each is None else each for each in found], np.int16)[which.ravel()]
    return clock


class _Numbers:
    """Texts as numbers: by `hash_` or, without one, in order of their first appearance."""

    def __init__(self, hash_: Any, none: int) -> None:
        self.known: dict[str, int] = {}
        self._hash = hash_
        self._none = none

    def of(self, texts: Any) -> list[int]:
        distinct = set(texts)
        distinct.discard(None)
        for text in sorted(distinct - self.known.keys()):
            self.known[text] = self._hash(text) if self._hash else len(self.known)
        known, none = self.known, self._none
        return [none if text is None else known[text] for text in texts] if distinct else [none] * len(texts)
