"""How a system's lists, all together, use the catalogue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from frontrow.evaluate.bootstrap import Interval

EXPOSURE_METRICS = ("coverage@10", "gini@10")
_NORMAL = 1.959964


class Exposure(NamedTuple):
    """`value` float64[len(EXPOSURE_METRICS)] of everybody's lists, `resampled` float64[resamples, ...] of viewers drawn
    with replacement."""

    value: NDArray[np.float64]
    resampled: NDArray[np.float64]


def exposure_of(
    lists: NDArray[np.int64], viewer: NDArray[np.int64], candidates: NDArray[np.bool_], draws: NDArray[np.int64]
) -> Exposure:
    """Coverage (the share of `candidates` in anybody's list) and the Gini coefficient of how often candidates are in
    lists: 0 all alike, towards 1 one has all (see Shani & Gunawardana 2011).

    `lists` int64[lists, CUT] of titles, -1 for none; `viewer` int64[lists] is a list's place among the viewers;
    `draws` int64[resamples, viewers] how often each viewer was drawn.
    """
    row, column = np.nonzero(lists >= 0)
    titles = np.flatnonzero(candidates)
    place = np.searchsorted(titles, lists[row, column])
    shape = (draws.shape[1], len(titles))
    shown = scipy.sparse.csr_matrix((np.ones(len(row)), (viewer[row], place)), shape=shape)
    whole = exposure(np.asarray(shown.sum(axis=0)))
    # A few at a time: a draw is as wide as the catalogue.
    parts = [exposure(np.asarray(draws[first : first + 50] @ shown)) for first in range(0, len(draws), 50)]
    return Exposure(whole[0], np.concatenate(parts) if parts else np.zeros((0, len(EXPOSURE_METRICS))))


def exposure(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[n, len(EXPOSURE_METRICS)] from how often each title was shown, float64[n, titles]."""
    titles = counts.shape[1]
    total = counts.sum(axis=1)
    if not titles:
        return np.zeros((len(counts), len(EXPOSURE_METRICS)))
    place = 2 * np.arange(1, titles + 1) - titles - 1
    spread = np.sort(counts, axis=1) @ place
    gini = np.divide(spread, titles * total, out=np.zeros(len(counts)), where=total > 0)
    return np.stack([(counts > 0).mean(axis=1), gini], axis=1)


def around(value: float, resampled: NDArray[np.float64]) -> Interval:
    """A 95 % interval of the normal distribution around the value.

    Viewers drawn with replacement see fewer titles than the viewers themselves, so that percentiles would lie beside
    the value; how far draws differ is right.
    """
    half = _NORMAL * float(resampled.std()) if len(resampled) else 0.0
    return Interval(value, value - half, value + half)
