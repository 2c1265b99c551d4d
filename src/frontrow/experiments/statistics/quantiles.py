"""Quantiles over units, with their variance.

The interval of order statistics at q ± z·s, s the standard error of the share below the quantile, divided by 2z
(Woodruff 1952, Confidence intervals for medians and other position measures). No density is estimated.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from frontrow.experiments.statistics.estimate import Estimate
from frontrow.experiments.statistics.moments import F64

_Z = float(norm.ppf(0.975))


def quantile_estimate(values: F64, share: float) -> Estimate | None:
    """The quantile at `share` of float64[n] values, one a unit; None where n is too small for an interval.

    Too small: the order statistics at q ± 1.96·s would fall outside the sample.
    """
    if len(values) < 2:
        return None
    return _woodruff(values, share, math.sqrt(share * (1 - share) / len(values)), len(values))


def _woodruff(values: F64, share: float, error: float, units: int) -> Estimate | None:
    low, high = share - _Z * error, share + _Z * error
    if low <= 0 or high >= 1:
        return None
    lower, middle, upper = np.quantile(values, [low, share, high])
    return Estimate(float(middle), float(((upper - lower) / (2 * _Z)) ** 2), units, math.inf)
