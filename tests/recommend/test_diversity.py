"""Variety: the two ends of the scale, and what holds between."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frontrow.recommend.diversity import diversify

VECTORS = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 2]]
NUMBERS = np.arange(6, dtype=np.int32)
SCORES = np.linspace(1, 0, 6, dtype=np.float32)


def test_without_diversity_the_order_stays():
    assert diversify(NUMBERS, SCORES, VECTORS, 4, 0.0).tolist() == [0, 1, 2, 3]


def test_with_all_of_it_each_next_is_the_least_like_those_before():
    chosen = diversify(NUMBERS, SCORES, VECTORS, 3, 1.0)
    assert {int(np.argmax(VECTORS[i])) for i in chosen} == {0, 1, 2}
    assert chosen[0] == 0


@given(st.integers(0, 8), st.floats(0, 1))
def test_a_list_has_n_different_titles_and_begins_with_the_best(n, diversity):
    chosen = diversify(NUMBERS, SCORES, VECTORS, n, diversity)
    assert len(set(chosen.tolist())) == len(chosen) == min(n, 6)
    assert n == 0 or chosen[0] == 0
