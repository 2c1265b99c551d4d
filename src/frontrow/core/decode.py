"""From untrusted JSON values to typed records, with errors that say where."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec

from frontrow.core.errors import InvalidRecord
from frontrow.core.expected import ANY, choices_at, fields_at, form_at, listed
from frontrow.core.names import nearest

T = TypeVar("T")

# In Python `$` also stands before a last line feed; what follows it says no, in the regular expressions of OpenAPI too.

Country = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166-1 alpha-2, in capitals", examples=["SE"])
]
_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$(?!\n)"
Language = Annotated[
    str, msgspec.Meta(pattern=_LANGUAGE, max_length=35, description="BCP 47", examples=["sv", "en-GB"])
]
Maturity = Annotated[int, msgspec.Meta(ge=0, le=21, description="minimum age, 0 to 21")]
Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]

CHOICES = "it is one of"
"""How an error lists what a value may be."""
_WHERE = re.compile(r" - at (`key` in )?`\$(.*)`$", re.S)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def invalid(error: msgspec.ValidationError, kind: Any) -> InvalidRecord:
    """msgspec's error on a value of this type as ours: where, what is wrong, and what is expected there; its path as a
    JSON pointer too (`$.windows[0].from` → `/windows/0/from`)."""
    text = str(error)
    where = _WHERE.search(text)
    message = text[: where.start()] if where else text
    steps = [name or index for name, index in _STEP.findall(where[2])] if where else []
    pointer, place = "".join("/" + _escaped(step) for step in steps), _place(steps)
    if missing := re.search(r"missing required field `(.*)`", message, re.S):
        return InvalidRecord(f"{place}{missing[1]} is required", f"{pointer}/{_escaped(missing[1])}")
    if surplus := re.search(r"unknown field `(.*)`", message, re.S):
        name = surplus[1][:80]
        meant = nearest(name, fields_at(kind, steps))
        mend = f"; did you mean {meant}?" if meant else ""
        return InvalidRecord(f"{place}{name} is not a known field{mend}", f"{pointer}/{_escaped(name)}")
    message = message.replace("`", "")
    if given := re.match(r"Invalid enum value '(.*)'$", message, re.S):
        choices = choices_at(kind, steps, key=bool(where and where[1]))
        message = f"invalid enum value '{given[1][:80]}'" + (f": {CHOICES} {listed(choices)}" if choices else "")
    elif "matching regex" in message and (form := form_at(kind, steps)):
        message = f"is not {form}"
    if not where:
        return InvalidRecord(message, "")
    return InvalidRecord(f"{place}{message[:1].lower()}{message[1:]}", pointer)


def _place(steps: Sequence[str]) -> str:
    """`windows[0].from: `; what is wrong with a value of an object of any names is said of the object."""
    named = [f"[{step}]" if step.isdecimal() else f".{step}" for step in steps if step != ANY]
    return "".join(named).removeprefix(".") + ": " if named else ""


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def convert(raw: object, kind: type[T], *, strict: bool = True) -> T:
    """`raw` as `kind`, or InvalidRecord with a pointer."""
    try:
        return msgspec.convert(raw, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise invalid(error, kind) from None


def decode(body: bytes, kind: type[T]) -> T:
    """A JSON body as `kind`; InvalidRecord where it is not JSON, not UTF-8, nested too deep or of another shape."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise invalid(error, kind) from None
    except msgspec.DecodeError as error:
        raise InvalidRecord(f"the body is not JSON ({error})") from None
    except (RecursionError, UnicodeDecodeError):
        raise InvalidRecord("the body is nested too deeply or not UTF-8") from None


def decode_batch(body: bytes, kind: type[T]) -> T:
    """`decode` of many records that are each to be refused by themselves: what JSON's grammar has, and text or numbers
    lack (half of a surrogate pair, 1e999), stays in the record that holds it, which cannot be kept (`check_storable`).
    """
    try:
        return decode(body, kind)
    except InvalidRecord as error:
        try:
            raw = json.loads(body.decode(), parse_float=_number, parse_constant=_no_json)
        except (ValueError, RecursionError):
            raise error from None
    return convert(raw, kind)


class _TooLarge:
    """Stands for a number that no float holds."""


def _number(text: str) -> float | _TooLarge:
    number = float(text)
    return number if math.isfinite(number) else _TooLarge()


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def gather_unknown(raw: object, known: frozenset[str], into: str) -> tuple[dict[str, Any], list[str]]:
    """A copy of `raw` with its unknown fields moved into the object `into`, and their names; nulls are left out.

    What `into` already says wins over a stray field of that name.
    """
    if not isinstance(raw, dict):
        raise InvalidRecord("must be a JSON object")
    unknown = [name for name in raw if name not in known]
    clean = {name: value for name, value in raw.items() if value is not None and name in known}
    if unknown:
        given = clean.get(into)
        if given is not None and not isinstance(given, dict):
            raise InvalidRecord(f"{into} must be an object", f"/{into}")
        clean[into] = {name: raw[name] for name in unknown} | (given or {})
    return clean, unknown


def merge_patch(record: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396: objects merge, null removes, anything else replaces."""
    merged = dict(record)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            below = merged.get(name)
            merged[name] = merge_patch(below if isinstance(below, dict) else {}, value)
        else:
            merged[name] = value
    return merged
