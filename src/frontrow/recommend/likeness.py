"""What is like what: titles watched by the same viewers, and titles made of the same things."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.models.models import Models
from frontrow.recommend.best import best_places

KEPT_TITLES = 4_000
KEPT_LIKES = 400
CONTENT_SHARE = 0.35


class Likeness:
    """How like titles are, by what was watched together and by content; read while the views stand."""

    def __init__(self, models: Models | None, vectors: NDArray[np.float32], rankable: NDArray[np.bool_]) -> None:
        self._models, self._vectors, self._rankable = models, vectors, rankable
        self._kept: OrderedDict[int, tuple[NDArray[np.int64], NDArray[np.float32]]] = OrderedDict()

    def of(self, title: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(numbers, scores 0..1) of up to KEPT_LIKES titles of the whole catalogue, best first, never itself."""
        if title not in self._kept:
            scores = self.among([title], np.arange(len(self._rankable)))[0]
            scores[~self._rankable] = 0
            best = best_places(scores, KEPT_LIKES)
            best = best[scores[best] > 0]
            self._kept[title] = (best, scores[best])
            if len(self._kept) > KEPT_TITLES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(title)
        return self._kept[title]

    def of_open(
        self, title: int, open_titles: NDArray[np.bool_], most: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """`of`, the `most` that are open; where too few of the nearest are, all that are open are looked at."""
        numbers, scores = self.of(title)
        keep = open_titles[numbers].nonzero()[0]
        if len(keep) < most and len(numbers) == KEPT_LIKES:
            numbers = (open_titles & self._rankable[: len(open_titles)]).nonzero()[0]
            scores = self.among([title], numbers)[0]
            keep = best_places(scores, most)
            keep = keep[scores[keep] > 0]
        return numbers[keep[:most]], scores[keep[:most]]

    def among(self, titles: Sequence[int], candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[titles, candidates]: how like each title each candidate is, 0..1; 0 for itself."""
        # Candidates first: a product of few rows and a transposed matrix takes twice as long.
        likeness = (self._vectors.take(candidates, 0) @ self._vectors[titles].T).T
        scores: NDArray[np.float32] = np.maximum(likeness, 0, order="C")
        if self._models is not None:
            together = np.maximum(self._models.watched.contributions(np.array(titles, np.int32), candidates), 0)
            top = self._models.watched.largest(titles)
            known = top > 0
            shares = ((1 - CONTENT_SHARE) / top[known])[:, None]
            scores[known] = CONTENT_SHARE * scores[known] + shares * together[known]
        scores[np.array(titles, candidates.dtype)[:, None] == candidates] = 0
        return scores
