"""Targeting: conditions in GrowthBook's query form, evaluated against attributes.

A condition is an object: attribute paths (dots step into objects) with a value or operators, and `$and`, `$or`, `$nor`,
`$not`. All its entries must hold. What is unknown does not hold: a wrong operator, a regular expression that does not
compile and an unknown group are false.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from frontrow.experiments.assignment.operators import KINDS, OPERATORS
from frontrow.experiments.assignment.values import Groups, field, json_equal

NO_GROUPS: Final[Groups] = {}


def matches(condition: object, attributes: object, groups: Groups = NO_GROUPS) -> bool:
    """Whether `attributes` fulfil `condition`; the empty condition always holds, one that is no object never."""
    if not isinstance(condition, dict):
        return False
    for name, wanted in condition.items():
        if combine := _COMBINED.get(name):
            if not combine(wanted, attributes, groups):
                return False
        elif not value_matches(wanted, field(attributes, name), groups):
            return False
    return True


def value_matches(wanted: Any, value: Any, groups: Groups = NO_GROUPS) -> bool:
    """Whether one value is what is `wanted`: an object of operators, or a value to equal."""
    if not is_operators(wanted):
        return json_equal(wanted, value)
    for name, operand in wanted.items():
        if simple := OPERATORS.get(name):
            if not simple(value, operand, groups):
                return False
        elif not ((nested := _NESTED.get(name)) and nested(operand, value, groups)):
            return False
    return True


def is_operators(wanted: object) -> bool:
    """Whether `wanted` is an object whose names all begin with $."""
    if not isinstance(wanted, dict) or not wanted:
        return False
    # texts that begin alike sort together: the ends speak for all, at a fifth of the cost of asking each
    return bool(min(wanted).startswith("$") and max(wanted).startswith("$"))


def _item_matches(wanted: Any, item: Any, groups: Groups) -> bool:
    if is_operators(wanted) or not isinstance(wanted, dict):
        return value_matches(wanted, item, groups)
    return matches(wanted, item, groups)


def _any_item(operand: Any, value: Any, groups: Groups) -> bool:
    return isinstance(value, list) and any(_item_matches(operand, item, groups) for item in value)


def _every_operand(operand: Any, value: Any, groups: Groups) -> bool:
    if not (isinstance(value, list) and isinstance(operand, list)):
        return False
    return all(any(value_matches(wanted, item, groups) for item in value) for wanted in operand)


def _size(operand: Any, value: Any, groups: Groups) -> bool:
    return isinstance(value, list) and value_matches(operand, len(value), groups)


def _not(operand: Any, value: Any, groups: Groups) -> bool:
    return not value_matches(operand, value, groups)


def _type(operand: Any, value: Any, _: Groups) -> bool:
    return isinstance(operand, str) and KINDS.get(type(value)) == operand


def _all_of(conditions: Any, attributes: object, groups: Groups) -> bool:
    return isinstance(conditions, list) and all(matches(each, attributes, groups) for each in conditions)


def _any_of(conditions: Any, attributes: object, groups: Groups) -> bool:
    if not isinstance(conditions, list):
        return False
    return not conditions or any(matches(each, attributes, groups) for each in conditions)


def _none_of(conditions: Any, attributes: object, groups: Groups) -> bool:
    return isinstance(conditions, list) and not any(matches(each, attributes, groups) for each in conditions)


def _complement(condition: Any, attributes: object, groups: Groups) -> bool:
    return isinstance(condition, dict) and not matches(condition, attributes, groups)


_COMBINED: Final[dict[str, Callable[[Any, object, Groups], bool]]] = {
    "$and": _all_of,
    "$or": _any_of,
    "$nor": _none_of,
    "$not": _complement,
}
COMBINING: Final = frozenset(_COMBINED)

_NESTED: Final[dict[str, Callable[[Any, Any, Groups], bool]]] = {
    "$elemMatch": _any_item,
    "$all": _every_operand,
    "$size": _size,
    "$not": _not,
    "$type": _type,
}
NESTED: Final = frozenset(_NESTED)
