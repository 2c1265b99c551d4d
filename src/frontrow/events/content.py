"""When two events, or two JSON values, are the same."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Final

import msgspec

from frontrow.core.errors import InvalidRecord
from frontrow.events.event import FIELDS, Event

MAX_DEPTH: Final = 100
"""Levels of nesting that a record may have: far below where Python's own recursion ends, wherever it is read again."""

_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"
_fields = attrgetter(*sorted(FIELDS - {"received_at", "context"}))
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def same_content(one: Event, other: Event) -> bool:
    """Whether two events say the same, as parsed and `received_at` aside: 2 is 2.0, an empty context is none, and
    neither the order of keys nor the offset in which a time was written counts."""
    if _fields(one) != _fields(other):
        return False
    return one.context is other.context or same_json(_plain(one.context), _plain(other.context))


def same_json(one: Any, other: Any) -> bool:
    """JSON equality: numbers by value, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return bool(one == other)


def _plain(context: dict[str, Any] | None) -> Any:
    """The context as it will be read back from the log."""
    return _decode(_encode(context)) if context else {}


def check_storable(record: object) -> None:
    """InvalidRecord for what cannot be kept and read again: lone surrogates, values that JSON lacks, deep nesting."""
    try:
        text = _encode(record)
    except UnicodeEncodeError:
        raise InvalidRecord("holds text that is not valid UTF-8") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRecord(f"holds a value that JSON cannot carry: {error}") from None
    except RecursionError:
        raise InvalidRecord(_TOO_DEEP) from None
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_deeper(record, MAX_DEPTH):
        raise InvalidRecord(_TOO_DEEP)


def told_id(record: object, key: str) -> str | None:
    """The id that a refusal names: as it was sent, None where there is none that can be written."""
    given = record.get(key) if isinstance(record, dict) else None
    return given if isinstance(given, str) and given.encode(errors="ignore").decode() == given else None


def _is_deeper(value: object, levels: int) -> bool:
    layer: list[object] = [value]
    for _ in range(levels + 1):
        if not layer:
            return False
        layer = [below for each in layer if isinstance(each, (dict, list)) for below in _members(each)]
    return bool(layer)


def _members(value: dict[object, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
