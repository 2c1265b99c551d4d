"""Off-policy estimators on 500 simulated logs whose truth is known, and on Open Bandit beside the checkout.

Bias within two standard errors, coverage of the 95 % interval between 93 and 97 %. Run:
python benchmarks/experiments/offpolicy.py
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from result import write

from frontrow.core.random import stream
from frontrow.experiments.offpolicy.log import DecisionLog
from frontrow.experiments.offpolicy.reward_table import cross_fitted_rewards
from frontrow.experiments.offpolicy.single import doubly_robust, inverse_propensity, replay, self_normalised
from frontrow.experiments.offpolicy.slate import cascade, per_slot, pseudo_inverse, slate_inverse_propensity
from frontrow.experiments.offpolicy.value import PolicyValue

LOGS, ROWS, CONTEXTS, ACTIONS, SLOTS, ITEMS = 500, 4_000, 20, 10, 3, 6
OPEN_BANDIT = Path(__file__).parents[3] / "shared/data/open-bandit"


def softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def pick(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (
        (probabilities.cumsum(axis=-1) < rng.random((*probabilities.shape[:-1], 1)))
        .sum(axis=-1)
        .clip(max=probabilities.shape[-1] - 1)
    )


def single(estimates: dict[str, list[PolicyValue]], truths: dict[str, float]) -> None:
    """One action: contexts × actions with Bernoulli rewards; a softmax logs, a sharper other one is asked about."""
    world = stream(3, "off-policy world")
    chance = 0.05 + 0.3 * world.random((CONTEXTS, ACTIONS))
    logging = softmax(world.normal(0, 0.7, (CONTEXTS, ACTIONS)))
    target = softmax(8 * chance)
    best = np.eye(ACTIONS)[chance.argmax(axis=1)]
    mixed = float((target * chance).sum(axis=1).mean())
    truths |= {"IPS": mixed, "SNIPS": mixed, "DR": mixed, "replay": float(chance.max(axis=1).mean())}
    for number in range(LOGS):
        rng = stream(3, "off-policy log", number)
        context = rng.integers(0, CONTEXTS, ROWS)
        action = pick(logging[context], rng)
        reward = (rng.random(ROWS) < chance[context, action]).astype(float)
        log = DecisionLog(reward, logging[context, action], target[context, action])
        predicted, expected = cross_fitted_rewards(context, action, reward, target[context])
        estimates["IPS"].append(inverse_propensity(log))
        estimates["SNIPS"].append(self_normalised(log))
        estimates["DR"].append(doubly_robust(log, predicted, expected))
        uniform = rng.integers(0, ACTIONS, ROWS)
        earned = (rng.random(ROWS) < chance[context, uniform]).astype(float)
        estimates["replay"].append(replay(DecisionLog(earned, np.full(ROWS, 1 / ACTIONS), best[context, uniform])))


def slates(estimates: dict[str, list[PolicyValue]], truths: dict[str, float]) -> None:
    """Slots drawn independently. Plain viewers look at each slot alone; reading ones leave after a click."""
    world = stream(3, "slate world")
    chance = 0.1 + 0.4 * world.random((SLOTS, ITEMS))
    logging = softmax(world.normal(0, 0.4, (SLOTS, ITEMS)))
    target = softmax(4 * chance)
    mean = (target * chance).sum(axis=1)
    reading = float(sum(mean[slot] * np.prod(1 - mean[:slot]) for slot in range(SLOTS)))
    for name in ("slate IPS", "per slot", "cascade", "pseudo-inverse"):
        truths[name] = float(mean.sum())
    truths |= {"cascade, reading viewers": reading, "per slot, reading viewers (control)": reading}
    for number in range(LOGS):
        rng = stream(3, "slate log", number)
        items = np.stack([pick(np.broadcast_to(logging[slot], (ROWS, ITEMS)), rng) for slot in range(SLOTS)], axis=1)
        at = np.arange(SLOTS)
        clicks = (rng.random((ROWS, SLOTS)) < chance[at, items]).astype(float)
        log = DecisionLog(clicks, logging[at, items], target[at, items])
        estimates["slate IPS"].append(slate_inverse_propensity(log))
        estimates["per slot"].append(per_slot(log))
        estimates["cascade"].append(cascade(log))
        estimates["pseudo-inverse"].append(pseudo_inverse(log))
        first = clicks * (np.cumsum(clicks, axis=1) == 1)
        leaving = DecisionLog(first, log.propensity, log.target)
        estimates["cascade, reading viewers"].append(cascade(leaving))
        estimates["per slot, reading viewers (control)"].append(per_slot(leaving))


def open_bandit() -> dict[str, object]:
    """The Thompson log asked about the uniform policy, and the uniform log about Thompson's item shares by position."""
    uniform = pl.read_parquet(OPEN_BANDIT / "random.parquet")
    thompson = pl.read_parquet(OPEN_BANDIT / "bts.parquet")
    clicks = thompson["click"].to_numpy().astype(float)
    propensity = thompson["propensity_score"].to_numpy()
    from_thompson = DecisionLog(clicks, propensity, np.full(len(clicks), 1 / 80))
    shares = np.zeros((4, 80))
    np.add.at(shares, (thompson["position"].to_numpy(), thompson["item_id"].to_numpy()), 1.0)
    shares = (shares + 1) / (shares + 1).sum(axis=1, keepdims=True)
    position, item = uniform["position"].to_numpy(), uniform["item_id"].to_numpy()
    earned = uniform["click"].to_numpy().astype(float)
    log = DecisionLog(earned, uniform["propensity_score"].to_numpy(), shares[position, item])
    predicted, expected = cross_fitted_rewards(position, item, earned, shares[position])
    asked = {
        "uniform from the Thompson log, SNIPS": self_normalised(from_thompson),
        "Thompson shares from the uniform log, IPS": inverse_propensity(log),
        "Thompson shares from the uniform log, SNIPS": self_normalised(log),
        "Thompson shares from the uniform log, DR": doubly_robust(log, predicted, expected),
    }
    return {
        "clicks a slot, uniform": float(earned.mean()),
        "clicks a slot, Thompson": float(clicks.mean()),
        **{name: msgspec.to_builtins(found) for name, found in asked.items()},
    }


