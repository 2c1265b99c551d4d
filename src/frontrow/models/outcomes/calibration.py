"""Calibration: a forecast of .3 is right in 30 of 100 cases. Fitted on viewers that the forecast did not learn from."""

from __future__ import annotations

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

BINS = 10
_PULL = 1.0

Line = tuple[float, float]
"""Slope and intercept, on log odds or on logs."""


def platt(logits: NDArray[np.float64], happened: NDArray[np.float64], prior: Line = (1.0, 0.0)) -> Line:
    """The line of log odds under which what happened is most likely (Platt 1999), drawn to the `prior` line as one case
    would draw."""

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        told = line[0] * logits + line[1]
        wrong = scipy.special.expit(told) - happened
        value = float((np.logaddexp(0, told) - happened * told).sum())
        return value, np.array([float((wrong * logits).sum()), float(wrong.sum())])

    return _drawn(loss, prior)


def log_line(logs: NDArray[np.float64], amount: NDArray[np.float64], prior: Line = (1.0, 0.0)) -> Line:
    """The line of logs whose exponential has the amounts as means (a Poisson likelihood, whose fit keeps their sum)."""

    def loss(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        told = np.exp(np.clip(line[0] * logs + line[1], -20, 20))
        value = float((told - amount * (line[0] * logs + line[1])).sum())
        return value, np.array([float(((told - amount) * logs).sum()), float((told - amount).sum())])

    return _drawn(loss, prior)


def _drawn(loss: object, prior: Line) -> Line:
    """The line of least loss, drawn to the prior; never one that turns the order round."""

    def penalised(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, slope = loss(line)  # type: ignore[operator]
        away = line - np.array(prior)
        return value + _PULL * float(away @ away), slope + 2 * _PULL * away

    found = scipy.optimize.minimize(
        penalised, np.array(prior), jac=True, method="L-BFGS-B", bounds=[(0.0, None), (None, None)]
    )
    return float(found.x[0]), float(found.x[1])


def calibration_error(
    forecast: NDArray[np.float64], came: NDArray[np.float64], weight: NDArray[np.float64] | None = None
) -> float:
    """How far forecasts are from what came, in its unit: the mean over BINS bins of equally many forecasts, in their
    order, of |mean forecast - mean of what came| (Naeini et al. 2015). `weight`: how often each case counts."""
    if not len(forecast):
        return 0.0
    weight = np.ones(len(forecast)) if weight is None else weight
    order = np.argsort(forecast, kind="stable")
    # A case is of one bin, whatever it weighs, so that resampling cases does not move the bins.
    number = np.arange(len(order)) * BINS // len(order)
    total = np.bincount(number, weight[order], BINS)
    gap = np.bincount(number, weight[order] * (forecast - came)[order], BINS)
    return float(np.abs(gap).sum() / max(float(total.sum()), 1e-12))
