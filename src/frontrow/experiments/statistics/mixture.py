"""The boundary of a confidence sequence: how far an estimate must stand from a value to rule it out at any look.

Betting on a prior over effects gives a martingale that starts at 1 when the value is true; it exceeds 1/α ever with
probability at most α (Ville 1939; Robbins 1970). With an estimated variance this holds asymptotically: Waudby-Smith,
Arbour, Sinha, Kennedy & Ramdas 2021, Time-uniform central limit theory; Howard, Ramdas, McAuliffe & Sekhon 2021,
Time-uniform, nonparametric, nonasymptotic confidence sequences.

The martingale's time is units: each look must know more because more of them are in. Where all are in already and what
grows is each one's outcome, the boundary stands still. A viewer's days are alike, so that little new comes with a look,
and α holds all the same; it no longer does where days have nothing to do with each other and looks are many (measured
in benchmarks/experiments/growing.py). Time that follows the outcome's growing variance would hold there too, but the
plan says a number of units, not what their outcomes will have grown to: reckoned from the first look, a z of 2.8 would
have become 3.95 after four weeks.

The usual prior is one normal. Tuned for a planned sample it needs a z of 3.04 there, and finds the planned effect in
78 % of tests within 1.6 times the fixed-horizon sample. Most of the bet placed on the pair of effects ± that the plan
is after, the rest on a wide normal, needs 2.77 and finds it in 85 %, and still narrows for ever.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from frontrow.experiments.statistics.moments import F64

_FARTHEST = 1e6


@dataclass(frozen=True)
class Mixture:
    """A prior over drifts: (weight, centre, variance) of symmetric pairs of normals at ± centre.

    A drift is the expected z of `units` a side. The units must not depend on the data: they are what was planned.
    """

    units: float
    parts: tuple[tuple[float, float, float], ...]

    @staticmethod
    def planned(units: float, alpha: float = 0.05) -> Mixture:
        """Narrowest around `units` a side; the centre is where a line of slope and height equal crosses at α."""
        return Mixture(units, ((0.8, math.sqrt(2 * math.log(2 / alpha)), 0.0), (0.2, 0.0, 20.0)))

    @staticmethod
    def untuned() -> Mixture:
        """For when nothing was planned: equal bets on samples from 10³ to 10⁷ a side, a quarter wider than tuned."""
        return Mixture(1e3, tuple((0.2, 0.0, 8.0 * 10.0**-power) for power in range(5)))

    @staticmethod
    def normal(variance: float) -> Mixture:
        """One normal, `variance` for one unit a side: the boundary that most tools have."""
        return Mixture(1.0, ((1.0, 0.0, variance),))

    def log_evidence(self, z: ArrayLike, units: ArrayLike) -> F64:
        """The martingale's logarithm against a value that the estimate is z standard errors from, at `units` a side."""
        time = np.maximum(np.asarray(units, np.float64) / self.units, 0.0)
        score = np.abs(np.asarray(z, np.float64)) * np.sqrt(time)
        terms = []
        for weight, centre, variance in self.parts:
            spread = 1 + variance * time
            base = math.log(weight / 2) - 0.5 * np.log(spread) + (variance * score**2 - centre**2 * time) / (2 * spread)
            tilt = centre * score / spread
            terms.append(base + np.logaddexp(tilt, -tilt))
        return np.asarray(np.logaddexp.reduce(terms, axis=0), np.float64)

    def critical(self, units: ArrayLike, alpha: float) -> F64:
        """The z at which a value is ruled out at level α, by bisection; inf where there are no units."""
        units = np.asarray(units, np.float64)
        target = math.log(1 / alpha)
        low, high = np.zeros(units.shape), np.full(units.shape, 8.0)
        while bool(np.any(short := (self.log_evidence(high, units) < target) & (high < _FARTHEST))):
            high = np.where(short, high * 2, high)
        for _ in range(64):
            middle = (low + high) / 2
            beyond = self.log_evidence(middle, units) >= target
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        return np.where(high >= _FARTHEST / 2, np.inf, high)
