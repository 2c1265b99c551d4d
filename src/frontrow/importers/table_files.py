"""A folder's tables, and their rows as JSON values with line numbers, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from frontrow.core.errors import FrontrowError
from frontrow.importers.csv_rows import csv_rows
from frontrow.importers.parquet_rows import parquet_rows
from frontrow.importers.shapes import EVENTS, PROFILES, TITLES, Shape

EXTENSIONS = ("parquet", "csv", "jsonl", "ndjson")
_PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst", ".tar", ".tgz")

Rows = Iterator[tuple[int, dict[str, Any] | str]]
"""Line or row numbers (from 1), with a row's values, or what is wrong with it."""


class Table(NamedTuple):
    """One file of rows of one shape."""

    path: Path
    shape: Shape

    def place(self, number: int) -> str:
        """Where a row is, for people."""
        return f"{self.path.name}:{'row ' if self.path.suffix == '.parquet' else ''}{number}"

    def rows(self) -> Rows:
        """All rows. Raises FrontrowError for a file that cannot be read or whose columns are wrong."""
        read: Callable[[Path, Shape], Rows] = {".parquet": parquet_rows, ".csv": csv_rows}.get(
            self.path.suffix, json_rows
        )
        try:
            yield from read(self.path, self.shape)
        except OSError as error:
            raise FrontrowError(f"cannot read {self.path}: {error.strerror or error}") from None


def find_tables(folder: Path) -> tuple[Table, Table | None, Table]:
    """Titles, profiles (if there) and events; FrontrowError where one is missing or there twice."""
    if not folder.exists():
        raise FrontrowError(f"{folder} does not exist")
    if not folder.is_dir():
        raise FrontrowError(f"{folder} is not a folder", "Name the folder that holds titles.* and events.*")
    titles, profiles, events = (_find(folder, shape) for shape in (TITLES, PROFILES, EVENTS))
    for table, shape in ((titles, TITLES), (events, EVENTS)):
        if table is None:
            wanted = ", ".join(f"{shape.table}.{extension}" for extension in EXTENSIONS)
            raise FrontrowError(
                f"{folder} has no table of {shape.table}: looked for {wanted}", _what_is_there(folder, shape.table)
            )
    assert titles is not None and events is not None  # noqa: PT018 - said above, in words
    return titles, profiles, events


def _what_is_there(folder: Path, table: str) -> str:
    names = sorted(path.name for path in folder.iterdir())
    for name in names:
        if name.lower().startswith(table) and name.lower().endswith(_PACKED):
            return f"Unpack {name}"
    more = f" and {len(names) - 20:,} more" if len(names) > 20 else ""
    there = f"There is: {', '.join(names[:20]) or 'nothing'}{more}; names count to the letter"
    alone = f". Where nothing was watched yet, an {table}.csv of its heading alone will do: {','.join(EVENTS.required)}"
    return there + (alone if table == EVENTS.table else "")


def _find(folder: Path, shape: Shape) -> Table | None:
    found = [path for extension in EXTENSIONS if (path := folder / f"{shape.table}.{extension}").is_file()]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise FrontrowError(f"{folder} has {names}: which of them counts is not clear", "Leave one of them there")
    return Table(found[0], shape) if found else None


def json_rows(path: Path, shape: Shape) -> Rows:
    """JSON Lines; empty lines are skipped."""
    decode = msgspec.json.Decoder().decode
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - a byte order mark is no content
            if not line.strip():
                continue
            try:
                value = decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield number, _why_not_json(line, error)
                continue
            yield number, value if isinstance(value, dict) else "is not a JSON object"


def _why_not_json(line: bytes, error: Exception) -> str:
    try:
        line.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return f"is not JSON: {str(error)[:120]}"
