"""A version of the models beside the published one, for the arms of experiments that ask for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.title import FOREVER
from frontrow.features.velocity import Velocity
from frontrow.models.content import DIMS
from frontrow.models.models import Models
from frontrow.models.moment.leanings import Leanings
from frontrow.recommend.likeness import Likeness
from frontrow.recommend.scoring import Scorer


class Pinned:
    """One version with the vectors, scores and likeness that it gives the catalogue of today."""

    def __init__(self, models: Models, catalogue: Catalogue) -> None:
        self.models = models
        self._vectors: NDArray[np.float32] = models.content.matrix(catalogue.titles)
        self._leanings = Leanings(models.context, catalogue.titles, models.succession)
        self._scorer: Scorer | None = None
        self._likeness: Likeness | None = None

    def take(self, numbers: Sequence[int], catalogue: Catalogue) -> None:
        """Takes up titles that are new or have changed."""
        if len(self._vectors) < catalogue.size:
            grown = np.zeros((catalogue.size, DIMS), np.float32)
            grown[: len(self._vectors)] = self._vectors
            self._vectors = grown
        if numbers:
            self._vectors[list(numbers)] = self.models.content.matrix([catalogue.titles[n] for n in numbers])
        self._leanings.take(numbers, catalogue.titles)
        self.stale()

    def stale(self) -> None:
        """What it is made from has changed."""
        self._scorer = self._likeness = None

    def scorer(self, catalogue: Catalogue, velocity: Velocity) -> Scorer:
        """Scores by this version."""
        if self._scorer is None:
            added = np.where(catalogue.added_at < FOREVER, catalogue.added_at, 0)
            able = catalogue.rankable
            self._scorer = Scorer(self.models, self._vectors, velocity, added, self._leanings.table, able)
        return self._scorer

    def likeness(self, catalogue: Catalogue) -> Likeness:
        """What is like what by this version."""
        if self._likeness is None:
            self._likeness = Likeness(self.models, self._vectors, catalogue.rankable)
        return self._likeness
