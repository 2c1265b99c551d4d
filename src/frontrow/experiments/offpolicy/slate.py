"""Many slots a decision: estimators that pay for slates with an assumption on how viewers look at them.

The value is the sum of the slots' rewards. Arrays of the log are n by slots.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frontrow.core.errors import FrontrowError
from frontrow.experiments.offpolicy.log import F64, DecisionLog
from frontrow.experiments.offpolicy.overlap import Overlap, overlap
from frontrow.experiments.offpolicy.value import PolicyValue, policy_value


def slate_inverse_propensity(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """IPS of the whole slate: assumes nothing, and its weights are products over the slots, so mostly refused."""
    rewards = _slots(log)
    weights = log.weights.prod(axis=1)
    parts = weights * rewards.sum(axis=1)
    return policy_value(log, "slate IPS", "nothing", float(parts.mean()), parts, overlap(log, weights), alpha)


def per_slot(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """Each slot weighted by its own item (Li, Abbasi-Yadkori, Kveton et al. 2018, the item-position model).

    propensity and target are each slot's own, whatever the slots above hold (marginal, not conditional).
    """
    rewards = _slots(log)
    parts = (log.weights * rewards).sum(axis=1)
    assumes = "a slot's reward depends on its own item and position only"
    found = _thinnest([overlap(log, column) for column in log.weights.T])
    return policy_value(log, "per slot", assumes, float(parts.mean()), parts, found, alpha)


def cascade(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """Each slot weighted by itself and those above, self-normalised by slot (RIPS, McInerney et al. 2020)."""
    rewards = _slots(log)
    weights = np.cumprod(log.weights, axis=1)
    means = weights.mean(axis=0)
    found = _thinnest([overlap(log, column) for column in weights.T])
    safe = np.where(means > 0, means, 1.0)
    by_slot = (weights * rewards).mean(axis=0) / safe
    influence = (weights * (rewards - by_slot) / safe).sum(axis=1)
    assumes = "viewers read from the top: a slot's reward does not depend on the slots below"
    return policy_value(log, "cascade", assumes, float(by_slot.sum()), influence, found, alpha)


def pseudo_inverse(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """PI (Swaminathan et al. 2017) for policies that draw the slots independently: weight 1 + Σ (w - 1).

    For such policies the general matrix inverse is this sum (Vlassis, Chandrashekar, Amat & Kallus 2021). The slate's
    reward need not be known by slot: only the row's sum is used.
    """
    rewards = _slots(log)
    weights = 1 + (log.weights - 1).sum(axis=1)
    parts = weights * rewards.sum(axis=1)
    assumes = "the slate's value is a sum over slots, and both policies draw the slots independently"
    found = overlap(log, weights)
    return policy_value(log, "pseudo-inverse", assumes, float(parts.mean()), parts, found, alpha)


def _slots(log: DecisionLog) -> F64:
    if log.reward.ndim != 2:
        raise FrontrowError("this estimator is for slates", "Give arrays of decisions by slots")
    return log.reward


def _thinnest(found: Sequence[Overlap]) -> Overlap:
    """The slot that says least; any refusal of another slot is its too."""
    refused = [one for one in found if one.refused]
    return min(refused or found, key=lambda one: one.effective)
