"""A/A tests of a fixed set of viewers whose outcomes grow: what sequences are worth when nobody new comes in.

A boundary goes by units. Where all units are in on the first day, it stands still while each look has more of every
unit's outcome. 2,000 tests, 200 viewers a side, viewing time with a long tail, a look a day; `own` is the share of a
day's variance that is the viewer's own, the same on all days (0: yesterday says nothing of today). A t-test at each
look beside as control. Run: python benchmarks/experiments/growing.py
"""

from __future__ import annotations

import math
import os
import time

import numpy as np
from result import write
from scipy.stats import norm, t

from frontrow.core.random import stream
from frontrow.experiments.statistics.mixture import Mixture

TESTS, ALPHA = 2_000, 0.05
LOOKS = (14, 28, 100)
UNITS = 200
"""A side, all of them from the first day on."""
OWN = (0.0, 0.05, 0.3)
MEAN, SPREAD = math.exp(0.72), math.sqrt(math.exp(2.88) - math.exp(1.44))
"""Of the lognormal with σ = 1.2."""


def statistics(own: float) -> tuple[np.ndarray, np.ndarray]:
    """float64[tests, looks]: z and Welch's degrees of freedom of the difference in what units have summed up."""
    z, degrees = np.empty((2, TESTS, LOOKS[-1]))
    for test in range(TESTS):
        rng = stream(1, f"growing {own}", test)
        person = rng.lognormal(0.0, 1.2, (2, UNITS, 1))
        days = rng.lognormal(0.0, 1.2, (2, UNITS, LOOKS[-1]))
        daily = math.sqrt(own) * (person - MEAN) + math.sqrt(1 - own) * (days - MEAN) + SPREAD
        sums = daily.cumsum(axis=2)
        parts = sums.var(axis=1, ddof=1) / UNITS
        means = sums.mean(axis=1)
        z[test] = np.abs(means[1] - means[0]) / np.sqrt(parts.sum(axis=0))
        degrees[test] = parts.sum(axis=0) ** 2 / (parts**2 / (UNITS - 1)).sum(axis=0)
    return z, degrees


def ever(z: np.ndarray, degrees: np.ndarray, bound: float) -> dict[str, float]:
    """Shares of tests ever beyond a bound on the normal scale, by how many looks there were."""
    beyond = z > t.isf(norm.sf(bound), degrees)
    return {f"{looks} looks": float(beyond[:, :looks].any(axis=1).mean()) for looks in LOOKS}


def main() -> None:
    """All figures, and their file."""
    began = time.perf_counter()
    limit = ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / TESTS)
    figures: dict[str, object] = {"tests": TESTS, "units a side": UNITS, "limit": round(limit, 4)}
    gates: dict[str, bool] = {}
    bounds = {
        "planned": float(Mixture.planned(UNITS, ALPHA).critical(UNITS, ALPHA)),
        "no plan": float(Mixture.untuned().critical(UNITS, ALPHA)),
        "t-test at each look": float(norm.isf(ALPHA / 2)),
    }
    for own in OWN:
        z, degrees = statistics(own)
        found = {name: ever(z, degrees, bound) for name, bound in bounds.items()}
        figures[f"A/A ever rejected, own {own:g}"] = found
        gates[f"own {own:g}: no plan"] = found["no plan"]["100 looks"] <= limit
        gates[f"own {own:g}: planned, 28 looks"] = found["planned"]["28 looks"] <= limit
        if own:
            gates[f"own {own:g}: planned"] = found["planned"]["100 looks"] <= limit
    write(__file__, figures | {"load": os.getloadavg(), "gates": gates}, began)


if __name__ == "__main__":
    main()
