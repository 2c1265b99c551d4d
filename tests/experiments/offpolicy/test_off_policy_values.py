"""Off-policy estimators: right where the truth is known, silent where the log says too little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.core.errors import FrontrowError
from frontrow.experiments.offpolicy.clustered import clustered_error
from frontrow.experiments.offpolicy.log import DecisionLog
from frontrow.experiments.offpolicy.reward_table import cross_fitted_rewards
from frontrow.experiments.offpolicy.single import doubly_robust, inverse_propensity, replay, self_normalised
from frontrow.experiments.offpolicy.slate import cascade, per_slot, pseudo_inverse, slate_inverse_propensity
from frontrow.experiments.offpolicy.value import PolicyValue

ROWS, ACTIONS = 3_000, 5
CHANCE = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
LOGGING = np.array([0.4, 0.25, 0.15, 0.1, 0.1])
TARGET = np.array([0.05, 0.15, 0.2, 0.3, 0.3])
SINGLE = (inverse_propensity, self_normalised)
SLATE = (slate_inverse_propensity, per_slot, cascade, pseudo_inverse)


def log_of(seed: int, rows: int = ROWS) -> tuple[DecisionLog, np.ndarray]:
    rng = np.random.default_rng(seed)
    action = rng.choice(ACTIONS, rows, p=LOGGING)
    reward = (rng.random(rows) < CHANCE[action]).astype(float)
    return DecisionLog(reward, LOGGING[action], TARGET[action]), action


def slates_of(seed: int, rows: int = ROWS, slots: int = 3) -> DecisionLog:
    rng = np.random.default_rng(seed)
    items = rng.choice(ACTIONS, (rows, slots), p=LOGGING)
    reward = (rng.random((rows, slots)) < CHANCE[items]).astype(float)
    return DecisionLog(reward, LOGGING[items], (0.5 * LOGGING + 0.5 * TARGET)[items])


def check(found: list[PolicyValue], truth: float) -> None:
    """Bias within three standard errors, and intervals that mostly hold the truth."""
    values = np.array([one.value for one in found], float)
    assert abs(values.mean() - truth) <= 3 * values.std(ddof=1) / len(values) ** 0.5
    inside = [one.low is not None and one.high is not None and one.low <= truth <= one.high for one in found]
    assert np.mean(inside) >= 0.88
    errors = np.array([one.standard_error for one in found], float)
    assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.2)


@pytest.mark.parametrize("estimator", SINGLE)
def test_single_actions_are_valued_right(estimator) -> None:
    check([estimator(log_of(seed)[0]) for seed in range(100)], float(TARGET @ CHANCE))


def test_the_doubly_robust_value_is_right_and_sharper_than_plain_weights() -> None:
    found, plain = [], []
    for seed in range(100):
        log, action = log_of(seed)
        target = np.broadcast_to(TARGET, (ROWS, ACTIONS))
        predicted, expected = cross_fitted_rewards(np.zeros(ROWS, int), action, log.reward, target)
        found.append(doubly_robust(log, predicted, expected))
        plain.append(inverse_propensity(log))
    check(found, float(TARGET @ CHANCE))
    assert np.std([one.value for one in found]) < np.std([one.value for one in plain])


def test_a_wrong_reward_model_does_no_harm_where_propensities_are_right() -> None:
    logs = [log_of(seed)[0] for seed in range(100)]
    check([doubly_robust(log, np.full(ROWS, 9.0), np.full(ROWS, 9.0)) for log in logs], float(TARGET @ CHANCE))


def test_replay_is_right_on_a_uniform_log_and_refuses_others() -> None:
    found = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        action = rng.integers(0, ACTIONS, ROWS)
        reward = (rng.random(ROWS) < CHANCE[action]).astype(float)
        found.append(replay(DecisionLog(reward, np.full(ROWS, 1 / ACTIONS), (action == 4).astype(float))))
    check(found, 0.5)
    log, _ = log_of(1)
    with pytest.raises(FrontrowError, match="uniformly random"):
        replay(log)
    with pytest.raises(FrontrowError, match="without chance"):
        replay(DecisionLog(log.reward, np.full(ROWS, 0.2), log.target))


@pytest.mark.parametrize("estimator", SLATE)
def test_slates_are_valued_right(estimator) -> None:
    truth = 3 * float((0.5 * LOGGING + 0.5 * TARGET) @ CHANCE)
    check([estimator(slates_of(seed)) for seed in range(100)], truth)


def test_the_same_policy_is_worth_what_was_earned() -> None:
    log, _ = log_of(1)
    same = DecisionLog(log.reward, log.propensity, log.propensity)
    for estimator in SINGLE:
        found = estimator(same)
        assert found.value == pytest.approx(log.reward.mean())
        assert found.overlap.effective == pytest.approx(ROWS)
    slates = slates_of(1)
    again = DecisionLog(slates.reward, slates.propensity, slates.propensity)
    for estimator in SLATE:
        assert estimator(again).value == pytest.approx(slates.reward.sum(axis=1).mean())


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0.1, 100))
def test_rewards_in_another_unit_scale_the_value(seed: int, factor: float) -> None:
    log, _ = log_of(seed, 1_000)
    scaled = DecisionLog(log.reward * factor, log.propensity, log.target)
    for estimator in SINGLE:
        one, other = estimator(log), estimator(scaled)
        assert one.value is not None
        assert other.value == pytest.approx(one.value * factor)


def test_thin_overlap_is_refused_with_reasons() -> None:
    rng = np.random.default_rng(1)
    rare = np.where(rng.random(ROWS) < 0.005, 0.005, 0.995)
    log = DecisionLog(np.ones(ROWS), rare, np.where(rare < 0.1, 0.99, 0.01))
    found = inverse_propensity(log)
    assert found.refused
    assert found.low is None
    assert found.overlap.refused[0].endswith("100 are needed")
    slates = slates_of(1)
    sharp = DecisionLog(slates.reward, slates.propensity, (slates.propensity == 0.1).astype(float) / 2)
    assert slate_inverse_propensity(sharp).refused


def test_propensities_that_are_not_the_logs_are_refused() -> None:
    log, _ = log_of(1)
    wrong = DecisionLog(log.reward, log.propensity / 2, log.target)
    found = self_normalised(wrong)
    assert found.refused
    assert "weights average" in found.overlap.refused[-1]


def test_a_target_that_the_log_never_took_is_refused() -> None:
    log, _ = log_of(1)
    for estimator in SINGLE:
        assert estimator(DecisionLog(log.reward, log.propensity, np.zeros(ROWS))).refused


def test_decisions_of_one_viewer_count_together() -> None:
    log, _ = log_of(1, 500)
    copies = 4
    repeated = DecisionLog(
        np.repeat(log.reward, copies),
        np.repeat(log.propensity, copies),
        np.repeat(log.target, copies),
        np.repeat(np.arange(500), copies),
    )
    once, again = inverse_propensity(log), inverse_propensity(repeated)
    assert again.value == pytest.approx(once.value)
    assert again.standard_error == pytest.approx(once.standard_error)
    assert clustered_error(np.ones(3), np.zeros(3, int)) == np.inf
    assert inverse_propensity(DecisionLog(log.reward, log.propensity, log.target, np.zeros(500, int))).refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"propensity": 0.0}, "propensities are not in"),
        ({"propensity": 1.5}, "propensities are not in"),
        ({"propensity": np.nan}, "propensities are not in"),
        ({"target": -0.1}, "between 0 and 1"),
        ({"target": np.nan}, "between 0 and 1"),
        ({"reward": np.inf}, "missing or infinite"),
    ],
)
def test_impossible_logs_are_refused(change: dict[str, float], message: str) -> None:
    good = {"reward": np.ones(4), "propensity": np.full(4, 0.5), "target": np.full(4, 0.5)}
    bad = good | {name: np.array([good[name][0], value, *good[name][2:]]) for name, value in change.items()}
    with pytest.raises(FrontrowError, match=message):
        DecisionLog(**bad)


def test_logs_of_another_shape_are_refused() -> None:
    with pytest.raises(FrontrowError, match="differ"):
        DecisionLog(np.ones(3), np.ones(2), np.ones(3))
    with pytest.raises(FrontrowError, match="no decisions"):
        DecisionLog(np.ones(0), np.ones(0), np.ones(0))
    with pytest.raises(FrontrowError, match="clusters"):
        DecisionLog(np.ones(3), np.ones(3), np.ones(3), np.zeros(2, int))
    with pytest.raises(FrontrowError, match="slates"):
        inverse_propensity(slates_of(1))
    with pytest.raises(FrontrowError, match="for slates"):
        cascade(log_of(1)[0])
    with pytest.raises(FrontrowError, match="actions must be"):
        cross_fitted_rewards(np.zeros(9, int), np.full(9, 7), np.ones(9), np.full((9, 5), 0.2))


def test_the_reward_model_never_sees_the_row_it_predicts() -> None:
    reward = np.zeros(50)
    reward[7] = 1e6
    action, context = np.zeros(50, int), np.zeros(50, int)
    predicted, _ = cross_fitted_rewards(context, action, reward, np.ones((50, 1)))
    assert predicted[7] == 0
    assert predicted[8] > 0


@pytest.mark.shared
def test_open_bandit_gives_values_of_the_right_size(shared: Path) -> None:
    uniform = pl.read_parquet(shared / "data" / "open-bandit" / "random.parquet")
    thompson = pl.read_parquet(shared / "data" / "open-bandit" / "bts.parquet")
    clicks = thompson["click"].to_numpy().astype(float)
    propensity = thompson["propensity_score"].to_numpy()
    found = self_normalised(DecisionLog(clicks, propensity, np.full(len(clicks), 1 / 80)))
    assert found.low is not None
    assert found.high is not None
    assert found.low <= uniform["click"].mean() <= found.high
    assert 300 < found.overlap.effective < 400
