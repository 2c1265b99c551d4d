"""Events as the lake's rows: read from the log, with the schema of its files.

Of what came without consent only that enters which bounds what may be learned: playbacks, and what undoes them, without
place, device, value and words (`features.interactions`).
"""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

import polars as pl

from frontrow.events.event import TYPE_NUMBER
from frontrow.storage.event_rows import playback_hash

FETCH: Final = 65_536
DAY: Final = "day"
_TIME: Final = pl.Datetime("us", "UTC")

COLUMNS: Final[dict[str, tuple[pl.DataType | type[pl.DataType], str]]] = {
    "offset": (pl.Int64, "long"),
    "at": (_TIME, "timestamp"),
    "received_at": (_TIME, "timestamp"),
    "profile": (pl.Int64, "long"),
    "joined": (pl.Int64, "long"),
    "title": (pl.Int32, "integer"),
    "type": (pl.Int8, "byte"),
    "learn": (pl.Boolean, "boolean"),
    "device": (pl.Int8, "byte"),
    "seconds": (pl.Float64, "double"),
    "fraction": (pl.Float64, "double"),
    "value": (pl.Float64, "double"),
    "playback": (pl.Int64, "long"),
    "country": (pl.String, "string"),
    "tz_offset_minutes": (pl.Int16, "short"),
    "rest": (pl.String, "string"),
}
"""Polars' and Delta's type of each column. Numbers and names are those of the table `events`; `playback` is the hash of
the playback's id (0: none), `joined` the offset of the merge that made the event this profile's (0: its own), `learn`
whether there was consent when it came."""
SCHEMA: Final = pl.Schema({name: kind for name, (kind, _) in COLUMNS.items()})

_BOUNDING: Final = ", ".join(str(TYPE_NUMBER[name]) for name in ("play", "progress", "stop", "unwatch"))
ENTERS: Final = f"(e.learn OR e.type IN ({_BOUNDING}))"
"""Which events `e` enter, in SQL."""
_FIELDS: Final = (
    "SELECT e.offset, e.at, e.received_at, e.profile, coalesce(j.joined, 0), e.title, e.type, e.learn,"
    " iif(e.learn, e.device, -1), e.seconds, e.fraction, iif(e.learn, e.value, NULL), e.playback_id,"
    " iif(e.learn, e.country, NULL), iif(e.learn, e.tz_offset_minutes, NULL), iif(e.learn, e.rest, NULL)"
    " FROM events e LEFT JOIN joins j ON j.offset = e.offset WHERE e.offset > ? AND"
)
_SELECT: Final = " ".join((_FIELDS, ENTERS, "ORDER BY e.offset LIMIT ?"))
COUNT: Final = " ".join(("SELECT count(*) FROM events e WHERE", ENTERS, "AND e.offset <= ?"))
"""How many enter, up to an offset."""
_RAW: Final = dict.fromkeys(("at", "received_at", "learn"), pl.Int64)
_PLAYBACK: Final = list(COLUMNS).index("playback")


class Part(NamedTuple):
    """Events above an offset, in order, and the offset up to which they are all there are."""

    frame: pl.DataFrame
    upto: int


def read_part(connection: sqlite3.Connection, after: int, most: int, head: int) -> Part:
    """Up to `most` events that enter, offsets above `after`; `head` is the log's in the same snapshot."""
    cursor = connection.execute(_SELECT, (int(after), most))
    parts = [pl.DataFrame(schema=SCHEMA)]
    while rows := cursor.fetchmany(FETCH):
        columns = [list(column) for column in zip(*rows, strict=True)]
        columns[_PLAYBACK] = [0 if each is None else playback_hash(each) for each in columns[_PLAYBACK]]
        parts.append(
            pl.DataFrame(
                {
                    name: pl.Series(name, column, _RAW.get(name, kind)).cast(kind)
                    for (name, kind), column in zip(SCHEMA.items(), columns, strict=True)
                }
            )
        )
    frame = pl.concat(parts)
    return Part(frame, head if frame.height < most else int(frame["offset"][-1]))
