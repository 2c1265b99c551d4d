"""What came of each title's playbacks so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.features.outcomes import OUTCOMES
from frontrow.models.outcomes.columns import OWN

PULL = 8.0
"""Playbacks of everybody's that a title's own are joined by."""
_LEAST, _MOST = 1e-3, 1 - 1e-3


@dataclass(frozen=True)
class TitleRates:
    """`table` is float32[titles, OWN]; `usual` float32[OWN] is that of a title of which nothing is known, one beyond
    the end of the table too."""

    table: NDArray[np.float32]
    usual: NDArray[np.float32]

    @classmethod
    def of(cls, interactions: Interactions, n_titles: int) -> TitleRates:
        """From what came of these interactions."""
        outcomes = interactions.outcomes
        known = np.empty(0, np.int64) if outcomes is None else np.flatnonzero(~np.isnan(outcomes).any(axis=1))
        told = np.zeros((0, len(OUTCOMES))) if outcomes is None else outcomes[known].astype(np.float64)
        title = interactions.title[known]
        mean = told.mean(axis=0) if len(told) else np.zeros(len(OUTCOMES))
        count = np.bincount(title, minlength=n_titles).astype(np.float64)
        sums = np.stack([np.bincount(title, each, n_titles) for each in told.T])
        rates = (sums + PULL * mean[:, None]) / (count + PULL)
        table = np.concatenate([_natural(rates), np.log1p(count)[None]]).T
        usual = np.concatenate([_natural(mean[:, None])[:, 0], [0.0]])
        return cls(table.astype(np.float32), usual.astype(np.float32))

    def read(self, titles: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[len(titles), OWN]."""
        if not len(self.table):
            return np.repeat(self.usual[None], len(titles), 0)
        known = titles < len(self.table)
        return np.where(known[:, None], self.table[np.where(known, titles, 0)], self.usual)


def _natural(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log minutes, log odds of the others, of float64[OUTCOMES, n]."""
    odds = np.clip(rates, _LEAST, _MOST)
    natural = np.log(odds / (1 - odds))
    natural[0] = np.log(np.maximum(rates[0], 0.1))
    assert len(natural) == len(OWN) - 1
    return natural
