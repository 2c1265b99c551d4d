"""CSV cells as values, and back: every value that a record can hold comes back as it was.

An empty cell is an absent field. Lists are `|`-separated, or JSON where an item holds a `|`; nested fields are JSON.
An empty text is written as two quotes (text that consists of an even number of quotes only gets two more).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import msgspec

from frontrow.core.errors import InvalidRecord
from frontrow.importers.shapes import Kind

_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?")
_QUOTES = re.compile(r'("")*')
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def read_text(cell: str) -> str:
    return cell[2:] if cell[0] == '"' and _QUOTES.fullmatch(cell) else cell


def _integer(cell: str) -> int:
    if not _WHOLE.fullmatch(cell.strip()):
        raise InvalidRecord(f"must be a whole number, not {cell[:40]!r}")
    return int(cell.strip().partition(".")[0])


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in cell:  # Python reads 1_000
        raise InvalidRecord(f"must be a number, not {cell[:40]!r}")
    return value


def _boolean(cell: str) -> bool:
    value = _BOOLEANS.get(cell.strip().lower())
    if value is None:
        raise InvalidRecord(f"must be true or false, not {cell[:40]!r}")
    return value


def _json(cell: str) -> Any:
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRecord(f"must be JSON text, not {cell[:40]!r}") from None


def _list(cell: str) -> list[Any]:
    if cell[0] == "[":
        try:
            items = msgspec.json.decode(cell, type=list[str])
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            return items
    return [item for part in cell.split("|") if (item := part.strip())]


READ: dict[Kind, Callable[[str], Any]] = {
    "text": read_text,
    "time": str.strip,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "list": _list,
    "json": _json,
}
"""Cells that are not empty, as values; InvalidRecord where they are none of their kind."""


def _write_list(items: list[str]) -> str:
    joined = "|".join(items)
    return joined if joined[:1] != "[" and _list(joined or "|") == items else json_text(items)


def json_text(value: object) -> str:
    """Compact JSON."""
    return msgspec.json.encode(value).decode()


WRITE: dict[Kind, Callable[[Any], str]] = {
    "text": lambda text: f'""{text}' if _QUOTES.fullmatch(text) else text,
    "time": str,
    "integer": str,
    "number": repr,
    "boolean": lambda value: "true" if value else "false",
    "list": _write_list,
    "json": json_text,
}
"""Values that are not None, as cells."""
