"""Rows of a CSV file, each with the line that it begins on; a broken one costs only itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from frontrow.core.errors import FrontrowError, InvalidRecord
from frontrow.importers.cells import READ, read_text
from frontrow.importers.shapes import Shape

_PARTED = {";": "It is parted by semicolons", "\t": "It is parted by tabs"}

MAX_CELL = 4_000_000


def csv_rows(path: Path, shape: Shape) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Values by column, empty cells left out; or what is wrong with the row."""
    data = path.read_bytes()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FrontrowError(f"{path} is UTF-16", "Save it as UTF-8")
    try:
        text, clean = data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        text, clean = data.decode("utf-8-sig", "surrogateescape"), False
    records = _records(list(io.StringIO(text, newline="\n")))
    readers = _heading(next(records, None), path, shape)
    for number, cells in records:
        if isinstance(cells, str):
            yield number, cells
        elif cells:
            yield number, _values(cells, readers, clean)


def _records(lines: list[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Records with their first line (from 1). After a broken record reading goes on at the line after its first."""
    csv.field_size_limit(MAX_CELL)
    start = 0
    while start < len(lines):
        reader = csv.reader(islice(lines, start, None), strict=True)
        base = begun = start
        try:
            for cells in reader:
                yield begun + 1, cells
                begun = base + reader.line_num
            return
        except csv.Error as error:
            yield begun + 1, f"is not CSV: {error}"
            start = begun + 1


def _heading(first: tuple[int, list[str] | str] | None, path: Path, shape: Shape) -> list[tuple[str, Any]]:
    if first is None or isinstance(first[1], str) or not first[1]:
        raise FrontrowError(f"{path} has no heading: its first line must name the columns")
    names = [name.strip() for name in first[1]]
    check_columns(names, path, shape)
    reads = {name: read for name, kind in shape.fields.items() if (read := READ[kind]) is not read_text}
    return [(name, reads.get(name)) for name in names]


def check_columns(names: list[str], path: Path, shape: Shape) -> None:
    """FrontrowError names all columns that are missing, one nameless or there twice, and what is there."""
    there = f"Its columns: {', '.join(name[:60] for name in names[:40]) or 'none'}"
    if missing := [name for name in shape.required if name not in names]:
        parted = next((sign for sign in ";\t" if any(sign in name for name in names)), None)
        mend = f"{_PARTED[parted]}: columns are parted by commas here" if parted else there
        raise FrontrowError(f"{path} has no column {' and no column '.join(missing)}", mend)
    if "" in names:
        raise FrontrowError(f"{path}: column {names.index('') + 1} has no name", there)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FrontrowError(f"{path} has column {twice[0]} twice", there)


def _values(cells: list[str], readers: list[tuple[str, Any]], clean: bool) -> dict[str, Any] | str:
    if len(cells) != len(readers):
        return f"has {len(cells)} fields; the heading has {len(readers)}"
    if not clean and any("\udc80" <= char <= "\udcff" for cell in cells for char in cell):
        return "is not UTF-8"
    values: dict[str, Any] = {}
    name = ""
    try:
        for cell, (name, read) in zip(cells, readers, strict=True):
            if cell:
                values[name] = read(cell) if read else cell if cell[0] != '"' else read_text(cell)
    except InvalidRecord as error:
        return f"{name} {error.message}"
    return values
