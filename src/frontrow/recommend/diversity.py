"""Variety in a list: maximal marginal relevance (Carbonell and Goldstein 1998) over content vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POOL = 5
"""A list of n is chosen among the POOL × n best."""


def diversify(
    numbers: NDArray[np.int64], scores: NDArray[np.float32], vectors: NDArray[np.float32], n: int, diversity: float
) -> NDArray[np.int64]:
    """Positions of `n` of `numbers` (best first), trading score for distance from what is already chosen.

    `diversity` 0 keeps the order; 1 looks at distance only, after the first. Ties keep the order of score.
    """
    if diversity == 0 or len(numbers) <= 1:
        return np.arange(min(n, len(numbers)))
    pool = min(len(numbers), max(POOL * n, n))
    rank_score = np.linspace(1, 0, pool, dtype=np.float32)
    own = vectors[numbers[:pool]]
    nearest = np.zeros(pool, np.float32)
    left = np.ones(pool, bool)
    chosen: list[int] = []
    value = rank_score.copy()
    while len(chosen) < min(n, pool):
        best = int(np.argmax(np.where(left, value, -np.inf)))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, own @ own[best])
        value = (1 - diversity) * rank_score - diversity * nearest
    return np.array(chosen, np.int64)
