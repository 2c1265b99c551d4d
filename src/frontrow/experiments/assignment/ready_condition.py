"""A condition made ready: what `matches` works out of it for each viewer, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frontrow.experiments.assignment.conditions import COMBINING, matches, value_matches
from frontrow.experiments.assignment.conditions import is_operators as _is_operators
from frontrow.experiments.assignment.operators import OPERATORS
from frontrow.experiments.assignment.values import Groups, field, json_equal

Check = Callable[[dict[str, Any]], bool]


def ready_condition(condition: dict[str, Any], groups: Groups) -> Check:
    """A function that says of attributes what `matches(condition, attributes, groups)` says, in half of its time."""
    checks = tuple(_entry(name, wanted, groups) for name, wanted in condition.items())
    if len(checks) == 1:
        return checks[0]

    def all_hold(attributes: dict[str, Any]) -> bool:
        for check in checks:  # noqa: SIM110 - a generator costs as much as the checks
            if not check(attributes):
                return False
        return True

    return all_hold


def _entry(name: str, wanted: Any, groups: Groups) -> Check:
    if name in COMBINING:
        single = {name: wanted}
        return lambda attributes: matches(single, attributes, groups)
    holds = _value(wanted, groups)
    if "." not in name:
        return lambda attributes: holds(attributes.get(name))
    first, _, second = name.partition(".")
    if "." in second:
        return lambda attributes: holds(field(attributes, name))

    def below(attributes: dict[str, Any]) -> bool:
        inner = attributes.get(first)
        return holds(inner.get(second) if isinstance(inner, dict) else None)

    return below


def _value(wanted: Any, groups: Groups) -> Callable[[Any], bool]:
    if not _is_operators(wanted):
        return lambda value: json_equal(wanted, value)
    if len(wanted) == 1:
        ((name, operand),) = wanted.items()
        if (simple := OPERATORS.get(name)) is not None:
            return lambda value: simple(value, operand, groups)
    return lambda value: value_matches(wanted, value, groups)
