"""Time: int microseconds since the Unix epoch, UTC, everywhere inside; RFC 3339 with an offset everywhere outside."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

from frontrow.core.errors import InvalidRecord

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def parse_time(text: object, pointer: str = "") -> Micros:
    """RFC 3339 with an offset, as microseconds UTC; InvalidRecord otherwise. Digits past the microsecond are cut."""
    if not isinstance(text, str) or not (match := _RFC3339.fullmatch(text)):
        told = f"{_named(pointer)} must be RFC 3339 with an offset, such as 2026-03-20T12:00:00Z"
        if isinstance(text, str) and _RFC3339.fullmatch(text.strip()[::-1].replace(" ", "+", 1)[::-1]):
            told += f", not {text[:40]} (in an address + is written %2B)"
        raise InvalidRecord(told, pointer)
    if (fraction := match[1]) and len(fraction) > 7:
        text = text.replace(fraction, fraction[:7])
    try:
        at = (datetime.fromisoformat(text.upper()) - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise InvalidRecord(f"{_named(pointer)} is not a time that exists: {text[:40]}", pointer) from None
    if not _FIRST <= at <= _LAST:  # an offset can carry a time over the edge of the years 1 to 9999
        raise InvalidRecord(f"{_named(pointer)} is outside the years 1 to 9999 in UTC: {text[:40]}", pointer)
    return Micros(at)


def _named(pointer: str) -> str:
    return pointer.rsplit("/", 1)[-1] or "time"


def format_time(at: int) -> str:
    """RFC 3339 in UTC with a trailing Z; microseconds only where there are any. What lies outside the years 1 to 9999,
    as half an hour after the last moment that there is, is told as their edge."""
    return (_EPOCH + timedelta(microseconds=min(max(at, _FIRST), _LAST))).isoformat().replace("+00:00", "Z")


class Clock(Protocol):
    """Where *now* comes from; an argument everywhere, never read from the operating system inside a room."""

    def __call__(self) -> Micros: ...


def wall_clock() -> Micros:
    """The machine's clock."""
    return Micros(time.time_ns() // 1000)
