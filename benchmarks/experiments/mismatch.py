"""Sample-ratio mismatch: finds 50,500 against 49,500, and how rarely it cries wolf. Run:
python benchmarks/experiments/mismatch.py"""

from __future__ import annotations

import time

import numpy as np
from result import write

from frontrow.core.random import stream
from frontrow.experiments.statistics.ratio_mismatch import (
    THRESHOLD,
    chi_square_p,
    log_mismatch_evidence,
    ratio_mismatch,
)

TESTS, UNITS, LOOKS = 2_000, 100_000, 100


def main() -> None:
    began = time.perf_counter()
    shares = np.array([0.5, 0.5])
    planted = ratio_mismatch({"control": 50_500, "arm": 49_500})
    rng = stream(1, "mismatch")
    steps = rng.binomial(UNITS // LOOKS, 0.5, (TESTS, LOOKS))
    control = np.cumsum(steps, axis=1).astype(float)
    counts = np.stack([control, np.arange(1, LOOKS + 1) * (UNITS // LOOKS) - control], axis=-1)
    fixed = float(np.mean([chi_square_p(row, shares) < THRESHOLD for row in counts[:, -1]]))
    every = float(np.mean((np.exp(-log_mismatch_evidence(counts, shares)) < THRESHOLD).any(axis=1)))
    naive = float(np.mean([any(chi_square_p(row, shares) < THRESHOLD for row in test) for test in counts]))
    gates = {
        "50,500 / 49,500 flagged": planted.broken and planted.p_value < 0.005,
        "A/A, one look": fixed <= 0.01,
        "A/A, every look": every <= 0.01,
    }
    figures = {
        "p of 50,500 / 49,500": planted.p_value,
        "A/A flagged, chi-square at the end": fixed,
        "A/A flagged, sequential at 100 looks": every,
        "A/A flagged, chi-square at 100 looks (control)": naive,
        "gates": gates,
    }
    write(__file__, figures, began)


if __name__ == "__main__":
    main()
