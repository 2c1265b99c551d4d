"""How likely a viewer is to look at a place of a page, told from what was taken from where.

What stands first is taken more often, whether it is better or not. A title is taken if its place is looked at and the
title wanted: the two chances are fitted together by expectation maximisation, the want as a function of what is known
of viewer and title (the position-based model with regression: Wang et al. 2018). A choice from a place that few look at
stands for more of its like, and weighs as much more where ranking is learned (inverse propensity: Joachims et al.
2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.special
from numpy.typing import NDArray

from frontrow.features.definitions import PAIR_FEATURES
from frontrow.features.history import History
from frontrow.features.placements import CELLS, NOWHERE
from frontrow.features.signals import SIGNAL
from frontrow.features.training_view import Moments, pair_features
from frontrow.models.cases.data import TrainingData

LEAST_SHOWN: Final = 2_000
LEAST_TAKEN: Final = 100
MOST_WEIGHT: Final = 5.0
"""Choices weigh at most so much more than one from the place that is looked at most."""
MOST_SHOWN: Final = 30_000
_MATCHES: Final = tuple(each for each in PAIR_FEATURES if each.name.startswith("pair_match"))
_ROUNDS: Final = 60
_PRIOR: Final = 20.0
"""Impressions that a place's chance is drawn to all places' by."""
_RIDGE: Final = 1.0


@dataclass(frozen=True)
class Examination:
    """`chance` float64[CELLS]: how likely each place is looked at, beside the one that is looked at most (1)."""

    chance: NDArray[np.float64]

    def weights(self, cells: NDArray[np.int16]) -> NDArray[np.float32]:
        """float32[n]: what choices from these places weigh; 1 for those from nowhere."""
        weights = np.minimum(1 / np.maximum(self.chance[np.maximum(cells, 0)], 1e-9), MOST_WEIGHT)
        return np.where(cells == NOWHERE, 1.0, weights).astype(np.float32)


def fit_examination(
    cell: NDArray[np.int64], taken: NDArray[np.bool_], known: NDArray[np.float64]
) -> Examination | None:
    """From impressions: where each stood, whether it was taken, and what is known of viewer and title, float64[n, k].
    None with too few to tell, or all in one place."""
    shown = np.bincount(cell, minlength=CELLS)
    if len(cell) < LEAST_SHOWN or taken.sum() < LEAST_TAKEN or np.count_nonzero(shown) < 2:
        return None
    taken_ = taken.astype(np.float64)
    deviation = known.std(axis=0)
    standard = (known - known.mean(axis=0)) * np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    entering = np.concatenate([standard, np.ones((len(cell), 1))], axis=1)
    rate = (np.bincount(cell, taken_, CELLS) + _PRIOR * taken_.mean()) / (shown + _PRIOR)
    looked = rate / rate.max()
    want = np.zeros(entering.shape[1])
    want[-1] = scipy.special.logit(np.clip(rate.max(), 0.01, 0.9))
    for _ in range(_ROUNDS):
        wanted, seen = scipy.special.expit(entering @ want), looked[cell]
        not_taken = np.maximum(1 - wanted * seen, 1e-9)
        was_seen = np.where(taken, 1.0, seen * (1 - wanted) / not_taken)
        was_wanted = np.where(taken, 1.0, wanted * (1 - seen) / not_taken)
        usual = float(was_seen.mean())
        looked = (np.bincount(cell, was_seen, CELLS) + _PRIOR * usual) / (shown + _PRIOR)
        want = _closer(entering, was_wanted, want)
    told = looked / looked[shown >= _PRIOR].max() if (shown >= _PRIOR).any() else looked / looked.max()
    return Examination(np.minimum(told, 1.0))


def _closer(
    entering: NDArray[np.float64], was_wanted: NDArray[np.float64], want: NDArray[np.float64]
) -> NDArray[np.float64]:
    """One step of Newton's method towards the most likely weights of a logistic regression with a ridge."""
    told = scipy.special.expit(entering @ want)
    pull = np.full(len(want), _RIDGE)
    pull[-1] = 0
    slope = entering.T @ (was_wanted - told) - pull * want
    curve = (entering * (told * (1 - told))[:, None]).T @ entering + np.diag(pull + 1e-6)
    step = np.linalg.solve(curve, slope)
    most = float(np.abs(step).max())
    return np.asarray(want + step * min(1.0, 2.0 / max(most, 1e-12)))


def examination_of(data: TrainingData) -> Examination | None:
    """From the latest MOST_SHOWN impressions that models may learn from; None where the log tells too little.

    What is known of viewer and title: how well its labels match, as it stood when it was shown, and how often it was
    watched at all.
    """
    placements, past = data.placements, data.past
    if placements is None or past is None or len(placements) < LEAST_SHOWN:
        return None
    some = placements.latest(MOST_SHOWN)
    offset, at, profile, title = some.offset, some.at, some.profile, some.title
    signals = np.concatenate([np.empty(0, SIGNAL), *map(past.signals_of, np.unique(profile).tolist())])
    history = History(signals[np.argsort(signals["offset"], kind="stable")])
    moments = Moments(profile, offset - 1, at)
    told = pair_features(_MATCHES, history, past.space, moments, np.arange(len(at)), title.astype(np.int64))
    views = np.log1p(np.bincount(data.interactions.title, minlength=data.n_titles))
    known = title < len(views)
    fame = np.where(known, views[np.where(known, title, 0)], 0)
    return fit_examination(some.cell, some.taken, np.stack([*(told[each.name] for each in _MATCHES), fame], axis=1))
