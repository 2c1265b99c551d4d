"""What is watched next after such a history: a ridge regression from a fading history to what followed.

At every moment of every viewer the history, each step back worth `decay` of the one after it, is regressed on what
came next, each step further ahead worth `ahead` of the one before (after SLIT: Choi et al., "Session-aware Linear
Item-Item Models for Session-based Recommendation", WWW 2021; here without sessions, and with one ridge solve).
"""

from __future__ import annotations

import warnings

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from frontrow.features.interactions import Interactions
from frontrow.models.dense import TitleMatrix, most_watched, ridge_too_small

_BYTES_A_CELL = 16
"""Held at once, for each pair of titles: the history's Gram matrix (4), the targets, solved in place (4), and the
sparse product that is being added (8)."""

_MOMENTS_AT_ONCE = 100_000
_NEGLIGIBLE = 0.01


def steps_of(decay: float) -> int:
    """How many steps are not negligible."""
    return 1 if decay <= 0 else 1 + int(np.floor(np.log(_NEGLIGIBLE) / np.log(decay)))


def fit_follow(
    interactions: Interactions,
    n_titles: int,
    *,
    regularization: float,
    decay: float,
    ahead: float,
    max_bytes: int,
) -> TitleMatrix:
    """Weights from a fading history to what follows. Weights are not read: to have watched it is what counts."""
    titles = most_watched(interactions, n_titles, max_bytes, _BYTES_A_CELL)
    place = np.full(n_titles, -1, np.int32)
    place[titles] = np.arange(len(titles), dtype=np.int32)
    inside = place[interactions.title] >= 0
    profile, title = interactions.profile[inside], place[interactions.title[inside]]
    moments = np.flatnonzero(profile[1:] == profile[:-1]) + 1
    if not len(moments):
        return TitleMatrix.of(titles, n_titles, np.zeros((len(titles), len(titles)), np.float32))
    gram = np.zeros((len(titles), len(titles)), np.float32, order="F")
    target = np.zeros_like(gram)
    for first in range(0, len(moments), _MOMENTS_AT_ONCE):
        rows = moments[first : first + _MOMENTS_AT_ONCE]
        before = _steps(profile, title, rows, -decay, len(titles))
        after = _steps(profile, title, rows, ahead, len(titles))
        gram += (before.T @ before).toarray(order="F")
        target += (before.T @ after).toarray(order="F")
    gram[np.diag_indices_from(gram)] += regularization
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", scipy.linalg.LinAlgWarning)  # of such equations nothing but noise comes
            solved = scipy.linalg.solve(gram, target, assume_a="pos", overwrite_a=True, overwrite_b=True)
    except (scipy.linalg.LinAlgError, scipy.linalg.LinAlgWarning):
        raise ridge_too_small("follow", regularization) from None
    return TitleMatrix.of(titles, n_titles, np.ascontiguousarray(solved, np.float32))


def _steps(
    profile: NDArray[np.int64],
    title: NDArray[np.int32],
    moments: NDArray[np.int64],
    decay: float,
    size: int,
) -> scipy.sparse.csr_matrix:
    """Sparse[moments, titles]: the steps from each moment on (decay ≥ 0), or those before it (negative)."""
    backward = decay < 0
    rows, columns, values = [], [], []
    for step in range(steps_of(abs(decay))):
        there = moments - 1 - step if backward else moments + step
        inside = np.flatnonzero((there >= 0) & (there < len(profile)))
        inside = inside[profile[there[inside]] == profile[moments[inside]]]
        rows.append(inside.astype(np.int32))
        columns.append(title[there[inside]])
        values.append(np.full(len(inside), abs(decay) ** step, np.float32))
    return scipy.sparse.csr_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(len(moments), size)
    )
