"""A workspace's titles, profiles and events as tables that can be imported again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from frontrow.catalog.store import TitleStore
from frontrow.catalog.title import Title
from frontrow.core.clock import parse_time
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.events.event import Event
from frontrow.events.log import EventLog
from frontrow.importers.report import Progress, silent
from frontrow.importers.shapes import EVENTS, PROFILES, SHAPES, TITLES, Shape
from frontrow.importers.table_writers import FORMATS, WRITERS
from frontrow.people.profile import Profile
from frontrow.people.store import PeopleStore

MANIFEST = "frontrow-export.json"
"""Says that a folder's tables are an export, and may be replaced by the next."""
_SHOWN_EVERY = 20_000


class ExportReport(msgspec.Struct):
    """What was written, and where."""

    path: str
    format: str
    titles: int = 0
    profiles: int = 0
    events: int = 0


def export_tables(
    path: Path,
    titles: TitleStore,
    people: PeopleStore,
    log: EventLog,
    format: str = "parquet",
    progress: Progress = silent,
) -> ExportReport:
    """Writes titles.*, profiles.* and events.* (in order of arrival) into the folder `path`, made if it is not there.

    All files are complete before the first gets its name. A folder that holds anything but an earlier export is
    refused. Consent as it was at each event is not part of the tables: an import goes by the profile's of today.
    """
    if format not in FORMATS:
        raise UsageError(f"{format} is not a format of tables", f"Choose from {', '.join(FORMATS)}")
    _check_folder(path)
    report = ExportReport(str(path), format)
    making = path / ".making"
    try:
        path.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        write = WRITERS[format]
        write(making / f"titles.{format}", TITLES, _titles(titles, report))
        write(making / f"profiles.{format}", PROFILES, _profiles(people, report))
        write(making / f"events.{format}", EVENTS, _events(log, report, progress))
        (making / MANIFEST).write_bytes(msgspec.json.encode(report) + b"\n")
        for shape in SHAPES:
            (making / f"{shape.table}.{format}").replace(path / f"{shape.table}.{format}")
        (making / MANIFEST).replace(path / MANIFEST)
        for stale in _own(path):
            if stale.suffix != f".{format}":
                stale.unlink()
    except OSError as error:
        raise FrontrowError(f"cannot write {error.filename or path}: {error.strerror or error}") from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
    progress(1.0, f"{report.events:,} events")
    return report


def _own(path: Path) -> list[Path]:
    names = (path / f"{shape.table}.{format}" for shape in SHAPES for format in FORMATS)
    return [name for name in names if name.exists()]


def _check_folder(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise FrontrowError(f"{path} is not a folder", "Name a new or empty folder")
    there = {below.name for below in path.iterdir()} - {".making"}
    own = {below.name for below in _own(path)} | {MANIFEST}
    if there and (MANIFEST not in there or there - own):
        raise FrontrowError(f"{path} holds other files than an earlier export", "Name a new or empty folder")


def _titles(store: TitleStore, report: ExportReport) -> Iterator[dict[str, Any]]:
    for title in store.everything():
        report.titles += 1
        yield _record(title, TITLES)


def _profiles(store: PeopleStore, report: ExportReport) -> Iterator[dict[str, Any]]:
    for known in store.everyone():
        report.profiles += 1
        yield _record(known.profile, PROFILES)


def _record(record: Title | Profile, shape: Shape) -> dict[str, Any]:
    """Fields that say something: an empty list or object is the same as none."""
    plain = msgspec.to_builtins(record)
    fields = {name: value for name in shape.fields if (value := plain[name]) not in (None, [], {})}
    for name, kind in shape.fields.items():
        if kind == "time" and name in fields:
            fields[name] = parse_time(fields[name], f"/{name}")
    return fields


def _events(log: EventLog, report: ExportReport, progress: Progress) -> Iterator[dict[str, Any]]:
    total = max(log.count(), 1)
    for event in log.everything():
        if report.events % _SHOWN_EVERY == 0:
            progress(min(report.events / total, 0.99), f"{report.events:,} of {total:,} events")
        report.events += 1
        yield _event(event)


def _event(event: Event) -> dict[str, Any]:
    return {name: value for name in EVENTS.fields if (value := getattr(event, name)) is not None}
