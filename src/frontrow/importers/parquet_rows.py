"""Rows of a Parquet file as JSON values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from frontrow.core.errors import FrontrowError, InvalidRecord
from frontrow.importers.cells import READ
from frontrow.importers.csv_rows import check_columns
from frontrow.importers.shapes import Shape

SLICE = 20_000
_UTC_TEXT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def parquet_rows(path: Path, shape: Shape) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Values by column, nulls (and NaN) left out; or what is wrong with the row."""
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        why = str(error).partition("\n")[0][:200]
        raise FrontrowError(f"{path} cannot be read as Parquet: {why}") from None
    check_columns(frame.columns, path, shape)
    readers: list[tuple[str, Callable[[Any], Any] | None]] = []
    for name, dtype in frame.schema.items():
        frame = frame.with_columns(_as_json(name, dtype, path, shape))
        readers.append((name, _reader(name, frame.schema[name], shape)))
    number = 0
    for part in frame.iter_slices(SLICE):
        columns = [part[name].to_list() for name in part.columns]
        for row in zip(*columns, strict=True):
            number += 1
            yield number, _values(row, readers)


def _as_json(name: str, dtype: pl.DataType, path: Path, shape: Shape) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone:
            return column.dt.convert_time_zone("UTC").dt.strftime(_UTC_TEXT)
        if shape.kind(name) == "time":
            raise FrontrowError(f"{path}: column {name} holds times without offset", "Write them with a timezone")
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
    if shape.kind(name) == "time" and dtype not in (pl.String, pl.Null):
        raise FrontrowError(f"{path}: column {name} holds {dtype}, not times with an offset")
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Date | pl.Time | pl.Duration):
        return column.cast(pl.String) if not isinstance(dtype, pl.Duration) else column.dt.total_microseconds() / 1e6
    if isinstance(dtype, pl.Decimal):
        return column.cast(pl.Float64)
    if name in shape.ids and dtype.is_integer():
        return column.cast(pl.String)
    if isinstance(dtype, pl.Binary | pl.Object):
        raise FrontrowError(f"{path}: column {name} holds {dtype}, which is not text, number or list")
    return column


def _reader(name: str, dtype: pl.DataType, shape: Shape) -> Callable[[Any], Any] | None:
    kind = shape.kind(name)
    if kind in ("json", "list") and dtype == pl.String:
        return lambda text: READ[kind](text) if text else None
    if dtype.is_nested():
        return _entries if kind == "json" else _plain
    if kind == "integer" and dtype.is_float():
        return lambda value: int(value) if value.is_integer() else value
    return None


def _values(row: tuple[Any, ...], readers: list[tuple[str, Callable[[Any], Any] | None]]) -> dict[str, Any] | str:
    values: dict[str, Any] = {}
    for value, (name, read) in zip(row, readers, strict=True):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            continue
        try:
            values[name] = value if read is None else read(value)
        except InvalidRecord as error:
            return f"{name} {error.message}"
    return values


def _entries(value: Any) -> Any:
    """A nested value; an Arrow map comes as a list of entries, and is an object."""
    plain = _plain(value)
    if isinstance(plain, list) and plain and all(isinstance(e, dict) and set(e) <= {"key", "value"} for e in plain):
        return {entry.get("key"): entry.get("value") for entry in plain}
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _entries(below) for name, below in value.items() if below is not None}
    if isinstance(value, list):
        return [_entries(below) for below in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidRecord("holds a time without offset")
        return value.isoformat()
    if isinstance(value, date | time | timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        raise InvalidRecord("holds bytes, which are not text")
    return value
