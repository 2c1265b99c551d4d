"""When and where somebody watches: shares of playbacks by hour, weekday and device, fading. The one definition."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.events.event import DEVICES
from frontrow.features.batch import decay
from frontrow.features.moments import HOURS, WEEK_HOURS, WEEKDAYS

HABIT_HALF_LIFE: Final = 30 * DAY


def shares_of(
    case: NDArray[np.int64], place: NDArray[np.int64], weight: NDArray[np.float64], cases: int, size: int
) -> NDArray[np.float64]:
    """float64[cases, size]: each place's share of the case's weight; 0 where nothing is known."""
    table = np.bincount(case * size + place, weight, cases * size).reshape(cases, size)
    total = np.bincount(case, weight, cases)
    return table / np.where(total > 0, total, 1.0)[:, None]


def habit_of(
    hour: NDArray[np.int16], device: NDArray[np.int8], at: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Of one viewer's playbacks (see `Interactions`): float64[CELLS], the shares of each axis, and int64[axes], of how
    many playbacks each is known."""
    weight = decay((int(at.max()) if len(at) else 0) - at, HABIT_HALF_LIFE)
    by_hour = np.bincount(hour + 1, weight, WEEK_HOURS + 1)[1:].reshape(WEEKDAYS, HOURS)  # the first: not known
    by_device = np.bincount(device + 1, weight, len(DEVICES) + 1)[1:]
    hours, devices = max(float(by_hour.sum()), 1e-300), max(float(by_device.sum()), 1e-300)
    table = np.concatenate([by_hour.sum(axis=0) / hours, by_hour.sum(axis=1) / hours, by_device / devices])
    clocked = np.count_nonzero(hour >= 0)
    return table, np.array([clocked, clocked, np.count_nonzero(device >= 0)])
