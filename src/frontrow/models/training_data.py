"""What models learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.features.moments import CELLS
from frontrow.models.context import ContextModel
from frontrow.models.traits import NO_TRAITS, Traits


@dataclass(frozen=True)
class TrainingData:
    """Interactions and what is known of the titles, all arrays by title number.

    `content` is float32[n_titles, 128], each row of length 1 or 0; `rankable` says which titles may be in rows (not
    episodes, existing); `added_at` microseconds UTC (0: unknown); `until`: the moment before which all events lie;
    `traits` what titles share that may suit a moment.
    """

    interactions: Interactions
    n_titles: int
    content: NDArray[np.float32]
    rankable: NDArray[np.bool_]
    added_at: NDArray[np.int64]
    until: int
    traits: Traits = NO_TRAITS

    def leanings(self, context: ContextModel) -> NDArray[np.float32]:
        """What every title says of each cell of a moment, by a model of these traits; no titles if it is silent."""
        if context.silent:
            return np.zeros((CELLS, 0), np.float32)
        matrix = self.traits.matrix if len(context.names) else np.zeros((self.n_titles, 0), np.float32)
        return context.table(matrix, np.arange(self.n_titles))
