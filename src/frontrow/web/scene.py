"""The scene that a visitor of the page sets: on which device, at what time of day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontrow.core.clock import SECOND, Micros

DEVICES: Final = {"tv": "TV", "web": "Laptop", "tablet": "Tablet", "phone": "Phone", "console": "Console"}
TIMES: Final = {
    "now": "Now",
    "morning": "Morning, 7:30",
    "noon": "Noon, 12:30",
    "evening": "Evening, 20:00",
    "night": "Night, 23:30",
    "saturday": "Saturday, 20:00",
}
_CLOCK: Final = {"morning": (7, 30), "noon": (12, 30), "evening": (20, 0), "night": (23, 30), "saturday": (20, 0)}
_SATURDAY: Final = 5


def moment(when: str, now: Micros, timezone: str | None) -> str | None:
    """The next such moment on the viewer's clock, RFC 3339; None for now. Never a past one: a page for the past would
    not show what was done since."""
    if when not in _CLOCK:
        return None
    zone = _zone(timezone)
    here = datetime.fromtimestamp(now / SECOND, UTC).astimezone(zone)
    hour, minute = _CLOCK[when]
    chosen = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    days = (_SATURDAY - here.weekday()) % 7 if when == "saturday" else 0
    chosen += timedelta(days=days)
    if chosen <= here:
        chosen += timedelta(days=7 if when == "saturday" else 1)
    return chosen.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local_time(at: Micros, timezone: str | None) -> str:
    """A moment on the viewer's clock, as `Sat 20:00`."""
    here = datetime.fromtimestamp(at / SECOND, UTC).astimezone(_zone(timezone))
    return here.strftime("%a %H:%M")


def offset_minutes(now: Micros, timezone: str | None) -> int:
    """How far the viewer's clock is ahead of UTC, minutes."""
    offset = datetime.fromtimestamp(now / SECOND, UTC).astimezone(_zone(timezone)).utcoffset()
    return int((offset or timedelta()).total_seconds() // 60)


def _zone(timezone: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
