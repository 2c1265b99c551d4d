"""How far a ranker is believed: as far as makes the choices likeliest, the same for any half of the viewers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.models.ranker.trust import ndcg, trust_of


def chosen_by(share: float, lists: int = 2_000, seed: int = 0, candidates: int = 40):
    """Blended and added scores, and one choice a list, drawn as if `share` of what is added were right."""
    rng = np.random.default_rng(seed)
    blended = rng.normal(size=(lists, candidates)).astype(np.float32)
    added = rng.normal(scale=1.5, size=(lists, candidates)).astype(np.float32)
    noise = rng.gumbel(size=blended.shape)
    chosen = np.zeros(blended.shape, bool)
    chosen[np.arange(lists), np.argmax(blended + share * added + noise, axis=1)] = True
    return blended, added, chosen.astype(np.float64), chosen, np.ones(lists)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.75, 1.0])
def test_it_is_what_the_choices_were_made_by(share):
    found, gained = trust_of(*chosen_by(share))
    assert found == pytest.approx(share, abs=0.06)
    assert gained > 0.01 or share == 0


@pytest.mark.parametrize("seed", range(8))
def test_no_half_of_the_viewers_says_otherwise(seed):
    """NDCG@10 at 0, a half and 1 picks a half for some of these, and 1 for others."""
    drawn = chosen_by(0.75, 1_600, seed)
    halves = [trust_of(*(each[part] for each in drawn))[0] for part in (slice(0, 800), slice(800, None))]
    assert halves == pytest.approx([0.75, 0.75], abs=0.1)


def test_more_than_all_is_never_believed():
    assert trust_of(*chosen_by(1.6))[0] == 1


def test_what_leads_astray_is_not_believed_at_all():
    assert trust_of(*chosen_by(-0.5)) == (0, 0)


def test_what_makes_choices_likelier_and_the_first_ten_no_better_is_not_believed():
    """The last two places changed: nobody sees them."""
    blended = np.tile(np.linspace(20, 0, 40, dtype=np.float32), (300, 1))
    added = np.zeros_like(blended)
    added[:, -1] = 1
    chosen = np.zeros(blended.shape, bool)
    chosen[:, -1] = True
    assert trust_of(blended, added, chosen.astype(np.float64), chosen, np.ones(300)) == (0, 0)


@given(st.floats(1.0, 4.0), st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_twice_as_loud_is_believed_half_as_much(louder, seed):
    blended, added, *told = chosen_by(0.7, 300, seed)
    share, _ = trust_of(blended, added, *told)
    of_loud, _ = trust_of(blended, np.float32(louder) * added, *told)
    if share < 1:
        assert of_loud * louder == pytest.approx(share, abs=0.02)


def test_a_choice_that_weighs_more_counts_more():
    """From a place that few look at: half of the lists follow what is added, and weigh nine times the others."""
    blended, added, _, chosen, _ = chosen_by(0.0, 1_000)
    follow = np.arange(1_000) < 500
    chosen[follow] = False
    chosen[np.flatnonzero(follow), np.argmax((blended + added)[follow], axis=1)] = True
    weight = np.where(follow, 1.8, 0.2)
    even, _ = trust_of(blended, added, chosen.astype(np.float64), chosen, np.ones(1_000))
    weighed, _ = trust_of(blended, added, chosen * weight[:, None], chosen, weight)
    assert weighed > even + 0.1


def test_ndcg_by_hand():
    """The second of twelve; and the first and third, in a list that counts twice."""
    scores = np.tile(np.arange(12.0, 0, -1), (2, 1))
    chosen = np.zeros((2, 12), bool)
    chosen[0, 1] = chosen[1, [0, 2]] = True
    second = 1 / np.log2(3)
    assert ndcg(scores, chosen, np.array([1.0, 2.0])) == pytest.approx((second + 2 * 1.5 / (1 + second)) / 2)
