"""An estimate of a policy's value with its interval, or the reasons for giving none."""

from __future__ import annotations

import math

import msgspec
import numpy as np
from scipy.stats import t

from frontrow.experiments.offpolicy.clustered import clustered_error
from frontrow.experiments.offpolicy.log import F64, DecisionLog
from frontrow.experiments.offpolicy.overlap import Overlap


class PolicyValue(msgspec.Struct, frozen=True, kw_only=True):
    """Mean reward a decision under the target policy. value, low and high are None where overlap is too thin."""

    estimator: str
    assumes: str
    value: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    confidence: float
    overlap: Overlap

    @property
    def refused(self) -> bool:
        """Whether no estimate is given."""
        return self.value is None


def policy_value(
    log: DecisionLog, estimator: str, assumes: str, value: float, influence: F64, found: Overlap, alpha: float
) -> PolicyValue:
    """From the value and each decision's float64[n] influence on it, by the central limit theorem over clusters."""
    error = clustered_error(influence, log.clusters)
    groups = len(log) if log.clusters is None else len(np.unique(log.clusters))
    if found.refused or not math.isfinite(error):
        return PolicyValue(
            estimator=estimator,
            assumes=assumes,
            value=None,
            standard_error=None,
            low=None,
            high=None,
            confidence=1 - alpha,
            overlap=found if found.refused else msgspec.structs.replace(found, refused=["all decisions are of one"]),
        )
    half = float(t.isf(alpha / 2, groups - 1)) * error
    return PolicyValue(
        estimator=estimator,
        assumes=assumes,
        value=value,
        standard_error=error,
        low=value - half,
        high=value + half,
        confidence=1 - alpha,
        overlap=found,
    )
