"""How far what a ranker adds is believed, told from lists that it has not learned from."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

_CUT: Final = 10
_EXACT: Final = 1e-3
PRIOR: Final = 20.0
"""Lists that say that nothing is to be believed: they outweigh the few of a horizon that is hardly asked about."""


def trust_of(
    blended: NDArray[np.float32], added: NDArray[np.float32], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    """The share of `added` to believe, 0 to 1: the one under which the choices are likeliest (a temperature for the
    network: Guo et al. 2017), drawn towards 0 by what PRIOR lists would say.

    Arrays are [lists, candidates] but `weight`, [lists]: what a list's choices, `right`, sum to. Likelihood is smooth
    and has one maximum; NDCG@10 has many by chance, and picks shares far apart for two halves of the same viewers. What
    is not finite is not believed.
    """
    if not (len(added) and np.isfinite(added).all() and np.isfinite(blended).all()):
        return 0.0
    exact = added.astype(np.float64)
    told = (right * exact).sum()
    prior = PRIOR * float(exact.var(axis=1).mean())

    def slope(share: float) -> float:
        """Of the loss, which is convex in the share."""
        odds = scipy.special.softmax(blended + share * exact, axis=1)
        return float(((odds * exact).sum(axis=1) * weight).sum() - told) + prior * share

    if slope(0.0) >= 0:
        return 0.0
    return 1.0 if slope(1.0) <= 0 else float(scipy.optimize.brentq(slope, 0.0, 1.0, xtol=_EXACT))


def ndcg(scores: NDArray[np.floating], chosen: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Mean NDCG@10 over lists, among the candidates of each; a list counts by its weight."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :_CUT]
    discount = 1 / np.log2(np.arange(_CUT) + 2)
    gain = (np.take_along_axis(chosen, best, 1) * discount).sum(axis=1)
    ideal = np.cumsum(discount)[np.minimum(chosen.sum(axis=1), _CUT) - 1]
    return float((gain / ideal * weight).mean())
