"""What the moment's models make of every title, laid out for all questions of one version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.models.moment.context import ContextModel
from frontrow.models.moment.succession import NO_SUCCESSION, SuccessionModel
from frontrow.models.traits import trait_matrix

_AT_ONCE: Final = 4_096  # titles whose traits are held at once


class Leanings:
    """What one version's models make of each title of a catalogue by its traits, kept up as titles change: the context
    model's leanings, then the succession model's rows."""

    def __init__(
        self, context: ContextModel, titles: Sequence[Title | None] = (), succession: SuccessionModel = NO_SUCCESSION
    ) -> None:
        self._context, self._succession = context, succession
        self._table = np.zeros((context.cells + succession.rows, 0), np.float32)
        self._size = 0
        self.take(range(len(titles)), titles)

    def take(self, numbers: Sequence[int], titles: Sequence[Title | None]) -> None:
        """Takes up titles, by their numbers, that are new or have changed."""
        context, succession = self._context, self._succession
        if context.silent and succession.silent:
            return
        self._size = len(titles)
        if self._table.shape[1] < len(titles):
            grown = np.zeros((len(self._table), max(64, 2 * self._table.shape[1], len(titles))), np.float32)
            grown[:, : self._table.shape[1]] = self._table
            self._table = grown
        for first in range(0, len(numbers), _AT_ONCE):
            some = np.array(numbers[first : first + _AT_ONCE], np.int64)
            chosen = [titles[number] for number in some.tolist()]
            if not context.silent:
                self._table[: context.cells, some] = context.table(trait_matrix(chosen, context.names), some)
            if not succession.silent:
                self._table[context.cells :, some] = succession.table(trait_matrix(chosen, succession.names))

    @property
    def table(self) -> NDArray[np.float32]:
        """float32[cells + rows, titles]; without titles where both models are silent."""
        return self._table[:, : self._size]
