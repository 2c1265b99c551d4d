"""A query as the sources read it: what blend, ranker, forecast and training all start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import LIKED
from frontrow.models.dense import Said
from frontrow.models.query import Query


@dataclass(frozen=True)
class History:
    """A query's interactions of positive weight, at most the latest `max_history`, and their age (0: the latest)."""

    titles: NDArray[np.int32]
    weights: NDArray[np.float32]
    age: NDArray[np.float32]
    said: dict[str, Said] = field(default_factory=dict, compare=False)
    """What it says in a matrix, by the matrix's name: gathered when first asked for."""

    @classmethod
    def of(cls, query: Query, max_history: int) -> History:
        """What models read of a query; what a viewer disliked or hardly began says nothing for other titles."""
        chosen = np.flatnonzero((query.weights > 0) & (query.titles >= 0))[-max_history:]
        age = np.arange(len(chosen) - 1, -1, -1, dtype=np.float32)
        return cls(query.titles[chosen], query.weights[chosen], age)

    def last(self, steps: int) -> History:
        """Its latest `steps` interactions."""
        return History(self.titles[-steps:], self.weights[-steps:], self.age[-steps:])

    def liked(self) -> History:
        """Its interactions from LIKED on."""
        chosen = self.weights >= np.float32(LIKED)
        return History(self.titles[chosen], self.weights[chosen], self.age[chosen])

    def faded(self, decay: float) -> NDArray[np.float32]:
        """What fades with age alone, 1 for the latest: float32[len]. That it was watched is what counts."""
        faded: NDArray[np.float32] = np.float32(decay) ** self.age
        return faded

    def __len__(self) -> int:
        return len(self.titles)


@dataclass(frozen=True)
class Reading:
    """What each feature says of every title, for one query.

    `rows` float32[features, titles], in the order of models/names.py; `mean` and `scale`, float32[features], bring them
    to standard deviations (Sources.read says over which titles). `failed`: features that raised or were not finite,
    with why (their rows are 0). `unseen`: numbers of the titles that models know nothing of; `lent`: which features of
    which of them are those of titles like them (models/lending.py).
    """

    query: Query
    history: History
    rows: NDArray[np.float32]
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    failed: Mapping[str, str]
    unseen: NDArray[np.int64]
    lent: Sequence[tuple[list[int], NDArray[np.int64]]]

    def standardised(self, titles: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """float32[features, len(titles)]: in standard deviations (None: of all titles)."""
        rows = self.rows.copy() if titles is None else self.rows.take(titles, 1)
        rows -= self.mean[:, None]
        rows *= self.scale[:, None]
        return rows
