"""Filters over title fields: a small language, checked when parsed, evaluated title by title.

{"all"|"any": [filter…]}, {"not": filter}, {"field": F, "op": O, "value": V}. A missing field (null, an empty list or
object) fails every op but `exists: false`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.title import FIELDS, Title
from frontrow.core.clock import parse_time
from frontrow.core.errors import InvalidRecord
from frontrow.core.names import nearest

Test = Callable[[Title], bool]
OPS = ("eq", "in", "has", "lt", "le", "gt", "ge", "exists")
MAX_DEPTH, MAX_CLAUSES = 32, 1_000
TIMES = frozenset({"added_at", "starts_at", "ends_at"})
_MISSING: tuple[Any, ...] = (None, [], {})


class Filter:
    """A parsed filter."""

    def __init__(self, raw: object, pointer: str = "/filter") -> None:
        """Raises InvalidRecord that points at what is malformed."""
        self._clauses = 0
        self._test = self._parse(raw, pointer, 0)

    def __call__(self, title: Title) -> bool:
        return self._test(title)

    def mask(self, catalogue: Catalogue, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which of the titles `among` pass."""
        chosen = np.zeros(len(among), bool)
        for number in np.flatnonzero(among):
            title = catalogue.titles[number]
            chosen[number] = title is not None and self._test(title)
        return chosen

    def _parse(self, raw: object, pointer: str, depth: int) -> Test:
        self._clauses += 1
        if depth > MAX_DEPTH or self._clauses > MAX_CLAUSES:
            raise InvalidRecord(f"filter is nested deeper than {MAX_DEPTH} or has over {MAX_CLAUSES} clauses", pointer)
        if not isinstance(raw, dict):
            raise InvalidRecord("a filter must be an object", pointer)
        if raw.keys() == {"not"}:
            inner = self._parse(raw["not"], f"{pointer}/not", depth + 1)
            return lambda title: not inner(title)
        for word, joined in (("all", all), ("any", any)):
            if raw.keys() == {word}:
                if not isinstance(raw[word], list):
                    raise InvalidRecord(f"{word} must be a list of filters", f"{pointer}/{word}")
                tests = [self._parse(each, f"{pointer}/{word}/{i}", depth + 1) for i, each in enumerate(raw[word])]
                return lambda title, joined=joined, tests=tests: joined(test(title) for test in tests)  # type: ignore[misc]
        if raw.keys() - {"value"} == {"field", "op"}:
            return _clause(raw, pointer)
        raise InvalidRecord("a filter is {all|any: […]}, {not: …} or {field, op, value}", pointer)


def _clause(raw: dict[str, Any], pointer: str) -> Test:
    field, op, value = raw["field"], raw["op"], raw.get("value")
    if op not in OPS:
        raise InvalidRecord(f"op must be one of {', '.join(OPS)}", f"{pointer}/op")
    read = _reader(field, f"{pointer}/field")
    if op == "exists":
        wanted = raw.get("value", True)
        if not isinstance(wanted, bool):
            raise InvalidRecord("exists takes true or false", f"{pointer}/value")
        return lambda title: (read(title) not in _MISSING) == wanted
    if "value" not in raw:
        raise InvalidRecord(f"{op} needs a value", f"{pointer}/value")
    if field in TIMES and op != "in":
        value = parse_time(value, f"{pointer}/value")
    if op == "in":
        if not isinstance(value, list):
            raise InvalidRecord("in takes a list", f"{pointer}/value")
        wanted_values = [parse_time(v, f"{pointer}/value") if field in TIMES else v for v in value]
        return lambda title: (found := read(title)) not in _MISSING and any(_same(found, v) for v in wanted_values)
    if op == "eq":
        return lambda title: (found := read(title)) not in _MISSING and _same(found, value)
    if op == "has":
        return lambda title: any(_same(each, value) for each in _names(read(title)))
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise InvalidRecord(f"{op} compares with a number or a string", f"{pointer}/value")
    return lambda title: _ordered(read(title), op, value)


def _reader(field: object, pointer: str) -> Callable[[Title], Any]:
    if isinstance(field, str):
        if field in TIMES:
            return lambda title: None if (at := getattr(title, field)) is None else parse_time(at)
        if field in FIELDS:
            return lambda title: getattr(title, field)
        if field.startswith("attributes.") and len(field) > len("attributes."):
            name = field.removeprefix("attributes.")
            return lambda title: title.attributes.get(name)
    meant = nearest(field, FIELDS) if isinstance(field, str) else None
    mend = f"; did you mean {meant}?" if meant else f": fields are {', '.join(Title.__struct_fields__)}"
    raise InvalidRecord(f"{str(field)[:60]} is not a title field or attributes.NAME{mend}", pointer)


def _names(found: Any) -> list[Any]:
    """What `has` looks among: elements of a list, names of tags, names of people."""
    if isinstance(found, dict):
        return list(found)
    if isinstance(found, list):
        return [each if isinstance(each, (str, int, float, bool)) else getattr(each, "name", None) for each in found]
    return []


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return found is value
    if isinstance(found, msgspec.Struct) or (
        isinstance(found, list) and found and isinstance(found[0], msgspec.Struct)
    ):
        return bool(msgspec.to_builtins(found) == value)
    return bool(found == value)


def _ordered(found: Any, op: str, value: float | str) -> bool:
    number = isinstance(found, (int, float)) and not isinstance(found, bool) and isinstance(value, (int, float))
    if not number and not (isinstance(found, str) and isinstance(value, str)):
        return False
    return bool({"lt": found < value, "le": found <= value, "gt": found > value, "ge": found >= value}[op])
