"""How far what a ranker adds is believed, told from lists that it has not learned from."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

_CUT: Final = 10
_EXACT: Final = 1e-3


def trust_of(
    blended: NDArray[np.float32],
    added: NDArray[np.float32],
    right: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    weight: NDArray[np.float64],
) -> tuple[float, float]:
    """The share of `added` to believe, 0 to 1, and what it gains in NDCG@10; 0 and 0 where it gains nothing.

    All arrays are [lists, candidates] but `weight`, [lists]: what a list's choices, `right`, sum to. The share is the
    one under which the choices are most likely (a temperature for the network: Guo et al. 2017). Likelihood is smooth
    and has one maximum; NDCG@10 has many by chance, and picks shares far apart for two halves of the same viewers.
    """
    share = _likeliest(blended, added, right, weight)
    gained = ndcg(blended + share * added, chosen, weight) - ndcg(blended, chosen, weight)
    return (share, gained) if gained > 0 else (0.0, 0.0)


def _likeliest(
    blended: NDArray[np.float32], added: NDArray[np.float32], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    told = (right * added).sum()

    def slope(share: float) -> float:
        """Of the loss, which is convex in the share."""
        odds = scipy.special.softmax(blended + np.float32(share) * added, axis=1)
        return float(((odds * added).sum(axis=1) * weight).sum() - told)

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
