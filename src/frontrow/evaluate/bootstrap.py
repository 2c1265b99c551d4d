"""Intervals by resampling viewers, the same viewers for every system, so that differences are paired."""

from __future__ import annotations

from collections.abc import Iterator
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


def draws(viewers: int, seed: int, resamples: int = RESAMPLES) -> Iterator[NDArray[np.int64]]:
    """int64[some, viewers], `resamples` rows in all: how often each viewer was drawn, with replacement (Efron 1979)."""
    random = stream(seed, "bootstrap", viewers)
    even = np.full(viewers, 1 / max(viewers, 1))
    for first in range(0, resamples if viewers else 0, _AT_ONCE):
        yield random.multinomial(viewers, even, size=min(_AT_ONCE, resamples - first))


def resampled_means(values: NDArray[np.float64], seed: int, resamples: int = RESAMPLES) -> NDArray[np.float64]:
    """float64[resamples, columns]: means of `values` (float64[viewers, columns]) over viewers drawn with replacement.
    A row is the same draw of viewers for all columns."""
    if not len(values):
        return np.zeros((resamples, values.shape[1]))
    return np.concatenate([drawn @ values for drawn in draws(len(values), seed, resamples)]) / len(values)


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
