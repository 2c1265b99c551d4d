"""One viewer at one moment, as every model reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Query:
    """A viewer's history, oldest first, and the moment asked about.

    `titles` are title numbers (an episode's events count for its series), `at` microseconds UTC, `weights` 0..1 how
    much each interaction says for the title (a finished film 1, an abandoned one little). Empty arrays for nobody in
    particular. `now` is the moment answered for; `country` is ISO 3166-1 alpha-2 or None.
    """

    titles: NDArray[np.int32]
    at: NDArray[np.int64]
    weights: NDArray[np.float32]
    now: int
    country: str | None = None

    def __len__(self) -> int:
        return len(self.titles)


def nobody(now: int, country: str | None = None) -> Query:
    """The query of a viewer of whom nothing is known."""
    return Query(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.float32), now, country)