def main() -> None:
    began = time.perf_counter()
    truths: dict[str, float] = {}
    names = ["IPS", "SNIPS", "DR", "replay", "slate IPS", "per slot", "cascade", "pseudo-inverse"]
    names += ["cascade, reading viewers", "per slot, reading viewers (control)"]
    estimates: dict[str, list[PolicyValue]] = {name: [] for name in names}
    single(estimates, truths)
    slates(estimates, truths)
    figures: dict[str, object] = {"logs": LOGS, "decisions": ROWS}
    gates: dict[str, bool] = {}
    for name, several in estimates.items():
        truth = truths[name]
        values = np.array([one.value for one in several if one.value is not None])
        inside = [one.low <= truth <= one.high for one in several if one.low is not None and one.high is not None]
        bias = float(values.mean() - truth) / (float(values.std(ddof=1)) / math.sqrt(len(values)))
        figures[name] = {
            "truth": truth,
            "mean": float(values.mean()),
            "bias in standard errors": round(bias, 2),
            "coverage": float(np.mean(inside)),
            "standard deviation": float(values.std(ddof=1)),
            "effective share": float(np.mean([one.overlap.effective / ROWS for one in several])),
            "refused": sum(one.refused for one in several),
        }
        if "control" not in name:
            gates[f"{name}: bias"] = abs(bias) <= 2
            gates[f"{name}: coverage"] = 0.93 <= float(np.mean(inside)) <= 0.97
    if OPEN_BANDIT.is_dir():
        figures["Open Bandit"] = open_bandit()
    write(__file__, figures | {"gates": gates}, began)


if __name__ == "__main__":
    main()
