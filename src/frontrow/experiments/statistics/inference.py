"""Intervals and p-values of a contrast: valid at every look (the default), or at one horizon fixed ahead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.stats import norm, t

from frontrow.experiments.statistics.contrast import Contrast
from frontrow.experiments.statistics.mixture import Mixture


class Inference(Protocol):
    """How sure one may be of a contrast."""

    def half_width(self, contrast: Contrast, alpha: float) -> float:
        """Half of the 1 - α interval; inf where nothing can be ruled out yet."""

    def p_value(self, contrast: Contrast) -> float:
        """Against no difference."""


@dataclass(frozen=True)
class FixedHorizon:
    """Welch's t (z for proportions and quantiles): right for one look at a sample size chosen ahead, no other."""

    def half_width(self, contrast: Contrast, alpha: float) -> float:
        """The t quantile times the standard error."""
        return float(t.isf(alpha / 2, contrast.degrees)) * math.sqrt(contrast.variance)

    def p_value(self, contrast: Contrast) -> float:
        """Two-sided."""
        return float(2 * t.sf(_statistic(contrast), contrast.degrees))


@dataclass(frozen=True)
class AnytimeValid:
    """A confidence sequence: covers at all looks together with probability 1 - α, however often one looks.

    The boundary is asymptotic. For small samples the t statistic is first taken to the normal scale at equal tail,
    which widens early intervals by what an estimated variance costs.
    """

    mixture: Mixture

    def half_width(self, contrast: Contrast, alpha: float) -> float:
        """The boundary at the contrast's units times the standard error."""
        bound = float(self.mixture.critical(contrast.units, alpha))
        if math.isfinite(contrast.degrees):
            bound = float(t.isf(norm.sf(bound), contrast.degrees))
        return bound * math.sqrt(contrast.variance) if contrast.variance > 0 else 0.0

    def p_value(self, contrast: Contrast) -> float:
        """One over the evidence against no difference; the smallest so far is a p-value at any stopping time."""
        z = _statistic(contrast)
        if math.isfinite(contrast.degrees):
            z = min(float(norm.isf(t.sf(z, contrast.degrees))), z)
        return float(np.exp(-max(float(self.mixture.log_evidence(z, contrast.units)), 0.0)))


def _statistic(contrast: Contrast) -> float:
    if contrast.variance == 0:
        return 0.0 if contrast.value == 0 else math.inf
    return abs(contrast.value) / math.sqrt(contrast.variance)
