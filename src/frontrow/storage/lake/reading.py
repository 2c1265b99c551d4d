"""What training reads: the lake up to the offset it stands at, and the log after it, as one moment has them.

The lake's files are not changed once they are written, so a long reading holds up nobody; the log is asked for its tail
only. An erasure or a merge between the two readings is noticed, and they are done again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.placements import Shown
from frontrow.features.signals import SIGNAL, Signals
from frontrow.storage.database import Readers
from frontrow.storage.event_columns import clocks
from frontrow.storage.event_log import read_head
from frontrow.storage.lake.changes import Change, pending
from frontrow.storage.lake.contexts import contexts_of
from frontrow.storage.lake.rows import FETCH, SCHEMA, read_part
from frontrow.storage.lake.table import MEND, LakeTable, first_offset, last_offset

TRIES: Final = 5
LEAST_PART: Final = 250_000
"""Events of a part, at least, but of the last."""
_ALL: Final = 2**62
_READ: Final = tuple(name for name in SCHEMA if name not in ("received_at", "rest"))


class LakedLog:
    """Events of profiles that still exist, from lake and log together; of those that came without consent what rows.py
    lets in.

    `default_consent` is what holds for profiles that state none.
    """

    def __init__(self, table: LakeTable, readers: Readers, default_consent: bool = True) -> None:
        self._table, self._readers, self._default_consent = table, readers, default_consent

    def columns(self, until: int | None = None) -> EventColumns:
        """Events with, if given, `at` < `until`, in order of offset. `learn` is consent then *and* now."""
        frame = self.frame()
        if until is not None:
            frame = frame.filter(pl.col("at").to_physical() < int(until))
        return _columns(frame)

    def parts(self, after: int = 0) -> Iterator[EventColumns]:
        """The same above an offset, in parts, in order of offset: implements `LogParts`. An erasure or merge that comes
        while it is read may show or not; the log's rewrites tell."""
        with (
            self._readers.one() as connection
        ):  # first: what is carried out from here on may be done twice, but not not
            changes, people = pending(connection), _people(connection, self._default_consent)
        state = self._table.state() if self._table.exists else None
        files = sorted((file for file in (state.files if state else ()) if last_offset(file) > after), key=first_offset)
        held = pl.DataFrame(schema=SCHEMA).select(_READ)
        for place, file in enumerate(files):
            try:
                held = pl.concat([held, self._table.read(file, list(_READ)).filter(pl.col("offset") > after)])
            except (FileNotFoundError, pl.exceptions.PolarsError) as error:
                raise FrontrowError(f"The lake in {self._table.folder} could not be read: {error}", MEND) from None
            end = first_offset(files[place + 1]) if place + 1 < len(files) else _ALL
            ready = held.filter(pl.col("offset") < end)
            if ready.height >= LEAST_PART or end == _ALL:
                held = held.filter(pl.col("offset") >= end)
                yield _columns(_joined(ready, changes, people))
        offset = max(after, state.offset if state else 0)
        while True:
            with self._readers.one() as connection:
                connection.execute("BEGIN")
                part = read_part(connection, offset, LEAST_PART, read_head(connection).offset)
                if part.frame.height and part.frame["profile"].max() > (people["profile"].max() or 0):  # type: ignore[operator]
                    people = _people(connection, self._default_consent)
            if part.frame.height:
                yield _columns(_joined(part.frame.select(_READ), changes, people))
            if part.frame.height < LEAST_PART:
                return
            offset = part.upto

    def signals(self) -> Signals:
        """SIGNAL rows of all profiles that consent today, in order of offset, as `SignalLog.signals` gives them."""
        frame = self.frame().filter(pl.col("learn") & pl.col("learns"))
        found = np.empty(frame.height, SIGNAL)
        frame = frame.with_columns(pl.col("tz_offset_minutes").fill_null(0).alias("tz"), pl.col("at").to_physical())
        for name in SIGNAL.names or ():
            found[name] = _array(frame[name], SIGNAL[name])
        return found

    def shown(self, until: int | None = None) -> Shown:
        """Impressions with a place on a page, of profiles that consent, with, if given, `at` < `until`; in order of
        offset."""
        frame = self.frame((*_READ, "rest")).filter(
            pl.col("learn") & pl.col("learns") & (pl.col("type") == TYPE_NUMBER["impression"]) & (pl.col("title") >= 0)
        )
        if until is not None:
            frame = frame.filter(pl.col("at").to_physical() < int(until))
        places = {"row": "$.row", "column": "$.column"}
        frame = frame.with_columns(
            pl.col("rest").str.json_path_match(path).cast(pl.Int64, strict=False).alias(name)
            for name, path in places.items()
        ).filter(pl.col("row").is_not_null() & pl.col("column").is_not_null())
        return Shown(
            _array(frame["offset"], np.int64), _array(frame["at"].to_physical(), np.int64),
            _array(frame["profile"], np.int64), _array(frame["title"], np.int32), _array(frame["row"], np.int64),
            _array(frame["column"], np.int64),
        )  # fmt: skip

    def contexts(self, offsets: NDArray[np.int64]) -> Iterator[tuple[int, dict[str, Any]]]:
        """The `context` of those playback events at these offsets that came with one, by offset."""
        with self._readers.one() as connection:
            yield from contexts_of(self._table, connection, offsets, TRIES)

    def frame(self, columns: Sequence[str] = _READ) -> pl.DataFrame:
        """The events' columns, with the profiles' `home` (country), `learns` (consent) and time `zone` of today, by
        offset."""
        gone: Exception | None = None
        for _ in range(TRIES):
            with self._readers.one() as connection:
                before = _stamp(connection)
            try:
                laid, offset = self._laid(columns)
            except (FileNotFoundError, pl.exceptions.ComputeError) as error:
                gone = error  # swept away after this version was looked up: the next one does without it
                continue
            with self._readers.one() as connection:
                connection.execute("BEGIN")
                if _stamp(connection) != before:
                    continue
                tail = read_part(connection, offset, _ALL, read_head(connection).offset).frame
                people = _people(connection, self._default_consent)
            return _joined(pl.concat([laid, tail.select(columns)]), before.changes, people)
        raise FrontrowError(f"The lake in {self._table.folder} could not be read{f': {gone}' if gone else ''}", MEND)

    def _laid(self, columns: Sequence[str]) -> tuple[pl.DataFrame, int]:
        nothing = pl.DataFrame(schema=SCHEMA).select(columns)
        if not self._table.exists:
            return nothing, 0
        state = self._table.state()
        parts = [self._table.read(file, list(columns)) for file in state.files]
        return pl.concat([nothing, *parts], rechunk=True), state.offset


