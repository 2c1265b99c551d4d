"""What a moment is: the local hour and weekday, and the device. One definition for habits, models and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import HOUR, MINUTE, SECOND
from frontrow.events.event import DEVICES

UNKNOWN: Final = -1
HOURS, WEEKDAYS = 24, 7
WEEK_HOURS: Final = HOURS * WEEKDAYS
CELLS: Final = HOURS + WEEKDAYS + len(DEVICES)
"""Hours, weekdays and devices one after another: each moment has one cell of each axis that is known."""
AXES: Final = {
    "hour": slice(0, HOURS), "weekday": slice(HOURS, HOURS + WEEKDAYS), "device": slice(HOURS + WEEKDAYS, CELLS),
}  # fmt: skip
_MONDAY: Final = 3 * 24  # hours: the epoch began on a Thursday


class Moment(NamedTuple):
    """`hour` is the local hour of the week (0: Monday 00:00 to 167), `device` a place in DEVICES; -1: not known."""

    hour: int = UNKNOWN
    device: int = UNKNOWN


NO_MOMENT: Final = Moment()


def device_number(name: str) -> int:
    """A device's place in DEVICES; `other` for one that is not known."""
    return DEVICES.index(name if name in DEVICES else "other")


def hour_of_week(at: NDArray[np.int64], offset_minutes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Local hours of the week, from microseconds UTC and minutes east of UTC."""
    hours: NDArray[np.int64] = ((at + offset_minutes * MINUTE) // HOUR + _MONDAY) % WEEK_HOURS
    return hours


def local_hour(at: int, offset_minutes: int | None) -> int:
    """`hour_of_week` of one moment; UNKNOWN where the clock is not known."""
    if offset_minutes is None:
        return UNKNOWN
    return ((at + offset_minutes * MINUTE) // HOUR + _MONDAY) % WEEK_HOURS


def offset_of(timezone: str | None, at: int) -> int | None:
    """Minutes east of UTC on the clock of an IANA zone at a moment; None without a zone, or for one that is unknown."""
    return None if timezone is None else _offset(timezone, at // HOUR)


@lru_cache(65_536)
def _offset(timezone: str, hour: int) -> int | None:
    try:
        there = datetime.fromtimestamp(hour * HOUR / SECOND, UTC).astimezone(ZoneInfo(timezone))
        offset = there.utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
        return None
    return None if offset is None else int(offset.total_seconds() // 60)


def cells_of_one(moment: Moment) -> tuple[int | None, int | None, int | None]:
    """The cell of each axis; None where it is not known."""
    hour, device = moment
    clock = (None, None) if hour < 0 else (hour % HOURS, HOURS + hour // HOURS)
    return *clock, None if device < 0 else HOURS + WEEKDAYS + device


def cells_of(hour: NDArray[np.int16], device: NDArray[np.int8]) -> NDArray[np.int64]:
    """int64[n, 3]: the cell of each axis; CELLS where it is not known."""
    known, said = hour >= 0, device >= 0
    cells = np.full((len(hour), len(AXES)), CELLS, np.int64)
    cells[known, 0] = hour[known] % HOURS
    cells[known, 1] = HOURS + hour[known] // HOURS
    cells[said, 2] = HOURS + WEEKDAYS + device[said]
    return cells
