"""Rows into a file of one format, bounded in memory. Times arrive as microseconds UTC; absent fields are left out."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import polars as pl

from frontrow.core.clock import format_time
from frontrow.importers.cells import WRITE, json_text
from frontrow.importers.shapes import Kind, Shape

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[str, ...] = get_args(Format)
PART = 50_000

Rows = Iterable[dict[str, Any]]

_TYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "time": pl.Datetime("us", "UTC"),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "list": pl.List(pl.String()),
    "json": pl.String(),
}


def write_jsonl(path: Path, shape: Shape, rows: Rows) -> None:
    """One JSON object a line."""
    times = [name for name, kind in shape.fields.items() if kind == "time"]
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        for row in rows:
            stated = {name: format_time(row[name]) for name in times if name in row}
            file.write(encode(row | stated) + b"\n")


def write_csv(path: Path, shape: Shape, rows: Rows) -> None:
    """A heading and one record a row."""
    columns = [(name, format_time if kind == "time" else WRITE[kind]) for name, kind in shape.fields.items()]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180; and so a lone carriage return in a text is quoted
        writer.writerow(shape.fields)
        for row in rows:
            writer.writerow([write(row[name]) if name in row else "" for name, write in columns])


def write_parquet(path: Path, shape: Shape, rows: Rows) -> None:
    """Times as timestamps in UTC, lists as lists, nested fields as JSON text."""
    parts: list[Path] = []
    for number, part in enumerate(_parts(rows)):
        name = path.with_suffix(f".part{number}")
        _frame(shape, part).write_parquet(name)
        parts.append(name)
    if len(parts) == 1:
        parts[0].rename(path)
        return
    if parts:
        pl.scan_parquet(parts).sink_parquet(path)
    else:
        _frame(shape, []).write_parquet(path)
    for name in parts:
        name.unlink()


WRITERS: dict[str, Callable[[Path, Shape, Rows], None]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "jsonl": write_jsonl,
}


def _parts(rows: Rows) -> Iterator[list[dict[str, Any]]]:
    rest = iter(rows)
    while part := list(islice(rest, PART)):
        yield part


def _frame(shape: Shape, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([_column(name, kind, rows) for name, kind in shape.fields.items()])


def _column(name: str, kind: Kind, rows: list[dict[str, Any]]) -> pl.Series:
    if kind == "json":
        return pl.Series(name, [json_text(row[name]) if name in row else None for row in rows], pl.String())
    return pl.Series(name, [row.get(name) for row in rows], _TYPES[kind])
