"""Intervals by resampling viewers, the same viewers for every system, so that differences are paired."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream

RESAMPLES = 2_000
_AT_ONCE = 100


class Interval(NamedTuple):
    """A mean over viewers with its 95 % interval (percentiles of the resampled means)."""

    value: float
    low: float
    high: float


def resampled_means(values: NDArray[np.float64], seed: int, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """float64[resamples, columns]: means of `values` (float64[viewers, columns]) over viewers drawn with replacement
    (Efron 1979). A row is the same draw of viewers for all columns."""
    viewers = len(values)
    if not viewers:
        return np.zeros((resamples, values.shape[1]))
    random = stream(seed, "bootstrap", viewers)
    means = np.empty((resamples, values.shape[1]))
    even = np.full(viewers, 1 / viewers)
    for first in range(0, resamples, _AT_ONCE):
        count = min(_AT_ONCE, resamples - first)
        means[first : first + count] = random.multinomial(viewers, even, size=count) @ values / viewers
    return means


def interval(values: NDArray[np.float64], means: NDArray[np.float64]) -> Interval:
    """Of one column: its values by viewer and its resampled means."""
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def paired_difference(first: NDArray[np.float64], second: NDArray[np.float64], seed: int) -> Interval:
    """Mean of `first - second` over viewers, both float64[viewers], with its interval."""
    difference = (first - second)[:, None]
    return interval(difference[:, 0], resampled_means(difference, seed)[:, 0])
