"""Quantiles over units with a variance that holds for per-unit data, and for plays clustered in units.

The interval of order statistics at q ± z·s, s the standard error of the share below the quantile, divided by 2z
(Woodruff 1952, Confidence intervals for medians and other position measures). For clustered values s is the delta
method's for a ratio of sums (Deng, Knoblich & Lu 2018, section 4). No density is estimated.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from frontrow.experiments.statistics.estimate import Estimate
from frontrow.experiments.statistics.moments import F64, Moments

_Z = float(norm.ppf(0.975))


def quantile_estimate(values: F64, share: float) -> Estimate | None:
    """The quantile at `share` of float64[n] values, one a unit; None where n is too small for an interval.

    Too small: the order statistics at q ± 1.96·s would fall outside the sample.
    """
    if len(values) < 2:
        return None
    return _woodruff(values, share, math.sqrt(share * (1 - share) / len(values)), len(values))


def clustered_quantile_estimate(values: F64, units: NDArray[np.int64], share: float) -> Estimate | None:
    """The quantile over all values (plays, say), int64[n] `units` telling whose they are; None as above."""
    if len(values) < 2:
        return None
    level = float(np.quantile(values, share))
    _, code = np.unique(units, return_inverse=True)
    below = np.bincount(code, weights=(values <= level).astype(np.float64))
    sizes = np.bincount(code).astype(np.float64)
    if len(sizes) < 2:
        return None
    moments = Moments.of(np.stack([below, sizes], axis=1))
    mean, covariance = moments.mean, moments.covariance()
    gradient = np.array([1 / mean[1], -mean[0] / mean[1] ** 2])
    error = math.sqrt(max(float(gradient @ covariance @ gradient), 0.0) / len(sizes))
    return _woodruff(values, share, error, len(sizes))


def _woodruff(values: F64, share: float, error: float, units: int) -> Estimate | None:
    low, high = share - _Z * error, share + _Z * error
    if low <= 0 or high >= 1:
        return None
    lower, middle, upper = np.quantile(values, [low, share, high])
    return Estimate(float(middle), float(((upper - lower) / (2 * _Z)) ** 2), units, math.inf)
