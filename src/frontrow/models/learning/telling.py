"""Whether what records say of titles tells whom they suit, by held-out titles.

What viewers watch together places each title among the others (the first directions of the viewers × titles table, by
which much is known of a title that many have watched). Where content tells anything of taste, the places of some titles
can be told from their content by what the others' are. Where it cannot, clear of 0, likeness of content would only
shuffle what viewers are offered, and has no part in the blend.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.features.interactions import Interactions

_DIRECTIONS, _RIDGE, _SHUFFLES = 12, 3.0, 40
_LEAST_VIEWERS, _LEAST_TITLES, _MOST_TITLES = 3, 50, 3_000
_CLEAR: Final = 4.0
"""Standard deviations by which foretold and true places must agree better than shuffled ones."""


def content_tells(interactions: Interactions, content: NDArray[np.float32], seed: int) -> bool:
    """Whether it does. Yes where there is too little to tell; `content` is float32[n_titles, dimensions]."""
    watched = np.bincount(interactions.title, minlength=len(content))[: len(content)]
    told = np.flatnonzero((watched >= _LEAST_VIEWERS) & content.any(axis=1))
    told = np.sort(told[np.argsort(-watched[told], kind="stable")[:_MOST_TITLES]])
    if len(told) < _LEAST_TITLES:
        return True
    rng = stream(seed, "content telling")
    held = rng.permutation(len(told)) % 2 == 0
    known = content[told].astype(np.float64)
    gram = known[~held].T @ known[~held] + _RIDGE * np.eye(known.shape[1])
    foretelling = known[held] @ scipy.linalg.solve(gram, known[~held].T, assume_a="pos")
    places = _places(interactions, told, len(content))

    def agreement(places: NDArray[np.float64]) -> float:
        return float(((foretelling @ places[~held]) * places[held]).sum())

    chance = [agreement(rng.permutation(places)) for _ in range(_SHUFFLES)]
    return bool(agreement(places) > np.mean(chance) + _CLEAR * np.std(chance))


def _places(interactions: Interactions, told: NDArray[np.int64], n_titles: int) -> NDArray[np.float64]:
    """float64[told, directions]: places of titles among those that viewers watch beside them, scaled for how many
    watched them. The first direction, which is how popular a title is, is left out."""
    column = np.full(n_titles, -1)
    column[told] = np.arange(len(told))
    of = column[interactions.title]
    _, viewer = np.unique(interactions.profile[of >= 0], return_inverse=True)
    pairs = np.unique(viewer * len(told) + of[of >= 0])
    row, title = np.divmod(pairs, len(told))
    share = 1 / np.sqrt(np.bincount(title, minlength=len(told)))
    table = scipy.sparse.csr_matrix((share[title], (row, title)), shape=(int(row[-1]) + 1, len(told)))
    alike = (table.T @ table).toarray()
    first = max(0, len(told) - 1 - _DIRECTIONS)
    size, direction = scipy.linalg.eigh(alike, subset_by_index=[first, len(told) - 2])
    return np.asarray(direction * np.sqrt(np.maximum(size, 0)))
