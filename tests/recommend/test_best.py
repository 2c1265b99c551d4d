"""The best few: as a stable sort finds them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frontrow.recommend.best import best_places

values = arrays(
    np.float32,
    st.integers(0, 60),
    elements=st.one_of(st.floats(width=32, allow_nan=False), st.sampled_from([0.0, -0.0, 1.0, -1.0, -np.inf])),
)


@given(values, st.integers(0, 70))
def test_it_is_the_start_of_a_stable_sort(values, count):
    assert best_places(values, count).tolist() == np.argsort(-values, kind="stable")[:count].tolist()
