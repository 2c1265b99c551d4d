"""What models learn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.features.labels import LabelSpace
from frontrow.features.placements import Placements
from frontrow.features.signals import Signals
from frontrow.models.moment.context import ContextModel
from frontrow.models.moment.succession import NO_SUCCESSION, SuccessionModel
from frontrow.models.traits import NO_TRAITS, Traits


class Past(NamedTuple):
    """The log as features read it: one profile's SIGNAL rows, all of them, and what titles are labelled with today."""

    signals_of: Callable[[int], Signals]
    space: LabelSpace


@dataclass(frozen=True)
class TrainingData:
    """Interactions and what is known of the titles, all arrays by title number.

    `content` is float32[n_titles, 128], each row of length 1 or 0; `rankable` says which titles may be in rows (not
    episodes, existing); `added_at` microseconds UTC (0: unknown); `until`: the moment before which all events lie;
    `traits` what titles share that may suit a moment; `past` what features of the past are read from (None: outcomes of
    playbacks are not learned), `placements` where titles stood on screen.
    """

    interactions: Interactions
    n_titles: int
    content: NDArray[np.float32]
    rankable: NDArray[np.bool_]
    added_at: NDArray[np.int64]
    until: int
    traits: Traits = NO_TRAITS
    past: Past | None = None
    placements: Placements | None = None

    def leanings(self, context: ContextModel, succession: SuccessionModel = NO_SUCCESSION) -> NDArray[np.float32]:
        """What models of these traits make of every title, as `models.moment.leanings.Leanings` has it; no titles if
        both are silent."""
        table = np.zeros((context.cells + succession.rows, self.n_titles), np.float32)
        if context.silent and succession.silent:
            return table[:, :0]
        if not context.silent:
            matrix = self.traits.matrix if len(context.names) else np.zeros((self.n_titles, 0), np.float32)
            table[: context.cells] = context.table(matrix, np.arange(self.n_titles))
        if not succession.silent:
            chosen = [self.traits.names.index(name) for name in succession.names]
            table[context.cells :] = succession.table(self.traits.matrix[:, chosen])
        return table
