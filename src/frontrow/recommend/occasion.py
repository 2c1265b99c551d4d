"""A moment in words: "an evening on TV". Only of what is known of it, and only of what counted.

Fields of the context have a service's own code words, which are not for viewers: only `when_said`, for staff, has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from frontrow.events.event import DEVICES
from frontrow.features.moments import AXES, HOURS, Moment

PARTS: Final = ((5, "morning"), (11, "midday"), (14, "afternoon"), (18, "evening"), (22, "night"))
"""Local hours from which a part of the day is called so; before the first it is still night."""
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DEVICES: Final = {
    "tv": "on TV", "phone": "on the phone", "tablet": "on the tablet", "web": "on the computer",
    "console": "on the console", "other": "on this device",
}  # fmt: skip
LEAST_SHARE: Final = 0.25
"""An axis is named if it gave at least this share of the whole."""


def named_axes(given: Sequence[float], axes: Iterable[str] = AXES) -> list[str]:
    """Which of `axes` gave enough of a sum to be named for it, in the direction of the sum."""
    total = sum(given)
    return [axis for axis, part in zip(axes, given, strict=True) if total and part / total >= LEAST_SHARE]


def occasion(moment: Moment, axes: Sequence[str]) -> str:
    """For a title: "an evening on TV", "Saturdays", "the phone"; empty where nothing is to be named."""
    day, part, device = _words(moment, axes)
    when = f"a {day} {part}" if day and part else (day and f"a {day}") or (part and _a(part))
    return " ".join(each for each in (when, device if when else device.removeprefix("on ")) if each)


def when(moment: Moment, axes: Sequence[str]) -> str:
    """For a reason: "on TV in the evening", "on Saturdays"; empty where nothing is to be named."""
    day, part, device = _words(moment, axes)
    at = f"on {day} {part}s" if day and part else (day and f"on {day}s") or (part and _in_the(part))
    return " ".join(each for each in (device, at) if each)


def when_said(moment: Moment, axes: Sequence[str]) -> str:
    """`when`, and which fields of the context said what: "on TV with mood kids"."""
    told = [f"with {name} {value}" for name, value in moment.said if f"context.{name}" in axes]
    return " ".join(each for each in (when(moment, axes), *told) if each)


def _words(moment: Moment, axes: Sequence[str]) -> tuple[str, str, str]:
    """Weekday, part of the day, device: those that are known and to be named."""
    day = _WEEKDAYS[moment.hour // HOURS] if moment.hour >= 0 and "weekday" in axes else ""
    part = _part(moment.hour % HOURS) if moment.hour >= 0 and "hour" in axes else ""
    device = _DEVICES[DEVICES[moment.device]] if moment.device >= 0 and "device" in axes else ""
    return day, part, device


def _part(hour: int) -> str:
    return next((name for start, name in reversed(PARTS) if hour >= start), PARTS[-1][1])


def _a(part: str) -> str:
    return {"midday": "midday", "afternoon": "an afternoon", "evening": "an evening"}.get(part, f"a {part}")


def _in_the(part: str) -> str:
    return {"midday": "at midday", "night": "at night"}.get(part, f"in the {part}")
