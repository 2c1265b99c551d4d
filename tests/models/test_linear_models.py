"""The linear models against their formulas, written out slowly."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.core.errors import FrontrowError
from frontrow.models.dense import TitleMatrix, most_watched
from frontrow.models.follow import fit_follow, steps_of
from frontrow.models.linear import fit_linear
from frontrow.models.transitions import fit_transitions
from worlds import START, interactions, world


def test_a_ridge_too_small_to_solve_with_is_named():
    viewers, titles = 30, 20
    alike = interactions([(viewer, title, START + title, 1.0) for viewer in range(viewers) for title in range(titles)])
    with pytest.raises(FrontrowError, match=r"models\.watched_regularization = 1e-09 is too small") as error:
        fit_linear(alike, titles, 1e-9, 10**8, name="watched")
    assert "Raise it in frontrow.toml" in error.value.mend
    with pytest.raises(FrontrowError, match=r"models\.follow_regularization = 1e-09 is too small"):
        fit_follow(alike, titles, regularization=1e-9, decay=0.8, ahead=0.5, max_bytes=10**8)


def test_linear_is_the_closed_form_of_ease():
    inside, n = world(), 30
    watched = np.zeros((60, n))
    watched[inside.profile, inside.title] = 1
    inverse = np.linalg.inv(watched.T @ watched + 7 * np.eye(n))
    expected = np.eye(n) - inverse / np.diag(inverse)
    found = fit_linear(inside, n, 7.0, 10**8)
    np.testing.assert_allclose(found.weights, expected, atol=2e-4)
    assert (np.diag(found.weights) == 0).all()


def test_a_viewer_counts_once_a_title_however_often_it_was_watched():
    once = interactions([(p, t, t, 1) for p in range(4) for t in range(3)])
    again = interactions([(p, t, t, 1) for p in range(4) for t in (0, 0, 1, 1, 2)])
    np.testing.assert_array_equal(fit_linear(once, 3, 1.0, 10**6).weights, fit_linear(again, 3, 1.0, 10**6).weights)


def test_beyond_the_budget_only_the_most_watched_titles_take_part():
    inside = interactions([(p, t, t, 1) for t in range(20) for p in range(20 - t)])
    assert most_watched(inside, 25, 12 * 25, 12).tolist() == [0, 1, 2, 3, 4]
    model = fit_linear(inside, 25, 1.0, 12 * 25)
    assert model.weights.shape == (5, 5)
    scores = model.score(np.array([0, 19], np.int32), np.ones((1, 2), np.float32), 25)
    assert scores.shape == (1, 25)
    assert (scores[0, 5:] == 0).all()


def test_follow_is_a_ridge_regression_of_what_comes_next():
    inside, n, decay, ahead = world(viewers=20), 30, 0.5, 0.25
    rows, targets = [], []
    for viewer in range(20):
        titles = inside.title[inside.profile == viewer]
        for moment in range(1, len(titles)):
            before, after = np.zeros(n), np.zeros(n)
            for step, title in enumerate(titles[:moment][::-1][: steps_of(decay)]):
                before[title] += decay**step
            for step, title in enumerate(titles[moment:][: steps_of(ahead)]):
                after[title] += ahead**step
            rows.append(before)
            targets.append(after)
    x, y = np.array(rows), np.array(targets)
    expected = np.linalg.solve(x.T @ x + 3 * np.eye(n), x.T @ y)
    found = fit_follow(inside, n, regularization=3.0, decay=decay, ahead=ahead, max_bytes=10**8)
    np.testing.assert_allclose(found.weights, expected[np.ix_(found.titles, found.titles)], atol=1e-4)


def test_transitions_find_what_follows():
    inside = interactions([(p, t, t, 1) for p in range(30) for t in (1, 2, 3)])
    model = fit_transitions(inside, 5, 3)
    scores = model.score(np.array([2], np.int32), np.ones(1, np.float32), 5)
    assert scores.argmax() == 3
    assert scores[4] == 0
    given = model.contributions(np.array([1, 2], np.int32), np.array([4, 3]))
    assert given[1, 1] > given[0, 1] > 0
    assert (given[:, 0] == 0).all()


def test_scores_are_what_the_history_contributes():
    random = np.random.default_rng(0)
    titles = np.array([1, 3, 4, 7], np.int32)
    model = TitleMatrix.of(titles, 9, random.standard_normal((4, 4)).astype(np.float32))
    history, weights = np.array([3, 2, 7, 3], np.int32), np.array([0.5, 1, 2, 1], np.float32)
    scores = model.score(history, weights[None], 9)[0]
    given = model.contributions(history, np.arange(9)) * weights[:, None]
    np.testing.assert_allclose(given.sum(axis=0), scores, atol=1e-6)
    assert model.largest([3, 2, 8]).tolist() == [max(model.weights[1].max(), 0), 0, 0]


@pytest.mark.parametrize("n_titles", [6, 12])
def test_a_catalogue_of_another_size_is_scored(n_titles):
    model = fit_linear(world(titles=9, each=5), 9, 1.0, 10**6)
    scores = model.score(np.array([0, 20], np.int32), np.ones((1, 2), np.float32), n_titles)
    assert scores.shape == (1, n_titles)


def test_no_interactions_make_a_model_that_says_nothing():
    nothing = interactions([])
    for model in (
        fit_linear(nothing, 4, 1.0, 10**6),
        fit_follow(nothing, 4, regularization=1.0, decay=0.8, ahead=0.5, max_bytes=10**6),
    ):
        assert (model.score(np.array([1], np.int32), np.ones((1, 1), np.float32), 4) == 0).all()
    assert (fit_transitions(nothing, 4, 10).score(np.array([1], np.int32), np.ones(1, np.float32), 4) == 0).all()
