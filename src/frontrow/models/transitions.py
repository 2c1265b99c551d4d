"""What follows what: counts of the titles that came soon after a title, sparse, for every title of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions

_GAPS = 5
_GAP_DECAY = 0.6
_SMOOTHING = 5.0
_POPULARITY_POWER = 0.3
"""Counts are divided by the follower's popularity to this power: 0 lets the popular follow everything, 1 the rare."""


@dataclass(frozen=True)
class Transitions:
    """For each title its strongest followers: `follower` int32[n, k] (-1: fewer), `strength` float32[n, k]."""

    follower: NDArray[np.int32]
    strength: NDArray[np.float32]

    def score(self, history: NDArray[np.int32], weights: NDArray[np.float32], n_titles: int) -> NDArray[np.float32]:
        """float32[n_titles]: the history's followers, weighted."""
        known = history < len(self.follower)
        history, weights = history[known], weights[known]
        follower = self.follower[history].ravel()
        strength = (self.strength[history] * weights[:, None]).ravel()
        counts = np.bincount(follower + 1, strength, n_titles + 1)
        scores: NDArray[np.float32] = counts[1 : n_titles + 1].astype(np.float32)
        return scores

    def contributions(self, history: NDArray[np.int32], candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[len(history), len(candidates)]: what each title of the history, at weight 1, says for each candidate;
        the caller's to change."""
        given = np.zeros((len(history), len(candidates)), np.float32)
        order = np.argsort(candidates, kind="stable")
        ordered = candidates[order]
        for row, title in enumerate(history.tolist()):
            if title < len(self.follower) and len(candidates):
                place = np.minimum(np.searchsorted(ordered, self.follower[title]), len(ordered) - 1)
                hit = ordered[place] == self.follower[title]
                given[row, order[place[hit]]] = self.strength[title][hit]
        return given

    @property
    def titles(self) -> NDArray[np.int64]:
        """The numbers, ascending, of what follows or is followed."""
        found = self.follower >= 0
        return np.union1d(np.flatnonzero(found.any(axis=1)), self.follower[found]).astype(np.int64)

    def save(self, folder: Path) -> None:
        """Writes follower.npy and strength.npy."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "follower.npy", self.follower)
        np.save(folder / "strength.npy", self.strength)

    @classmethod
    def load(cls, folder: Path) -> Transitions:
        """Reads what `save` wrote, mapped into memory."""
        # as plain arrays: a memmap is slow to index
        follower: NDArray[np.int32] = np.load(folder / "follower.npy", mmap_mode="r").view(np.ndarray)
        strength: NDArray[np.float32] = np.load(folder / "strength.npy", mmap_mode="r").view(np.ndarray)
        return cls(follower, strength)


def fit_transitions(interactions: Interactions, n_titles: int, neighbours: int) -> Transitions:
    """The strongest followers of every title. Weights are not read: to have watched it is what counts.

    A follower one step later counts 1, each further step less; strength is the count over (all counts of the title +
    smoothing), over the follower's popularity to a power.
    """
    neighbours = max(1, min(neighbours, n_titles))
    follower = np.full((n_titles, neighbours), -1, np.int32)
    strength = np.zeros((n_titles, neighbours), np.float32)
    nothing = (np.empty(0, np.float32), (np.empty(0, np.int32), np.empty(0, np.int32)))
    counts = scipy.sparse.csr_matrix(nothing, shape=(n_titles, n_titles))
    for gap in range(1, _GAPS + 1):
        same = np.flatnonzero(interactions.profile[gap:] == interactions.profile[:-gap])
        pair = (interactions.title[same], interactions.title[same + gap])
        keep = pair[0] != pair[1]
        value = np.full(int(keep.sum()), _GAP_DECAY ** (gap - 1), np.float32)
        counts = counts + scipy.sparse.csr_matrix((value, (pair[0][keep], pair[1][keep])), shape=(n_titles, n_titles))
    popularity = np.maximum(np.bincount(interactions.title, minlength=n_titles), 1) / max(len(interactions), 1)
    discount = (popularity * n_titles).astype(np.float32) ** -_POPULARITY_POWER
    for title in range(n_titles):
        inside = slice(counts.indptr[title], counts.indptr[title + 1])
        to, count = counts.indices[inside], counts.data[inside]
        if not len(to):
            continue
        value = count / (count.sum() + _SMOOTHING) * discount[to]
        best = np.lexsort((to, -value))[:neighbours]
        follower[title, : len(best)], strength[title, : len(best)] = to[best], value[best]
    return Transitions(follower, strength)
