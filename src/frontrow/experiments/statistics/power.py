"""How many units a test needs, with a fixed horizon and with a confidence sequence.

Fixed: the normal formula. Sequence: its own power to stop, computed by following the distribution of the score between
looks (Armitage, McPherson & Rowe 1969, Repeated significance tests on accumulating data).
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import numpy as np
from scipy.stats import norm

from frontrow.core.errors import UsageError
from frontrow.experiments.statistics.mixture import Mixture
from frontrow.experiments.statistics.moments import F64

_GRID = 301


class SamplePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Units a side (the smaller side's, where sizes differ).

    `sequence_units` is both what to plan for (`planned_units` of `analyze_table`) and the longest that the test runs;
    `expected_units` is where it stops on average if the minimal effect is true.
    """

    fixed_units: float
    sequence_units: float
    expected_units: float
    power: float
    alpha: float
    looks: int


def fixed_units(
    variance: float, effect: float, *, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """Control units for a two-sided z-test to find `effect`; the arm has `ratio` times as many.

    `variance` is that of one unit, after CUPED (see `reduced_variance`); `effect` is in the metric's unit.
    """
    if not (variance > 0 and effect != 0 and 0 < alpha < 1 and alpha / 2 < power < 1 and ratio > 0):
        raise UsageError("sample size needs a variance above zero, an effect, and 0 < alpha < power < 1")
    reach = float(norm.isf(alpha / 2) + norm.isf(1 - power))
    return reach**2 * variance * (1 + 1 / ratio) / effect**2


def reduced_variance(variance: float, correlation: float) -> float:
    """What is left after CUPED with a covariate of this correlation: 1 - ρ² of it."""
    return variance * (1 - correlation**2)


def sample_plan(
    variance: float,
    effect: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    ratio: float = 1.0,
    looks: int = 100,
) -> SamplePlan:
    """Both designs for one minimal effect; the sequence is looked at `looks` times at even distances."""
    fixed = fixed_units(variance, effect, alpha=alpha, power=power, ratio=ratio)
    stretch, share = _stretch(alpha, power, looks)
    return SamplePlan(
        fixed_units=fixed * min(1.0, ratio),
        sequence_units=fixed * stretch * min(1.0, ratio),
        expected_units=fixed * stretch * share * min(1.0, ratio),
        power=power,
        alpha=alpha,
        looks=looks,
    )


def stopping_power(mixture: Mixture, units: F64, drift: float, alpha: float = 0.05) -> F64:
    """The chance to have ruled out zero by each look, float64[looks], at rising `units` a side.

    `drift` is the expected z at the last look. Between looks the score is normal; its density among tests that have
    not stopped is carried on a grid, which is exact to about 1e-3.
    """
    time = units / units[-1]
    bounds = mixture.critical(units, alpha) * np.sqrt(time)
    spent = np.zeros(len(units))
    grid, density, before = np.zeros(1), np.ones(1), 0.0
    for at, now in enumerate(time):
        step = math.sqrt(now - before)
        centre = grid + drift * (now - before)
        spent[at] = (density * (norm.sf(bounds[at], centre, step) + norm.cdf(-bounds[at], centre, step))).sum()
        fresh = np.linspace(-bounds[at], bounds[at], _GRID)
        weight = np.full(_GRID, fresh[1] - fresh[0])
        weight[[0, -1]] /= 2
        kernel = np.exp(-0.5 * ((fresh[:, None] - centre[None, :]) / step) ** 2) / (step * math.sqrt(2 * math.pi))
        grid, density, before = fresh, weight * (kernel @ density), float(now)
    return np.cumsum(spent)


@lru_cache(maxsize=64)
def _stretch(alpha: float, power: float, looks: int) -> tuple[float, float]:
    """(longest sample over the fixed one, expected share of it) that gives the sequence this power."""
    if looks < 1:
        raise UsageError("a sequence needs at least one look")
    units = np.arange(1, looks + 1, dtype=np.float64)
    mixture = Mixture.planned(float(looks), alpha)
    reach = float(norm.isf(alpha / 2) + norm.isf(1 - power))
    low, high = 0.5, 4.0
    for _ in range(20):
        middle = (low + high) / 2
        enough = stopping_power(mixture, units, reach * math.sqrt(middle), alpha)[-1] >= power
        low, high = (low, middle) if enough else (middle, high)
    stopped = stopping_power(mixture, units, reach * math.sqrt(high), alpha)
    share = float(1 + (1 - stopped[:-1]).sum()) / looks
    return high, share
