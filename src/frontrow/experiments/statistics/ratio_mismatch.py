"""Sample-ratio mismatch: arms whose sizes are not what the assignment gives. Looked at before anything else.

Fabijan et al. 2019, Diagnosing sample ratio mismatch in online controlled experiments. For monitoring: Lindon & Malek
2022, Anytime-valid inference for multinomial count data.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2

from frontrow.core.errors import UsageError
from frontrow.experiments.statistics.moments import F64

THRESHOLD = 0.005
"""Below this p-value an experiment is broken. One table: chi-square. Many looks: the sequential test alone."""
CONCENTRATION = 2_000.0
"""Of the Dirichlet prior, in units: sharpest for samples of about eight times as many."""


class RatioMismatch(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by arm against the shares that were meant."""

    counts: dict[str, int]
    shares: dict[str, float]
    p_value: float
    """Chi-square; right for one look."""
    sequential_p_value: float
    """Right at every look; the smallest so far."""
    sequential: bool
    """Whether the sequential one decides."""
    broken: bool


def chi_square_p(counts: F64, shares: F64) -> float:
    """Pearson's test of float64[arms] counts against shares that sum to 1."""
    expected = shares * counts.sum()
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), len(counts) - 1))


def log_mismatch_evidence(counts: F64, shares: F64, concentration: float = CONCENTRATION) -> F64:
    """Log Bayes factor of "other shares" over these, for float64[..., arms] counts; exact at every look."""
    prior = concentration * shares
    marginal = gammaln(prior + counts).sum(-1) - gammaln(prior).sum() + gammaln(concentration)
    marginal = marginal - gammaln(concentration + counts.sum(-1))
    return np.asarray(marginal - (counts * np.log(shares)).sum(-1), np.float64)


def ratio_mismatch(
    counts: Mapping[str, int], shares: Mapping[str, float] | None = None, previous: RatioMismatch | None = None
) -> RatioMismatch:
    """Whether `counts` by arm agree with `shares` (any positive scale; equal unless given).

    With the result of a `previous` look the sequential test decides, and a mismatch once found stays.
    """
    weights = dict.fromkeys(counts, 1.0) if shares is None else dict(shares)
    if set(weights) != set(counts) or any(not weight > 0 for weight in weights.values()):
        raise UsageError("the shares must give every arm a positive number", f"Arms: {', '.join(sorted(counts))}")
    total = sum(weights.values())
    seen = np.array([counts[arm] for arm in counts], np.float64)
    meant = np.array([weights[arm] / total for arm in counts])
    fixed = chi_square_p(seen, meant) if seen.sum() else 1.0
    sequential = float(np.exp(-max(float(log_mismatch_evidence(seen, meant)), 0.0)))
    if previous is not None:
        sequential = min(sequential, previous.sequential_p_value)
    decides = sequential if previous is not None else fixed
    return RatioMismatch(
        counts=dict(counts),
        shares=dict(zip(counts, meant.tolist(), strict=True)),
        p_value=fixed,
        sequential_p_value=sequential,
        sequential=previous is not None,
        broken=decides < THRESHOLD or (previous is not None and previous.broken),
    )
