"""The simulator's own preferences: probabilities that hold against what was played."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import played

from frontrow.core.clock import DAY, Micros
from frontrow.core.errors import NotFound
from frontrow.simulate.choosing import WEIGHTS, Draw, weights_of
from frontrow.simulate.profiles import profile_id
from frontrow.simulate.titles import title_id
from frontrow.simulate.truth import expected, leaning_of, truth

MOMENT = 30 * 86_400


@pytest.fixture(scope="module")
def told():
    world, _, _ = played()
    return expected(world, np.arange(len(world.viewers)), [MOMENT])


def test_probabilities_sum_to_one_and_the_closed_have_none(told):
    world, _, _ = played()
    np.testing.assert_allclose(told.sum(axis=1), 1.0, rtol=1e-9)
    closed = ~world.open[30, world.viewers.place]
    assert told[closed].max() == 0
    grown_up = world.traits.maturity[None, :] > world.viewers.limit[:, None]
    assert told[grown_up].max() < 1e-9


def test_one_probability_is_that_of_all(told):
    world, _, _ = played()
    at = Micros(world.settings.start + 30 * DAY)
    assert truth(world, profile_id(7), title_id(11), at) == pytest.approx(told[7, 11])


@pytest.mark.parametrize("pair", [("p-99999", "t-00001"), ("p-00001", "nothing"), ("p-1", "t-00001")])
def test_who_is_not_of_the_world_is_not_found(pair):
    world, _, _ = played()
    with pytest.raises(NotFound, match="has no"):
        truth(world, *pair, world.settings.start)


def test_what_was_begun_was_expected(told):
    """Calibrated over all: titles' expected and true shares agree, and the play's title stood far above its fame."""
    world, _, plays = played()
    near = np.abs(plays.at - MOMENT) < 4 * 86_400
    rows = np.flatnonzero(near & ~plays.went_on & (world.traits.part[plays.title] <= 1))
    shares = told[plays.viewer[rows]].mean(axis=0)
    true = np.bincount(plays.title[rows], minlength=len(world.traits)) / len(rows)
    films = world.traits.part <= 1
    assert np.corrcoef(shares[films], true[films])[0, 1] > 0.75
    mine = told[plays.viewer[rows], plays.title[rows]]
    open_ = mine > 0  # some were opened or closed within those days
    assert open_.mean() > 0.95
    assert np.log(mine[open_] / shares[plays.title[rows][open_]]).mean() > 0.2


def test_what_was_seen_is_expected_less_and_sequels_more():
    world, _, plays = played()
    leaning = leaning_of(world, plays, MOMENT)
    past = np.flatnonzero(plays.at + plays.seconds < MOMENT)
    assert (leaning[plays.viewer[past], plays.title[past]] < 0).all()
    assert (leaning == world.utilities.next_part).sum() > 50
    informed = expected(world, np.arange(50), [MOMENT], leaning[:50], finished=True)
    assert 0.1 < informed.sum(axis=1).mean() < 1


def test_draws_have_the_probabilities_of_their_weights():
    utility = np.array([[0, 256, -256, -4_000], [512, 0, 0, 0]], np.int16)
    chance = (np.arange(20_000) + 0.5) / 20_000
    for row in range(2):
        drawn = Draw(utility).at(np.full(len(chance), row), chance)
        share = np.bincount(drawn, minlength=4) / len(chance)
        wanted = np.exp(utility[row] / 256) * (utility[row] > -3_500)
        np.testing.assert_allclose(share, wanted / wanted.sum(), atol=2e-4)


def test_where_nothing_is_open_nothing_is_drawn():
    closed = np.full((2, 5), np.iinfo(np.int16).min, np.int16)
    closed[1, 3] = 0
    assert Draw(closed).at(np.array([0, 1]), np.array([0.5, 0.999999])).tolist() == [-1, 3]


def test_weights_are_whole_and_grow():
    assert WEIGHTS.dtype == np.uint32
    assert (np.diff(WEIGHTS.astype(np.int64)) >= 0).all()
    assert weights_of(np.array([[2_560, -32_768, 0]], np.int16)).tolist() == [[int(WEIGHTS[-1]), 0, 65_536]]


def test_a_row_of_great_wants_keeps_its_differences():
    """What the moment adds to a title that is wanted anyway must not be lost: only differences count."""
    low = np.array([[1_000, 744, 2_024, -32_768], [0, 0, 0, 0]], np.int16)
    high = np.array([[7_000, 6_744, 8_024, -32_768], [0, 0, 0, 0]], np.int16)
    one, other = (weights / weights.sum(axis=1, keepdims=True) for weights in (weights_of(low), weights_of(high)))
    np.testing.assert_allclose(one, other, atol=1e-5)
