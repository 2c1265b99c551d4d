"""What a moment is: the local hour and weekday, the device, and what else is said of it (`context.NAME`).

One definition for habits, models and pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple
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


Said = tuple[tuple[str, str], ...]
"""What is said of a moment beside: (name, value) of fields of `context`, by name (features/said.py)."""


class Moment(NamedTuple):
    """`hour` is the local hour of the week (0: Monday 00:00 to 167), `device` a place in DEVICES; -1: not known. `said`
    is what else is said of it."""

    hour: int = UNKNOWN
    device: int = UNKNOWN
    said: Said = ()


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


class Field(NamedTuple):
    """A field of `context` that is learned from, and its values that are told apart."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Fields:
    """The fields of `context` that a model knows: each is an axis beside those of AXES, its cells after all before."""

    known: tuple[Field, ...] = ()

    def __len__(self) -> int:
        return len(self.known)

    @cached_property
    def axes(self) -> dict[str, slice]:
        """AXES, and an axis `context.NAME` for each field."""
        axes, end = dict(AXES), CELLS
        for field in self.known:
            axes[f"context.{field.name}"] = slice(end, end + len(field.values))
            end += len(field.values)
        return axes

    @cached_property
    def cells(self) -> int:
        """How many cells there are; the number of what is not known."""
        return CELLS + sum(len(field.values) for field in self.known)

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {field.name: {value: place for place, value in enumerate(field.values)} for field in self.known}

    def places(self, said: Said) -> list[int]:
        """The place of what is said of each field among its values; -1 where nothing known is said."""
        told = dict(said)
        return [self._places[field.name].get(told.get(field.name, ""), UNKNOWN) for field in self.known]

    def moved(self, said: NDArray[np.int8], other: Fields) -> NDArray[np.int8]:
        """int8[n, fields of `other`]: places of values in `other`, of those in these fields."""
        if other == self:
            return said
        moved = np.full((len(said), len(other)), UNKNOWN, np.int8)
        names = [field.name for field in self.known]
        for column, field in enumerate(other.known):
            if field.name in names:
                own = names.index(field.name)
                place = [other.places(((field.name, value),))[column] for value in self.known[own].values]
                moved[:, column] = np.array([*place, UNKNOWN], np.int8)[said[:, own]]  # the last is read for -1
        return moved


NO_FIELDS: Final = Fields()


def fields_from(stated: Sequence[Any]) -> Fields:
    """Fields as JSON has what they know."""
    return Fields(tuple(Field(str(name), tuple(map(str, values))) for name, values in stated))


def cells_of_one(moment: Moment, fields: Fields = NO_FIELDS) -> tuple[int | None, ...]:
    """The cell of each axis of `fields`; None where it is not known."""
    hour, device, said = moment
    clock = (None, None) if hour < 0 else (hour % HOURS, HOURS + hour // HOURS)
    place = None if device < 0 else HOURS + WEEKDAYS + device
    first = [axis.start for axis in fields.axes.values()][len(AXES) :]
    beside = (None if own < 0 else start + own for start, own in zip(first, fields.places(said), strict=True))
    return *clock, place, *beside


def cells_of(
    hour: NDArray[np.int16],
    device: NDArray[np.int8],
    said: NDArray[np.int8] | None = None,
    fields: Fields = NO_FIELDS,
) -> NDArray[np.int64]:
    """int64[n, axes of `fields`]: the cell of each axis; `fields.cells` where it is not known. `said` are places of the
    fields' values (`Fields.places`), int8[n, fields]; None: nothing is said."""
    known, named = hour >= 0, device >= 0
    cells = np.full((len(hour), len(fields.axes)), fields.cells, np.int64)
    cells[known, 0] = hour[known] % HOURS
    cells[known, 1] = HOURS + hour[known] // HOURS
    cells[named, 2] = HOURS + WEEKDAYS + device[named]
    if said is None:
        return cells
    for column, axis in enumerate(list(fields.axes.values())[len(AXES) :]):
        told = said[:, column] >= 0
        cells[told, len(AXES) + column] = axis.start + said[told, column].astype(np.int64)
    return cells
