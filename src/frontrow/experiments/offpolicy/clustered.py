"""Standard error of a mean of rows that come in clusters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from frontrow.experiments.offpolicy.log import F64


def clustered_error(rows: F64, clusters: NDArray[np.int64] | None) -> float:
    """Of the mean of float64[n] rows; rows of one cluster may depend on each other. inf for fewer than two clusters."""
    centred = rows - rows.mean()
    if clusters is not None:
        _, code = np.unique(clusters, return_inverse=True)
        centred = np.bincount(code, weights=centred)
    groups = len(centred)
    if groups < 2:
        return math.inf
    return math.sqrt(float((centred**2).sum()) * groups / (groups - 1)) / len(rows)
