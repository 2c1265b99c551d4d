"""Ranking metrics of one viewer from the ranks of what was relevant, over the whole catalogue.

Ranks are from 0, the best; a title tied with others has the middle of their ranks (it "counts half of the ties").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CUT = 10
METRICS = ("hr@10", "ndcg@10", "recall@10", "precision@10", "mrr", "map")


def ranks_of(scores: NDArray[np.float32], relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    """Ranks of the `relevant` places within `scores`, ascending, the middle rank where scores are equal."""
    if len(relevant) == 1:
        own = scores[relevant[0]]
        return np.array([np.count_nonzero(scores > own) + (np.count_nonzero(scores == own) - 1) / 2])
    ordered = np.sort(scores)
    above = len(scores) - np.searchsorted(ordered, scores[relevant], side="right")
    level = len(scores) - np.searchsorted(ordered, scores[relevant], side="left")
    return np.sort((above + level - 1) / 2)


def metrics_of(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[len(METRICS)] for one viewer, from the ascending ranks of everything relevant (at least one).

    NDCG has the ideal cut at min(10, relevant), as has no other metric; MAP is over the full depth.
    """
    inside = ranks[ranks < CUT]
    order = np.arange(len(ranks))
    ideal = (1 / np.log2(order[:CUT] + 2)).sum()
    return np.array(
        [
            float(len(inside) > 0),
            (1 / np.log2(inside + 2)).sum() / ideal,
            len(inside) / len(ranks),
            len(inside) / CUT,
            1 / (ranks[0] + 1),
            ((order + 1) / (ranks + 1)).mean(),
        ]
    )
