"""JSON values compared as JSON: true is not 1, a missing field is null, text meets numbers as in JavaScript."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?", re.I | re.A)
_LONGEST: Final = 400
"""Digits that a number in text may have; longer text is no number (Python refuses far longer ones with an error)."""

Groups = Mapping[str, frozenset[object]]
"""Saved groups: members by group id, as `prepare_groups` makes them."""


def is_number(value: object) -> bool:
    """Whether `value` is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def json_equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: by kind, then by content; the order of keys does not count, that of items does."""
    if isinstance(left, str):
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(json_equal(left[name], right[name]) for name in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(json_equal, left, right))
    return bool(left == right)


def field(record: object, path: str) -> Any:
    """What lies at the dotted `path`; None where a step is missing or not an object."""
    if "." not in path:
        return record.get(path) if isinstance(record, dict) else None
    for step in path.split("."):
        if not isinstance(record, dict):
            return None
        record = record.get(step)
    return record


def text_of(value: object) -> str:
    """A scalar as JavaScript writes it, for hashing; "" for null, false, zero, NaN, lists and objects."""
    if not value or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return str(value) if is_number(value) else ""


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1: two texts by their characters, else as numbers; None where either is no number.

    null counts as 0 and true as 1, as in JavaScript.
    """
    if not (isinstance(left, str) and isinstance(right, str)):
        left, right = _number(left), _number(right)
        if left is None or right is None:
            return None
    if left == right:
        return 0
    if left < right:
        return -1
    return 1 if left > right else None


def prepare_groups(groups: Mapping[str, list[Any]]) -> Groups:
    """Saved groups made ready for look-ups; members that are no scalar match nothing and are left out."""
    return {name: frozenset(_member(each) for each in members if _scalar(each)) for name, members in groups.items()}


def in_group(value: Any, members: frozenset[object]) -> bool:
    """Whether `value`, or one of its items, is a member."""
    if isinstance(value, list):
        return any(_scalar(each) and _member(each) in members for each in value)
    return _scalar(value) and _member(value) in members


def nests_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects nest more than `levels` deep."""
    layer: list[object] = [value]
    for _ in range(levels + 1):
        inner: list[object] = []
        for each in layer:
            inner += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        if not inner:
            return False
        layer = inner
    return True


def _number(value: Any) -> float | None:
    if value is None:
        return 0
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    if not text:
        return 0
    return float(text) if _NUMBER.fullmatch(text) else None


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _member(value: object) -> object:
    return (value,) if isinstance(value, bool) else value  # 1 and true are one key of a set otherwise
