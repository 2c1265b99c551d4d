"""What the ranker reads of each candidate, of the viewer's history, and of the moment.

Nothing here depends on a title's number or on the order of a file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, MINUTE, SECOND
from frontrow.models.names import FEATURES
from frontrow.models.query import Query
from frontrow.models.ranker.columns import COLUMNS, MOMENT, PAIRS
from frontrow.models.ranker.network import CLIP
from frontrow.models.reading import History, Reading
from frontrow.models.sources import Sources

_LATEST = 20
_AFTER, _FOLLOWS = 3, 2


def table_of(sources: Sources, reading: Reading, candidates: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[len(candidates), len(COLUMNS)] for a viewer with a history, from what these sources read."""
    table = np.empty((len(candidates), len(COLUMNS)), np.float32)
    first, second = len(FEATURES), 2 * len(FEATURES)
    standardised = reading.standardised(candidates)
    table[:, :first] = standardised.T  # as the blend weighs them
    near = np.clip(standardised, -CLIP, CLIP)
    table[:, first:second] = np.log1p(near.max(axis=1, keepdims=True, initial=-CLIP) - near).T
    table[:, second : second + len(PAIRS)] = _pairs(sources, reading.history, candidates).T
    table[:, second + len(PAIRS) :] = moment_of(reading.query, reading.history)
    return table


def _pairs(sources: Sources, history: History, candidates: NDArray[np.int64]) -> NDArray[np.float32]:
    pairs = np.zeros((len(PAIRS), len(candidates)), np.float32)
    if sources.models is not None:
        after, follows = history.titles[: -_AFTER - 1 : -1], history.titles[: -_FOLLOWS - 1 : -1]
        pairs[: len(after)] = sources.models.transitions.contributions(after, candidates)
        pairs[_AFTER : _AFTER + len(follows)] = sources.models.follow.contributions(follows, candidates)
    return pairs


def moment_of(query: Query, history: History) -> NDArray[np.float32]:
    """float32[len(MOMENT)]: what is the same for every candidate."""
    at = query.at
    if not len(at):
        return np.zeros(len(MOMENT), np.float32)
    latest = int(at[-1])
    gap = max(query.now - latest, 0) / SECOND if query.timed else 0.0
    same_minute = np.count_nonzero(latest - at[-_LATEST:] <= MINUTE) / _LATEST
    days, last_day = (latest - int(at[0])) / DAY, np.count_nonzero(latest - at <= DAY)
    logs = np.log1p(np.array([gap, len(history), max(days, 0.0), last_day]))
    return np.array([logs[0], query.timed, logs[1], same_minute, logs[2], logs[3]], np.float32)
