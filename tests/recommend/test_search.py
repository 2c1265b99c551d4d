"""Search: what is found by whole words, beginnings, slips of a letter and scripts without spaces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.title import Person, Title, Translation
from frontrow.recommend.search import SearchIndex

TITLES = [
    Title(title_id="0", name="The Cloud Harvest", synopsis="A boat drifts north."),
    Title(title_id="1", name="Boat of Amélie", people=[Person("Ada Quint")], genres=["drama"]),
    Title(title_id="2", name="千と千尋の神隠し", translations={"en": Translation("Spirited Away")}),
    Title(title_id="3", name="Boats", tags={"slow cinema": 0.5}),
]


@pytest.fixture
def index() -> SearchIndex:
    index = SearchIndex()
    for number, title in enumerate(TITLES):
        index.set(number, title)
    return index


def found(index: SearchIndex, query: str) -> list[int]:
    scores = index.match(query, len(TITLES))
    return [int(n) for n in np.argsort(-scores, kind="stable") if scores[n] > 0]


def test_the_name_counts_more_than_the_synopsis_and_whole_words_more_than_beginnings(index):
    assert found(index, "boat") == [1, 3, 0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("amelie", [1]),
        ("AMÉLIE boat", [1]),
        ("ada", [1]),
        ("harv", [0]),
        ("harvset", [0]),
        ("千尋", [2]),
        ("spirited", [2]),
        ("slow", [3]),
        ("drama", [1]),
        ("boat nothing", []),
        ("", []),
        ("—!?", []),
        ("\x00'\";--*([", []),
    ],
)
def test_what_is_found(index, query, expected):
    assert found(index, query) == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.text(max_size=20) | st.none()), max_size=20), st.text(max_size=20))
def test_any_sequence_of_changes_ends_as_the_last_titles_alone(changes, query):
    lived, last = SearchIndex(), {}
    for number, name in changes:
        last[number] = None if not name else Title(title_id="t", name=name)
        lived.set(number, last[number])
    fresh = SearchIndex()
    for number, title in last.items():
        fresh.set(number, title)
    assert lived.match(query, 3).tolist() == fresh.match(query, 3).tolist()
