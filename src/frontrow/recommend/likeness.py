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
        if missing:
            content = np.clip(self._vectors[missing] @ self._vectors.T, 0, None)
            for title, scores in zip(missing, content, strict=True):
                self._kept[title] = self._joined(title, scores)
            while len(self._kept) > max(KEPT_TITLES, len(titles)):
                self._kept.popitem(last=False)

    def _joined(self, title: int, scores: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        if self._models is not None:
            one = np.array([title], np.int32), np.ones((1, 1), np.float32)
            together = np.clip(self._models.watched.score(*one, len(scores))[0], 0, None)
            top = float(together.max(initial=0.0))
            if top > 0:
                scores = CONTENT_SHARE * scores + (1 - CONTENT_SHARE) * together / top
        scores = np.where(self._rankable, scores, 0)
        scores[title] = 0
        count = min(KEPT_LIKES, int(np.count_nonzero(scores > 0)))
        best = np.argpartition(-scores, max(0, count - 1))[:count]
        best = best[np.argsort(-scores[best], kind="stable")]
        found: NDArray[np.float32] = scores[best].astype(np.float32)
        return best.astype(np.int32), found
