"""One action a decision: inverse propensity, self-normalised, doubly robust, and replay."""

from __future__ import annotations

import numpy as np

from frontrow.core.errors import FrontrowError
from frontrow.experiments.offpolicy.log import F64, DecisionLog
from frontrow.experiments.offpolicy.overlap import overlap
from frontrow.experiments.offpolicy.value import PolicyValue, policy_value

_KNOWN = "the logged propensities are those the log was served with"


def inverse_propensity(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """IPS (Horvitz & Thompson 1952): unbiased, and as noisy as the weights."""
    rewards = _flat(log)
    weighted = log.weights * rewards
    return policy_value(log, "IPS", _KNOWN, float(weighted.mean()), weighted, overlap(log, log.weights), alpha)


def self_normalised(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """SNIPS (Hájek; Swaminathan & Joachims 2015): divided by the weights' mean, which cancels most of their noise.

    Its bias falls with one over the effective sample and is far below the standard error where overlap passes.
    """
    rewards = _flat(log)
    weights, found = log.weights, overlap(log, log.weights)
    mean = float(weights.mean())
    value = float((weights * rewards).mean() / mean) if mean > 0 else 0.0
    influence = weights * (rewards - value) / mean if mean > 0 else weights
    return policy_value(log, "SNIPS", _KNOWN, value, influence, found, alpha)


def doubly_robust(log: DecisionLog, predicted: F64, expected: F64, alpha: float = 0.05) -> PolicyValue:
    """DR (Dudík, Langford & Li 2011): a reward model, corrected by what it missed.

    float64[n] `predicted` is the model's reward of the logged action, `expected` its mean over the target policy's
    actions in the same context. The model must not have seen the row (see `cross_fitted_rewards`), else the interval
    is too narrow.
    """
    rewards = _flat(log)
    if predicted.shape != rewards.shape or expected.shape != rewards.shape:
        raise FrontrowError("the reward model's predictions must be one a decision")
    if not (np.isfinite(predicted).all() and np.isfinite(expected).all()):
        raise FrontrowError("the reward model's predictions must be finite")
    parts = expected + log.weights * (rewards - predicted)
    assumes = "the logged propensities, or the reward model, are right"
    return policy_value(log, "DR", assumes, float(parts.mean()), parts, overlap(log, log.weights), alpha)


def replay(log: DecisionLog, alpha: float = 0.05) -> PolicyValue:
    """The mean reward where a deterministic target agrees with a uniformly random log (Li, Chu, Langford & Wang 2011).

    FrontrowError where the log was not uniform or the target draws lots.
    """
    rewards = _flat(log)
    if not np.allclose(log.propensity, log.propensity[0], rtol=1e-6):
        raise FrontrowError("replay needs a log of uniformly random actions", "Use the self-normalised estimator")
    if not np.isin(log.target, (0.0, 1.0)).all():
        raise FrontrowError("replay needs a target policy without chance", "Use the self-normalised estimator")
    matched = log.target == 1
    share = float(matched.mean())
    value = float(rewards[matched].mean()) if share > 0 else 0.0
    influence = matched * (rewards - value) / share if share > 0 else np.zeros(len(log))
    found = overlap(log, log.weights)
    return policy_value(log, "replay", "the log chose uniformly at random", value, influence, found, alpha)


def _flat(log: DecisionLog) -> F64:
    if log.reward.ndim != 1:
        raise FrontrowError("this estimator is for one action a decision", "Use the estimators for slates")
    return log.reward
