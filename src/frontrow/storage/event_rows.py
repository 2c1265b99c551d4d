"""An event as a row of the database, and back. What folds read has a column; the rest is one JSON object."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec

from frontrow.core.random import stable_hash
from frontrow.events.event import DEVICES, TYPE_NUMBER, TYPES, Event
from frontrow.events.log import NewEvent, ProfileEvent

REST: Final = ("session_id", "context", "page_id", "row_id", "row", "column", "artwork_id", "query", "schema")
"""Fields without a column. `schema` is kept only if it is not 1."""

INSERT: Final = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)"

_FULL: Final = (
    "e.event_id, e.type, {profile_id}, e.at, e.received_at, t.title_id, e.playback_id, e.device, e.country,"
    " e.tz_offset_minutes, e.seconds, e.fraction, e.value, e.rest, e.offset"
    " FROM events e JOIN profiles p ON p.number = e.profile LEFT JOIN titles t ON t.number = e.title"
)
SELECT_TODAY: Final = "SELECT " + _FULL.format(profile_id="p.profile_id")
"""Whole events under the profile ids of today; `e`, `p`, `t` may be used in WHERE."""
SELECT_AS_SENT: Final = "SELECT " + _FULL.format(profile_id="coalesce(e.sender, p.profile_id)")
"""The same under the profile ids that they were sent with."""

SELECT_AMONG: Final = " ".join((SELECT_AS_SENT, "WHERE e.event_id IN (SELECT value FROM json_each(?))"))
"""Of those, the ones whose ids a JSON list holds."""

_FOLD: Final = (
    "SELECT offset, at, type, title, seconds, fraction, value, playback_id, device, tz_offset_minutes, learn"
    " FROM events"
)
SELECT_FOLD: Final = " ".join((_FOLD, "WHERE profile = ? AND offset > ? ORDER BY offset LIMIT ?"))
SELECT_IN_ORDER: Final = " ".join(
    (_FOLD, "INDEXED BY events_of_profile WHERE profile = ? AND offset > ? ORDER BY at, offset")
)

SELECT_NEW: Final = (
    "SELECT e.offset, e.at, e.profile, e.title, e.type, e.seconds, e.fraction, e.value, coalesce(e.country, p.country),"
    " e.learn AND coalesce(p.personalization, ?) FROM events e JOIN profiles p ON p.number = e.profile"
    " WHERE e.offset > ? ORDER BY e.offset LIMIT ?"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_rest_of = attrgetter(*REST)
_NO_REST: Final = (*(None for _ in REST[:-1]), 1)
_NAN = float("nan")


def to_row(event: Event, offset: int, profile: int, title: int, learn: bool) -> tuple[object, ...]:
    """The parameters of INSERT."""
    device = event.device
    return (
        offset,
        event.event_id,
        profile,
        title,
        TYPE_NUMBER[event.type],
        event.at,
        event.received_at,
        learn,
        -1 if device is None else DEVICES.index(device),
        event.seconds,
        event.fraction,
        event.value,
        event.playback_id,
        event.country,
        event.tz_offset_minutes,
        None if _rest_of(event) == _NO_REST else _rest_json(event),
    )


def _rest_json(event: Event) -> str:
    rest = {name: value for name in REST if (value := getattr(event, name)) is not None}
    if event.schema == 1:
        del rest["schema"]
    return _encode(rest).decode()


def from_row(row: tuple[Any, ...]) -> Event:
    """An event from a row of SELECT_TODAY or SELECT_AS_SENT."""
    rest = _decode(row[13]) if row[13] else {}
    return Event(
        event_id=row[0],
        type=TYPES[row[1]],
        profile_id=row[2],
        at=row[3],
        received_at=row[4],
        title_id=row[5],
        playback_id=row[6],
        device=None if row[7] < 0 else DEVICES[row[7]],
        country=row[8],
        tz_offset_minutes=row[9],
        seconds=row[10],
        fraction=row[11],
        value=row[12],
        **rest,
    )


@lru_cache(65_536)
def playback_hash(playback_id: str) -> int:
    """What folds know a playback by: 64 signed bits, never 0."""
    return (stable_hash("playback", playback_id) - 2**63) or 1


def to_fold(row: tuple[Any, ...]) -> ProfileEvent:
    """What folds read, from a row of SELECT_FOLD."""
    offset, at, type_, title, seconds, fraction, value, playback_id, device, tz_offset, learn = row
    return ProfileEvent(
        offset,
        at,
        type_,
        title,
        _NAN if seconds is None else seconds,
        _NAN if fraction is None else fraction,
        _NAN if value is None else value,
        playback_id,
        device,
        tz_offset,
        learn == 1,
    )


def to_new(row: tuple[Any, ...]) -> NewEvent:
    """What popularity reads, from a row of SELECT_NEW."""
    offset, at, profile, title, type_, seconds, fraction, value, country, learn = row
    return NewEvent(
        offset,
        at,
        profile,
        title,
        type_,
        _NAN if seconds is None else seconds,
        _NAN if fraction is None else fraction,
        _NAN if value is None else value,
        country,
        learn == 1,
    )
