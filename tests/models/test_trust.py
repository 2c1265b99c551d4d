"""How far a ranker is believed: as far as makes the choices likeliest, the same for any half of the viewers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.models.ranker import trust
from frontrow.models.ranker.trust import ndcg, trust_of


def chosen_by(share: float, lists: int = 2_000, seed: int = 0, candidates: int = 40):
    """Blended and added scores, a choice for each list, drawn as if `share` of what is added held, and weights."""
    rng = np.random.default_rng(seed)
    blended = rng.normal(size=(lists, candidates)).astype(np.float32)
    added = rng.normal(scale=1.5, size=(lists, candidates)).astype(np.float32)
    noise = rng.gumbel(size=blended.shape)
    chosen = np.zeros(blended.shape, bool)
    chosen[np.arange(lists), np.argmax(blended + share * added + noise, axis=1)] = True
    return blended, added, chosen.astype(np.float64), np.ones(lists)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.75, 1.0])
def test_it_is_what_the_choices_were_made_by(share):
    assert trust_of(*chosen_by(share)) == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("seed", range(8))
def test_no_half_of_the_viewers_says_otherwise(seed):
    """NDCG@10 at 0, a half and 1 picks a half for some of these, and 1 for others."""
    drawn = chosen_by(0.75, 1_600, seed)
    halves = [trust_of(*(each[part] for each in drawn)) for part in (slice(0, 800), slice(800, None))]
    assert halves == pytest.approx([0.75, 0.75], abs=0.1)


def test_more_than_all_is_never_believed():
    assert trust_of(*chosen_by(1.6)) == 1


def test_what_leads_astray_is_not_believed_at_all():
    assert trust_of(*chosen_by(-0.5)) == 0


@pytest.mark.parametrize("lists", [1, 3, 10, 20])
def test_few_lists_do_not_make_noise_believed(lists):
    found = [trust_of(*chosen_by(0.0, lists, seed)) for seed in range(200)]
    assert np.mean(found) < 0.06
    assert max(found) < 0.5


def test_what_is_not_finite_and_no_lists_are_not_believed():
    blended, added, *told = chosen_by(1.0, 300)
    for broken in (np.nan, np.inf):
        added[7, 3] = broken
        assert trust_of(blended, added, *told) == 0
    added[7, 3] = 1e30
    assert 0 <= trust_of(blended, added, *told) < 1e-3
    added[7, 3], blended[7, 3] = 0, np.inf
    assert trust_of(blended, added, *told) == 0
    assert trust_of(*chosen_by(1.0, 0)) == 0


@given(st.floats(1.0, 4.0), st.integers(0, 50))
@settings(max_examples=25, deadline=None)
def test_twice_as_loud_is_believed_half_as_much(louder, seed):
    blended, added, *told = chosen_by(0.7, 300, seed)
    share, of_loud = trust_of(blended, added, *told), trust_of(blended, np.float32(louder) * added, *told)
    if share < 1:
        assert of_loud * louder == pytest.approx(share, abs=0.02)


def test_a_list_that_weighs_three_times_counts_as_three(monkeypatch):
    """From a place that few look at. Half of the lists follow what is added, half do not."""
    monkeypatch.setattr(trust, "PRIOR", 0.0)
    blended, added, right, ones = map(np.concatenate, zip(chosen_by(0.9, 500, 1), chosen_by(0.1, 500, 2), strict=True))
    weight = np.where(np.arange(1_000) < 500, 3.0, 1.0)
    times = np.repeat(np.arange(1_000), weight.astype(int))
    even = trust_of(blended, added, right, ones)
    weighed = trust_of(blended, added, right * weight[:, None], weight)
    assert weighed == pytest.approx(trust_of(blended[times], added[times], right[times], ones[0] + 0 * times), abs=2e-3)
    assert even + 0.05 < weighed < 1


def test_ndcg_by_hand():
    """The second of twelve; and the first and third, in a list that counts twice."""
    scores = np.tile(np.arange(12.0, 0, -1), (2, 1))
    chosen = np.zeros((2, 12), bool)
    chosen[0, 1] = chosen[1, [0, 2]] = True
    second = 1 / np.log2(3)
    assert ndcg(scores, chosen, np.array([1.0, 2.0])) == pytest.approx((second + 2 * 1.5 / (1 + second)) / 2)