def _columns(frame: pl.DataFrame) -> EventColumns:
    place = frame["country"].fill_null(frame["home"])
    codes = place.drop_nulls().unique().sort()
    country = place.replace_strict(codes, np.arange(len(codes)), default=-1, return_dtype=pl.Int16)
    zones = frame["zone"].drop_nulls().unique().sort()
    zone = frame["zone"].replace_strict(zones, np.arange(len(zones)), default=-1, return_dtype=pl.Int64)
    said = _array(frame["tz_offset_minutes"].fill_null(NO_CLOCK), np.int16)
    at = _array(frame["at"].to_physical(), np.int64)
    return EventColumns(
        offset=_array(frame["offset"], np.int64),
        at=at,
        profile=_array(frame["profile"], np.int64),
        title=_array(frame["title"], np.int32),
        type=_array(frame["type"], np.int8),
        device=_array(frame["device"], np.int8),
        country=_array(country.fill_null(-1), np.int16),
        seconds=_array(frame["seconds"], np.float32),
        fraction=_array(frame["fraction"], np.float32),
        value=_array(frame["value"], np.float32),
        playback=_array(frame["playback"], np.int64),
        learn=_array(frame["learn"] & frame["learns"], np.bool_),
        clock=clocks(said, at, _array(zone.fill_null(-1), np.int64), zones.to_list()),
        countries=tuple(codes.to_list()),
    )


class _Stamp(NamedTuple):
    rewrites: int
    changes: list[Change]


def _stamp(connection: sqlite3.Connection) -> _Stamp:
    return _Stamp(read_head(connection).rewrites, pending(connection))


def _people(connection: sqlite3.Connection, default_consent: bool) -> pl.DataFrame:
    cursor = connection.execute(
        "SELECT number, country, coalesce(personalization, ?), json_extract(record, '$.timezone') FROM profiles",
        (default_consent,),
    )
    schema = {"profile": pl.Int64, "home": pl.String, "learns": pl.Int64, "zone": pl.String}
    parts = [pl.DataFrame(schema=schema)]
    while rows := cursor.fetchmany(FETCH):  # a million rows at once would be some 300 MB of objects
        parts.append(pl.DataFrame(rows, schema=schema, orient="row"))
    return pl.concat(parts).with_columns(pl.col("learns") == 1)


def _joined(frame: pl.DataFrame, changes: Sequence[Change], people: pl.DataFrame) -> pl.DataFrame:
    """With what the lake has not been told yet, and with the profiles of today; without those that are gone."""
    merged = [change for change in changes if not change.erased]
    if merged:
        schema = {"profile": pl.Int64, "_to": pl.Int64, "_at": pl.Int64}
        rows = [(change.profile, change.target, change.joined) for change in merged]
        moved = pl.DataFrame(rows, schema=schema, orient="row")
        frame = frame.join(moved, on="profile", how="left").with_columns(
            pl.col("_to").fill_null(pl.col("profile")).alias("profile"),
            *([pl.col("_at").fill_null(pl.col("joined")).alias("joined")] if "joined" in frame.columns else []),
        )
        frame = frame.drop("_to", "_at")
    return frame.join(people, on="profile", how="inner").sort("offset")


def _array(column: pl.Series, kind: np.dtype | type) -> NDArray:  # type: ignore[type-arg]
    with np.errstate(over="ignore"):  # a value that float32 lacks becomes infinite
        return column.to_numpy().astype(kind)
