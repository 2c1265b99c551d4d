"""When and where somebody watches: shares of playbacks by hour, weekday and device, fading. The one definition."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.features.batch import decay
from frontrow.features.moments import AXES, CELLS, cells_of

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
    cells = cells_of(hour, device)
    age = (int(at.max(initial=0)) if len(at) else 0) - at
    weight = decay(age, HABIT_HALF_LIFE)
    table = np.bincount(cells.ravel(), np.repeat(weight, cells.shape[1]), CELLS + 1)[:CELLS].astype(np.float64)
    known = (cells < CELLS).sum(axis=0)
    for axis in AXES.values():
        table[axis] /= max(float(table[axis].sum()), 1e-300)
    return table, known
