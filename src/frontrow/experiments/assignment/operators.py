"""The operators of conditions that look at one value: (value, operand, saved groups) → whether it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from frontrow.experiments.assignment.values import Groups, compare, in_group, is_number, json_equal, text_of
from frontrow.experiments.assignment.versions import version_key

Operator = Callable[[Any, Any, Groups], bool]

KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
"""Names of JSON kinds, as `$type` takes them."""


@lru_cache(maxsize=1024)
def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    """The regular expression, or None where it is none."""
    try:
        return re.compile(pattern, re.I if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def _found(value: Any, pattern: Any, ignore_case: bool) -> bool:
    text = value if isinstance(value, str) else (text_of(value) or "0") if is_number(value) else None
    if text is None or not isinstance(pattern, str):
        return False
    expression = compiled(pattern, ignore_case)
    return expression is not None and expression.search(text) is not None


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _among(value: Any, operand: list[Any], ignore_case: bool) -> bool:
    if isinstance(value, str) and not ignore_case:
        return value in operand  # text equals nothing but text, so kinds need no care
    if ignore_case:
        operand = [_folded(each) for each in operand]
        value = [_folded(each) for each in value] if isinstance(value, list) else _folded(value)
    if isinstance(value, list):
        return any(json_equal(each, wanted) for each in value for wanted in operand)
    return any(json_equal(value, wanted) for wanted in operand)


def _listed(wanted: bool, ignore_case: bool) -> Operator:
    def holds(value: Any, operand: Any, _: Groups) -> bool:
        return isinstance(operand, list) and _among(value, operand, ignore_case) is wanted

    return holds


def _ordered(*wanted: int) -> Operator:
    def holds(value: Any, operand: Any, _: Groups) -> bool:
        return compare(value, operand) in wanted

    return holds


def _versioned(*wanted: int) -> Operator:
    def holds(value: Any, operand: Any, _: Groups) -> bool:
        left, right = version_key(value), version_key(operand)
        return ((left > right) - (left < right)) in wanted

    return holds


def _grouped(wanted: bool) -> Operator:
    def holds(value: Any, operand: Any, groups: Groups) -> bool:
        members = groups.get(operand, frozenset()) if isinstance(operand, str) else frozenset()
        return in_group(value, members) is wanted

    return holds


def _all_ignoring_case(value: Any, operand: Any, _: Groups) -> bool:
    if not (isinstance(value, list) and isinstance(operand, list)):
        return False
    items = [_folded(each) for each in value]
    return all(any(json_equal(_folded(wanted), item) for item in items) for wanted in operand)


OPERATORS: Final[dict[str, Operator]] = {
    "$eq": lambda value, operand, _: json_equal(value, operand),
    "$ne": lambda value, operand, _: not json_equal(value, operand),
    "$lt": _ordered(-1),
    "$lte": _ordered(-1, 0),
    "$gt": _ordered(1),
    "$gte": _ordered(0, 1),
    "$in": _listed(True, False),
    "$nin": _listed(False, False),
    "$ini": _listed(True, True),
    "$nini": _listed(False, True),
    "$alli": _all_ignoring_case,
    "$exists": lambda value, operand, _: (value is not None) is bool(operand),
    "$regex": lambda value, operand, _: _found(value, operand, False),
    "$regexi": lambda value, operand, _: _found(value, operand, True),
    "$veq": _versioned(0),
    "$vne": _versioned(-1, 1),
    "$vgt": _versioned(1),
    "$vgte": _versioned(0, 1),
    "$vlt": _versioned(-1),
    "$vlte": _versioned(-1, 0),
    "$inGroup": _grouped(True),
    "$notInGroup": _grouped(False),
}
