"""The metric tables as Parquet files in a folder of the workspace."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from frontrow.core.errors import FrontrowError
from frontrow.core.lock import FileLock
from frontrow.core.log import Log
from frontrow.experiments.metrics.tables import TABLES, MetricTables, Stamp

VERSION: Final = 4
"""Of the tables' meaning: raise it with every change of a definition, and they are made anew."""
_log = Log("frontrow")
_STAMP: Final = "stamp.json"
_KEPT: Final = (*TABLES, "titles")


class _Kept(msgspec.Struct):
    """Which of the two folders holds the tables, and as of which Stamp."""

    version: int
    folder: str
    stamp: tuple[int, int, int]


class MetricFiles:
    """Implements `TableStore` in `folder`. `rewrites` gives the log's number of rewrites now.

    Tables are written into one of two folders in turn, and the stamp, replaced last, says which one holds. The lock is
    held for reading and writing only, not while they are computed.
    """

    def __init__(self, folder: Path, rewrites: Callable[[], int]) -> None:
        self._folder, self._rewrites = folder, rewrites

    def load(self) -> MetricTables | None:
        with self._locked() as there:
            return self._read() if there else None

    def save(self, tables: MetricTables, rewrites: int) -> bool:
        with self._locked(make=True):
            if self._rewrites() != rewrites:
                return False
            self._write(tables)
            return True

    def erase(self, number: int) -> int:
        """Takes a profile's rows out of all tables; how many. Tables that are damaged are deleted: they are derived."""
        with self._locked() as there:
            tables = self._read_sound() if there else None
            if tables is None:
                self._remove()
                return 0
            found = {name: getattr(tables, name) for name in TABLES}
            kept = {name: frame.filter(pl.col("profile") != number) for name, frame in found.items()}
            gone: int = sum(frame.height - kept[name].height for name, frame in found.items())
            rewrites = self._rewrites()
            own = rewrites == tables.stamp.rewrites + 1  # no other: the log need not be read again
            stamp = tables.stamp._replace(rewrites=rewrites) if own else tables.stamp
            self._write(replace(tables, stamp=stamp, **kept))
            return gone

    def drop_events(self) -> None:
        """Lets go of everything that was made of events, since some have left the log: the rest is read again."""
        with self._locked() as there:
            tables = self._read() if there else None
            if tables is not None:
                made = {name: getattr(tables, name).clear() for name in ("days", "picks")}
                self._write(replace(tables, stamp=tables.stamp._replace(offset=0), **made))

    def reassign(self, source: int, target: int) -> None:
        """Gives the pages and exposures of a merged profile to another; its events are read again. Tables that are
        damaged are deleted."""
        with self._locked() as there:
            tables = self._read_sound() if there else None
            if tables is None:
                return
            moved = {
                name: getattr(tables, name).with_columns(pl.col("profile").replace(source, target))
                for name in ("page_days", "pages", "exposures")
            }
            self._write(replace(tables, **moved))

    @contextmanager
    def _locked(self, make: bool = False) -> Iterator[bool]:
        """Alone with the folder; False where there is none."""
        if make:
            self._folder.mkdir(parents=True, exist_ok=True)
        if not self._folder.is_dir():
            yield False
            return
        lock = FileLock(self._folder / "lock")
        try:
            lock.acquire()
            yield True
        except (OSError, pl.exceptions.PolarsError) as error:
            raise FrontrowError(
                f"{self._folder} cannot be used: {error}", "Metric tables are derived: delete the folder and try again."
            ) from None
        finally:
            lock.close()

    def _read(self) -> MetricTables | None:
        said = self._said()
        if said is None or said.version != VERSION:
            return None
        frames = {name: pl.read_parquet(self._folder / said.folder / f"{name}.parquet") for name in _KEPT}
        return MetricTables(Stamp(*said.stamp), **frames)

    def _read_sound(self) -> MetricTables | None:
        """The tables, or None, and nothing is left of them, where they are damaged."""
        try:
            return self._read()
        except (FileNotFoundError, pl.exceptions.PolarsError) as error:
            _log.error("damaged metric tables were deleted", error=str(error).splitlines()[0][:200])
            self._remove()
            return None

    def _said(self) -> _Kept | None:
        try:
            return msgspec.json.decode((self._folder / _STAMP).read_bytes(), type=_Kept)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _write(self, tables: MetricTables) -> None:
        said = self._said()
        folder = "b" if said is not None and said.folder == "a" else "a"
        shutil.rmtree(self._folder / folder, ignore_errors=True)
        (self._folder / folder).mkdir()
        for name in _KEPT:
            path = self._folder / folder / f"{name}.parquet"
            getattr(tables, name).write_parquet(path)
            _sync(path)
        making = self._folder / f"{_STAMP}.new"
        making.write_bytes(
            msgspec.json.encode(
                _Kept(VERSION, folder, (tables.stamp.offset, tables.stamp.rewrites, tables.stamp.served))
            )
        )
        _sync(making)
        making.replace(self._folder / _STAMP)
        if said is not None:
            shutil.rmtree(self._folder / said.folder, ignore_errors=True)

    def _remove(self) -> None:
        (self._folder / _STAMP).unlink(missing_ok=True)
        for folder in ("a", "b"):
            shutil.rmtree(self._folder / folder, ignore_errors=True)


def _sync(path: Path) -> None:
    """On disk before what names it: a power cut leaves the tables of before, whole."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
