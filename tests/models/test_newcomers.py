"""Who has just come: other weights until enough is known, learned from viewers of whom nothing was fitted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import DAY
from frontrow.core.horizon import MONTH, NEXT, SESSION, Horizon
from frontrow.features.interactions import LIKED
from frontrow.models.blend import HORIZONS, SETTLED, Blend, prior_blend
from frontrow.models.cases.asked import FED, SESSION_EVENTS, hold_out_newcomers, liked, sitting
from frontrow.models.learning.train import fit_models
from frontrow.models.names import FEATURES, ROW
from worlds import START, interactions, training, world

ONES = np.ones(len(FEATURES), np.float32)
BLEND = Blend(
    {name: number * ONES for number, name in enumerate(HORIZONS, 10)},
    {"session": {1: 1 * ONES, 3: 3 * ONES, 8: 8 * ONES}, "days": {1: 21 * ONES, 8: 28 * ONES}},
)  # fmt: skip


def weight(horizon: Horizon, known: int) -> float:
    return float(BLEND.weights(horizon, known)[0])


def test_weights_of_newcomers_become_the_horizons_own():
    assert [weight(NEXT, known) for known in (1, 3, 8, SETTLED, 10**6)] == [1, 3, 8, 10, 10]
    assert weight(SESSION, 8) == 8
    assert weight(SESSION, SETTLED) == 11
    assert weight(NEXT, 2) == pytest.approx(1 + 2 * np.log(2) / np.log(3))
    assert [weight(MONTH, known) for known in (1, 8, SETTLED)] == [21, 28, 12]
    assert weight(MONTH, 3) == pytest.approx(21 + 7 * np.log(3) / np.log(8), rel=1e-6)
    assert float(BLEND.weights(Horizon("days", 1), 1)[0]) == 1
    assert [BLEND.settled(known) for known in (1, 8, SETTLED)] == [0, 0, 1]
    assert 0 < BLEND.settled(12) < 1


@given(st.integers(1, 40))
def test_without_newcomers_the_horizons_own_hold(known):
    blend = prior_blend()
    assert np.array_equal(blend.weights(NEXT, known), blend.weights(NEXT))
    assert blend.settled(known) == 1


@given(st.integers(1, 30), st.integers(1, 30))
def test_weights_change_steadily(one, other):
    low, high = sorted([one, other])
    assert weight(SESSION, low) <= weight(SESSION, high)


def test_newcomers_are_saved(tmp_path):
    BLEND.save(tmp_path)
    loaded = Blend.load(tmp_path)
    for known in (1, 2, 5, 15, 50):
        for horizon in (NEXT, SESSION, MONTH, Horizon("days", 7)):
            np.testing.assert_allclose(loaded.weights(horizon, known), BLEND.weights(horizon, known), atol=1e-5)


def test_newcomers_leave_altogether_and_are_asked_about_what_followed():
    inside = world(viewers=60)
    rest, asked = hold_out_newcomers(inside, 4, seed=1)
    viewers = {one.viewer for one in asked}
    assert len(viewers) == 4
    assert not np.isin(rest.profile, list(viewers)).any()
    assert len(rest) == len(inside) - 4 * 12
    for one in asked:
        mine = inside.take(inside.profile == one.viewer)
        fed = len(one.known)
        assert fed in FED
        assert one.known.tolist() == mine.title[:fed].tolist()
        month = mine.at <= mine.at[fed - 1] + 30 * DAY
        month[: fed + 1] = True
        assert one.then.title.tolist() == mine.title[fed : int(month.sum())].tolist()
        near, far = sitting(one), liked(one)
        assert 1 <= len(near.then) <= SESSION_EVENTS
        assert near.then.title.tolist() == mine.title[fed : fed + len(near.then)].tolist()
        assert near.all_then is near.then
        assert far.then.title.tolist() == one.then.title[one.then.weight >= np.float32(LIKED)].tolist()
        assert len(far.all_then) == len(one.then)
        assert one.query.now == mine.at[fed - 1]
    assert len({one.viewer for one in hold_out_newcomers(inside, 10**6, seed=1)[1]}) == 6
    assert not hold_out_newcomers(interactions([(1, 0, START, 1)]), 5, 0)[1]


def test_where_newcomers_all_begin_alike_popularity_is_what_they_are_shown():
    """The first three are the same few titles in any order, whatever one takes to; only then tastes differ."""
    random = np.random.default_rng(0)
    rows = []
    for viewer in range(600):
        first = random.permutation(8)[:5]
        own = 8 + (viewer % 4) * 8 + random.permutation(8)[:6]
        rows += [
            (viewer, int(title), START + viewer * 10**9 + place, 1.0) for place, title in enumerate([*first, *own])
        ]
    trained = fit_models(training(interactions(rows), 40))
    newcomers = trained.models.blend.newcomers
    weights = newcomers["session"]
    assert set(weights) == set(newcomers["days"]) == set(FED)
    popular = [ROW[name] for name in ("popular_2", "popular_7", "popular_30", "popular_ever")]
    assert weights[1][popular].sum() > 2 * weights[8][popular].sum()
