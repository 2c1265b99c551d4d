"""What is going on with titles, and in countries, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.features.title_trends import SPANS, TitleTrends

_DAY, _WEEK = list(SPANS).index("24h"), list(SPANS).index("7d")


@dataclass(frozen=True)
class Asked:
    """Titles (int64 numbers) at a moment (microseconds UTC), seen from a country or from none."""

    trends: TitleTrends
    titles: NDArray[np.int64]
    now: int
    country: str | None = None


def views(asked: Asked) -> NDArray[np.int32]:
    """int32[titles, windows]."""
    return asked.trends.views(asked.titles, asked.now)


def views_in_country(asked: Asked) -> NDArray[np.int32]:
    """int32[titles, windows]; zeros without a country."""
    if asked.country is None:
        return np.zeros((len(asked.titles), len(SPANS)), np.int32)
    return asked.trends.views(asked.titles, asked.now, asked.country)


def momentum(asked: Asked) -> NDArray[np.float64]:
    """float64[titles]: (views of a day + 1) / (views of a week / 7 + 1)."""
    counted = asked.trends.views(asked.titles, asked.now)
    return (counted[:, _DAY] + 1.0) / (counted[:, _WEEK] / 7.0 + 1.0)


def of_country(asked: Asked) -> NDArray[np.int64]:
    """int64[1, windows]: views of all titles in the country; everywhere without one."""
    return asked.trends.total(asked.now, asked.country)[None]
