"""What models learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions


@dataclass(frozen=True)
class TrainingData:
    """Interactions and what is known of the titles, all arrays by title number.

    `content` is float32[n_titles, 128], each row of length 1 or 0; `rankable` says which titles may be in rows (not
    episodes, existing); `added_at` microseconds UTC (0: unknown); `until`: the moment before which all events lie.
    """

    interactions: Interactions
    n_titles: int
    content: NDArray[np.float32]
    rankable: NDArray[np.bool_]
    added_at: NDArray[np.int64]
    until: int
