"""What is like what: titles watched by the same viewers, and titles made of the same things."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.models.models import Models

KEPT_TITLES = 4_000
KEPT_LIKES = 400
CONTENT_SHARE = 0.35


class Likeness:
    """For a title, those most like it, best first. Computed when asked for and kept while the views stand."""

    def __init__(self, models: Models | None, vectors: NDArray[np.float32], rankable: NDArray[np.bool_]) -> None:
        self._models, self._vectors, self._rankable = models, vectors, rankable
        self._kept: OrderedDict[int, tuple[NDArray[np.int32], NDArray[np.float32]]] = OrderedDict()

    def of(self, title: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """(numbers, scores 0..1) of up to KEPT_LIKES titles, never the title itself."""
        self.prepare([title])
        self._kept.move_to_end(title)
        return self._kept[title]

    def prepare(self, titles: Sequence[int]) -> None:
        """Computes several at once, reading the vectors one time."""
        missing = [title for title in titles if title not in self._kept]
        if not missing:
            return
        scores = self._scores(missing)
        count = min(KEPT_LIKES, scores.shape[1])
        best = np.argpartition(-scores, count - 1, axis=1)[:, :count]
        values = np.take_along_axis(scores, best, 1)
        order = np.argsort(-values, axis=1, kind="stable")
        best, values = np.take_along_axis(best, order, 1), np.take_along_axis(values, order, 1)
        for title, numbers, found in zip(missing, best.astype(np.int32), values, strict=True):
            like = int(np.count_nonzero(found > 0))
            self._kept[title] = (numbers[:like], found[:like])
        while len(self._kept) > max(KEPT_TITLES, len(titles)):
            self._kept.popitem(last=False)

    def _scores(self, titles: Sequence[int]) -> NDArray[np.float32]:
        """float32[titles, all]: how like each title each other is; 0 for itself and what is not rankable."""
        scores: NDArray[np.float32] = np.clip(self._vectors[titles] @ self._vectors.T, 0, None)
        if self._models is not None:
            for row, title in enumerate(titles):
                one = np.array([title], np.int32), np.ones((1, 1), np.float32)
                together = np.clip(self._models.watched.score(*one, scores.shape[1])[0], 0, None)
                top = float(together.max(initial=0.0))
                if top > 0:
                    scores[row] = CONTENT_SHARE * scores[row] + (1 - CONTENT_SHARE) / top * together
        scores[:, ~self._rankable] = 0
        scores[np.arange(len(titles)), titles] = 0
        return scores
