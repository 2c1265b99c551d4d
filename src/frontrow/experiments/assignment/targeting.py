"""Audiences: what of a profile can be targeted, and the check of a condition before it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from frontrow.core.errors import InvalidRecord
from frontrow.experiments.assignment.conditions import COMBINING, NESTED, is_operators
from frontrow.experiments.assignment.operators import KINDS, OPERATORS, compiled
from frontrow.experiments.assignment.values import nests_deeper
from frontrow.people.profile import Profile

DEEPEST: Final = 16
"""Levels that a condition may nest."""

_LISTS: Final = {"$in", "$nin", "$ini", "$nini", "$all", "$alli"}
_TEXTS: Final = {"$veq", "$vne", "$vgt", "$vgte", "$vlt", "$vlte", "$inGroup", "$notInGroup", "$regex", "$regexi"}


def attributes_of(profile: Profile, context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What conditions see of a profile: its fields by name, its own attributes as `attributes.NAME`, then `context`.

    `context` (device, country and the like) cannot replace what the profile says, and stands for what it does not say:
    nobody stored (a stored profile has `created_at`) says nothing of kids. Consent is no attribute: it is not targeted.
    """
    said = context or {}
    fields = {
        "profile_id": profile.profile_id,
        "account_id": profile.account_id,
        "country": profile.country,
        "language": profile.language,
        "timezone": profile.timezone,
        "plan": profile.plan,
        "maturity_limit": profile.limit,
        "kids": profile.kids if profile.created_at is not None else said.get("kids", profile.kids),
        "created_at": profile.created_at,
    }
    own = said.get("attributes")
    attributes = {**own, **profile.attributes} if isinstance(own, Mapping) else profile.attributes
    stated = {name: value for name, value in fields.items() if value is not None}
    return {**said, **stated, "attributes": attributes}


def check_condition(condition: object, pointer: str = "", depth: int = 0) -> None:
    """InvalidRecord where a condition has an unknown operator, an operand of the wrong kind, or nests too deeply.

    Evaluation would take each of these as false, and an experiment without units is found late.
    """
    if depth > DEEPEST:
        raise InvalidRecord(f"a condition may nest {DEEPEST} levels", pointer)
    if not depth and nests_deeper(condition, 4 * DEEPEST):
        raise InvalidRecord("a condition nests too deeply", pointer)
    if not isinstance(condition, dict):
        raise InvalidRecord("a condition must be an object", pointer)
    for name, wanted in condition.items():
        here = _below(pointer, name)
        if name == "$not":
            check_condition(wanted, here, depth + 1)
        elif name in COMBINING:
            for number, each in enumerate(_list(name, wanted, here)):
                check_condition(each, f"{here}/{number}", depth + 1)
        elif name in OPERATORS or name in NESTED:
            raise InvalidRecord(f"{name} belongs under an attribute", here)
        else:
            _check_wanted(wanted, here, depth + 1)


def _check_wanted(wanted: object, pointer: str, depth: int) -> None:
    if depth > DEEPEST:
        raise InvalidRecord(f"a condition may nest {DEEPEST} levels", pointer)
    if not isinstance(wanted, dict):
        return
    if not is_operators(wanted):
        if any(str(name).startswith("$") for name in wanted):
            raise InvalidRecord("operators and fields cannot be mixed", pointer)
        return
    for name, operand in wanted.items():
        _check_operand(str(name), operand, _below(pointer, str(name)), depth)


def _check_operand(name: str, operand: object, pointer: str, depth: int) -> None:
    if name not in OPERATORS and name not in NESTED:
        raise InvalidRecord(f"{name} is not an operator", pointer)
    if name in _LISTS:
        items = _list(name, operand, pointer)
        for number, each in enumerate(items if name == "$all" else ()):
            _check_wanted(each, f"{pointer}/{number}", depth + 1)
    elif name in _TEXTS and not isinstance(operand, str):
        raise InvalidRecord(f"{name} takes text", pointer)
    elif name in {"$regex", "$regexi"} and compiled(str(operand), name == "$regexi") is None:
        raise InvalidRecord(f"{name}: not a regular expression", pointer)
    elif name == "$type" and operand not in KINDS.values():
        raise InvalidRecord(f"$type is one of {', '.join(dict.fromkeys(KINDS.values()))}", pointer)
    elif name == "$exists" and not isinstance(operand, bool):
        raise InvalidRecord("$exists takes true or false", pointer)
    elif name in {"$size", "$not"} or (name == "$elemMatch" and is_operators(operand)):
        _check_wanted(operand, pointer, depth + 1)
    elif name == "$elemMatch" and isinstance(operand, dict):
        check_condition(operand, pointer, depth + 1)


def _list(name: str, value: object, pointer: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidRecord(f"{name} takes a list", pointer)
    return value


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
