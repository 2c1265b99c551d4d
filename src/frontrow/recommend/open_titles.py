"""Reading the gate's mask for numbers that may lie beyond it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def are_open(numbers: NDArray[np.integer[Any]], open_titles: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which title numbers a mask leaves open; a number that it does not reach to is not."""
    known = (numbers >= 0) & (numbers < len(open_titles))
    return known & open_titles.take(numbers, mode="clip") if len(open_titles) else known
