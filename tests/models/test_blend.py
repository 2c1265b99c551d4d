"""Blends: learned from what was watched, never negative, bounded in what few cases can say."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.horizon import NEXT, SESSION, Horizon
from frontrow.models.blend import Blend, prior_blend, spread
from frontrow.models.blend_fit import Cases, case_of, learn_weights, put_forward


def cases(count: int, seed: int = 0) -> Cases:
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        rows = random.standard_normal((3, 40)).astype(np.float32)
        target = np.array([int(rows[1].argmax())], np.int32)
        everything = np.ones(40, bool)
        found.append(case_of(rows, everything, put_forward(rows, everything), target))
    return Cases(case for case in found if case is not None)


def test_the_feature_that_tells_gets_the_weight():
    weights = learn_weights(cases(200), np.full(3, 0.1, np.float32))
    assert weights[1] > 5 * max(weights[0], weights[2])
    assert (weights >= 0).all()


def test_few_cases_leave_the_prior_nearly_as_it_is():
    prior = np.array([0.3, 0.1, 0.2], np.float32)
    few = np.abs(learn_weights(cases(1), prior) - prior).max()
    many = np.abs(learn_weights(cases(300), prior) - prior).max()
    assert few < 0.3 * many


def test_the_gradient_is_that_of_the_loss():
    some, weights, step = cases(20), np.array([0.3, 0.5, 0.1]), 1e-3
    _, gradient = some.loss(weights)
    for place in range(3):
        ahead, behind = weights.copy(), weights.copy()
        ahead[place] += step
        behind[place] -= step
        slope = (some.loss(ahead)[0] - some.loss(behind)[0]) / (2 * step)
        assert abs(slope - gradient[place]) < 1e-3


def test_targets_that_are_not_eligible_are_no_case():
    eligible = np.ones(5, bool)
    eligible[2] = False
    rows = np.ones((1, 5), np.float32)
    assert case_of(rows, eligible, put_forward(rows, eligible), np.array([2], np.int32)) is None


def test_days_lie_between_session_and_a_month():
    blend = prior_blend()
    assert np.array_equal(blend.weights(Horizon("days", 1)), blend.weights(SESSION))
    assert np.array_equal(blend.weights(Horizon("days", 30)), blend.weights(Horizon("days", 9999)))
    week = blend.weights(Horizon("days", 7))
    low = np.minimum(blend.by_horizon["session"], blend.by_horizon["days"])
    high = np.maximum(blend.by_horizon["session"], blend.by_horizon["days"])
    assert ((week >= low - 1e-6) & (week <= high + 1e-6)).all()


def test_saved_and_loaded_it_is_the_same(tmp_path):
    prior_blend().save(tmp_path)
    np.testing.assert_allclose(Blend.load(tmp_path).weights(NEXT), prior_blend().weights(NEXT), atol=1e-7)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=50))
def test_standardised_features_have_mean_0_and_deviation_1_or_are_constant(values):
    rows = np.array([values], np.float32)
    mean, scale = spread(rows, np.ones(len(values), np.float32))
    standardised = (rows[0] - mean[0]) * scale[0]
    assert np.isfinite(standardised).all()
    if scale[0]:
        assert abs(float(standardised.std()) - 1) < 0.05
