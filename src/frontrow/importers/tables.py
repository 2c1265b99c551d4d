"""A folder of tables into a workspace: read and check all, then write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from frontrow.catalog.title import FIELDS as TITLE_FIELDS
from frontrow.catalog.title import Title, parse_title
from frontrow.core.clock import Micros, parse_time
from frontrow.core.errors import InvalidRecord
from frontrow.core.names import nearest
from frontrow.events.event import FIELDS as EVENT_FIELDS
from frontrow.events.event import parse_event
from frontrow.importers.report import Count, ImportRefused, ImportReport, Progress, silent
from frontrow.importers.spool import EventSpool
from frontrow.importers.table_files import Table, find_tables
from frontrow.importers.target import ImportTarget
from frontrow.importers.writing import CHUNK, append_chunk, last_of_each, put_all
from frontrow.people.profile import FIELDS as PROFILE_FIELDS
from frontrow.people.profile import Profile, parse_profile

R = TypeVar("R", Title, Profile)
_NO_TIME = Micros(0)
_NO_ID = "-"
_SHOWN_EVERY = 50_000
_STRAYS_SHOWN = 20
_LIKE = 0.7


def import_tables(
    path: Path, target: ImportTarget, strict: bool = False, progress: Progress = silent
) -> ImportReport:  # fmt: skip
    """`titles.*`, `profiles.*` (optional) and `events.*` of a folder, each Parquet, CSV or JSON Lines.

    Bad rows are counted and left out; with `strict` any of them raises ImportRefused before anything is written. Files
    that cannot be read at all, and wrong columns, raise FrontrowError. Running it again changes nothing.
    """
    title_table, profile_table, event_table = find_tables(path)
    report = ImportReport()
    progress(0.0, "reading titles")
    titles = last_of_each(read_titles(title_table, report), lambda title: title.title_id, report.titles, report)
    progress(0.02, "reading profiles")
    people = [] if profile_table is None else read_profiles(profile_table, report)
    profiles = last_of_each(people, lambda profile: profile.profile_id, report.profiles, report)
    spool = read_events(event_table, report, lambda text: progress(0.05, text))
    if strict:
        _refuse(profiles, spool, event_table, target, report)
    progress(0.4, "writing titles and profiles")
    put_all(titles, target.put_titles, report.titles, report)
    put_all(profiles, target.put_profiles, report.profiles, report)
    written = 0
    for events, lines in spool.in_order(CHUNK):
        progress(0.45 + 0.55 * written / len(spool), f"{written:,} of {len(spool):,} events")
        append_chunk(events, lines, event_table.place, target, report)
        written += len(events)
    progress(1.0, f"{written:,} events")
    return report


def read_titles(table: Table, report: ImportReport) -> Iterator[tuple[str, Title]]:
    """Sound titles with their places; `added_at` None where the row does not say it. Names of unknown fields become a
    note, here and below."""
    return _records(table, report, report.titles, parse_title, "added_at", TITLE_FIELDS)


def read_profiles(table: Table, report: ImportReport) -> Iterator[tuple[str, Profile]]:
    """Sound profiles with their places; `created_at` None where the row does not say it."""
    return _records(table, report, report.profiles, parse_profile, "created_at", PROFILE_FIELDS)


def _records(
    table: Table, report: ImportReport, count: Count, parse: Callable[[object, Micros], R], since: str,
    known: frozenset[str],
) -> Iterator[tuple[str, R]]:  # fmt: skip
    strays = Counter[str]()
    for number, raw in table.rows():
        place = table.place(number)
        if isinstance(raw, str):
            report.reject(count, place, raw)
            continue
        try:
            record = parse(raw, _NO_TIME)
        except InvalidRecord as error:
            report.reject(count, place, error.message)
            continue
        strays.update(name for name, value in raw.items() if name not in known and value is not None)
        yield place, record if raw.get(since) is not None else msgspec.structs.replace(record, **{since: None})
    _note(strays, table, "attributes", known, report)


def read_events(table: Table, report: ImportReport, say: Callable[[str], None]) -> EventSpool:
    """Sound events, waiting in the order of the log; names of unknown fields become a note."""
    spool = EventSpool()
    strays = Counter[str]()
    for number, raw in table.rows():
        if number % _SHOWN_EVERY == 0:
            say(f"reading {table.path.name}: {number:,} rows")
        if isinstance(raw, str):
            report.reject(report.events, table.place(number), raw)
            continue
        try:
            _add(raw, number, spool, strays)
        except InvalidRecord as error:
            report.reject(report.events, table.place(number), error.message)
    _note(strays, table, "context", EVENT_FIELDS, report)
    return spool


def _note(strays: Counter[str], table: Table, into: str, known: frozenset[str], report: ImportReport) -> None:
    """Says which fields are none of the record's own, in how many rows, and which may have been meant."""
    if strays:
        told = []
        for name, count in list(strays.items())[:_STRAYS_SHOWN]:
            meant = nearest(name, known, _LIKE)
            told.append(f"{name} ({count:,}{f'; {meant} is one' if meant else ''})")
        more = f" and {len(strays) - _STRAYS_SHOWN:,} more" if len(strays) > _STRAYS_SHOWN else ""
        report.notes.append(f"{table.path.name}: no fields of the contract, kept in {into}: {', '.join(told)}{more}")


def _add(raw: dict[str, Any], number: int, spool: EventSpool, strays: Counter[str]) -> None:
    has_id = raw.get("event_id") is not None
    if not has_id:
        raw["event_id"] = _NO_ID
    received = raw.get("received_at")
    event, unknown = parse_event(raw, _NO_TIME if received is None else parse_time(received, "/received_at"))
    if received is None:
        event.received_at = event.at
    spool.add(event, number, has_id=has_id)
    strays.update(unknown)


def _refuse(
    profiles: list[tuple[str, Profile]], spool: EventSpool, table: Table, target: ImportTarget, report: ImportReport
) -> None:
    conflicts = dict(spool.conflicts())
    for number, name in conflicts.items():
        report.reject(report.events, table.place(number), f"an earlier row has event_id {name!r} and other content")
    for refused in target.put_profiles([profile for _, profile in profiles], dry=True).refused:
        report.reject(report.profiles, profiles[refused.index][0], refused.message)
    for events, lines in spool.in_order(CHUNK):
        for refused in target.append_events(events, dry=True).refused:
            if lines[refused.index] not in conflicts:
                report.reject(report.events, table.place(lines[refused.index]), refused.message)
    if report.rejected:
        raise ImportRefused(report)
