"""One arm's mean, proportion or ratio with its variance, adjusted by what was known before the experiment (CUPED).

Deng, Xu, Kohavi & Walker 2013, Improving the sensitivity of online controlled experiments by utilizing
pre-experiment data. Ratios: the delta method, Deng, Knoblich & Lu 2018, Applying the delta method in metric analytics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from frontrow.experiments.statistics.metric import Kind
from frontrow.experiments.statistics.moments import F64, Moments


@dataclass(frozen=True)
class Estimate:
    """`value` with `variance`, the squared standard error, from `units`; `degrees` of freedom (inf: normal)."""

    value: float
    variance: float
    units: int
    degrees: float


@dataclass(frozen=True)
class Adjustment:
    """value - theta · (covariates - centre); theta and centre, float64[covariates], come from all arms together."""

    theta: F64
    centre: F64


def outcomes(kind: Kind) -> int:
    """How many of the first columns are the outcome; the others are covariates."""
    return 2 if kind == "ratio" else 1


def adjustment(pooled: Moments, kind: Kind) -> Adjustment:
    """The coefficients of least variance; one theta for all arms keeps the difference unbiased.

    A covariate without variance, or one that repeats another, gets no weight (least squares of minimal norm).
    """
    first = outcomes(kind)
    covariance = pooled.covariance()
    inner, cross = covariance[first:, first:], covariance[first:, :first] @ _gradient(pooled, kind)
    scale = np.sqrt(np.diag(inner))
    scale[scale == 0] = 1.0
    scaled = inner / np.outer(scale, scale)
    theta = np.linalg.lstsq(scaled, cross / scale, rcond=1e-10)[0] / scale
    return Adjustment(theta, pooled.mean[first:])


def estimate(moments: Moments, kind: Kind, adjusted: Adjustment | None = None) -> Estimate | None:
    """Of one arm; None where there are fewer than two units or a ratio's denominator sums to zero."""
    first = outcomes(kind)
    if moments.count < 2 or (kind == "ratio" and moments.mean[1] == 0):
        return None
    value = float(moments.mean[0] / moments.mean[1]) if kind == "ratio" else float(moments.mean[0])
    weights = np.zeros(len(moments.mean))
    weights[:first] = _gradient(moments, kind)
    if adjusted is not None:
        weights[first:] = -adjusted.theta
        value -= float(adjusted.theta @ (moments.mean[first:] - adjusted.centre))
    variance = float(weights @ moments.covariance() @ weights) / moments.count
    if kind == "proportion":
        # p(1 - p)/n, as textbooks and statsmodels have it, is n - 1 over n of the sample variance
        variance *= (moments.count - 1) / moments.count
    degrees = math.inf if kind == "proportion" else float(moments.count - 1)
    return Estimate(value, max(variance, 0.0), moments.count, degrees)


def _gradient(moments: Moments, kind: Kind) -> F64:
    """How the value moves with the outcome's means."""
    if kind != "ratio":
        return np.ones(1)
    above, below = moments.mean[0], moments.mean[1]
    return np.zeros(2) if below == 0 else np.array([1 / below, -above / below**2])
