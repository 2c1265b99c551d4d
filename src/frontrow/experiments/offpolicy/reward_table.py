"""A plain reward model for the doubly robust estimator: shrunken means by context and action, never of the row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.experiments.offpolicy.log import F64

PRIOR = 20.0
"""Decisions that a cell's mean weighs as much as its action's."""


def cross_fitted_rewards(
    context: NDArray[np.int64],
    action: NDArray[np.int64],
    reward: F64,
    target: F64,
    *,
    clusters: NDArray[np.int64] | None = None,
    folds: int = 5,
) -> tuple[F64, F64]:
    """(predicted, expected) for `doubly_robust`, float64[n] each.

    int64[n] `context` is a small number of kinds of context from 0, `action` one of the columns of float64[n, actions]
    `target`, the target policy's probabilities. Rows of one cluster stay in one fold (Chernozhukov et al. 2018).
    """
    rows, actions = target.shape
    if not (len(context) == len(action) == len(reward) == rows) or folds < 2 or rows < folds:
        raise FrontrowError("the reward model needs a context, action, reward and target row for every decision")
    if int(action.min()) < 0 or int(action.max()) >= actions or int(context.min()) < 0:
        raise FrontrowError(f"actions must be 0 to {actions - 1}, contexts 0 or more")
    whose = np.arange(rows) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    fold = whose % folds
    predicted, expected = np.empty(rows), np.empty(rows)
    for held in range(folds):
        out = fold == held
        table = _table(context[~out], action[~out], reward[~out], int(context.max()) + 1, actions)
        predicted[out] = table[context[out], action[out]]
        expected[out] = (table[context[out]] * target[out]).sum(axis=1)
    return predicted, expected


def _table(context: NDArray[np.int64], action: NDArray[np.int64], reward: F64, contexts: int, actions: int) -> F64:
    """float64[contexts, actions]: cells drawn to their action's mean, actions to the mean of all."""
    overall = float(reward.mean()) if len(reward) else 0.0
    count = np.bincount(action, minlength=actions)
    by_action = (np.bincount(action, weights=reward, minlength=actions) + PRIOR * overall) / (count + PRIOR)
    cell = context * actions + action
    size = contexts * actions
    counts = np.bincount(cell, minlength=size).reshape(contexts, actions)
    sums = np.bincount(cell, weights=reward, minlength=size).reshape(contexts, actions)
    shrunken: F64 = (sums + PRIOR * by_action) / (counts + PRIOR)
    return shrunken
