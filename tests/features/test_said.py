"""Free fields of the context: what is a value, which fields are learned from, and where their cells stand."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.features.interactions import Interactions
from frontrow.features.moments import (
    AXES,
    CELLS,
    NO_FIELDS,
    Field,
    Fields,
    Moment,
    cells_of,
    cells_of_one,
    fields_from,
)
from frontrow.features.said import LEAST_PLAYS, LONGEST, MOST_FIELDS, MOST_VALUES, said_of, with_context
from worlds import START, interactions

MOOD = Field("mood", ("adult", "kids"))
NET = Field("network", ("cellular", "wifi"))
BOTH = Fields((MOOD, NET))


def log(count: int = 400, titles: int = 20) -> Interactions:
    """Plays of ten viewers at offsets that are not in their order."""
    made = interactions([(n * 10 // count, n % titles, START + n, 1.0) for n in range(count)])
    return replace(made, offset=np.arange(count)[::-1] * 3 + 7)


def contexts(inside: Interactions, say) -> list[tuple[int, dict]]:
    assert inside.offset is not None
    return [(offset, say(place)) for place, offset in enumerate(inside.offset.tolist())]


def test_a_value_is_its_text():
    context = {
        "text": "kids", "yes": True, "no": False, "three": 3, "also three": 3.0, "half": 0.5, "less": -2, "": "x",
        "none": None, "list": ["a"], "map": {"a": 1}, "empty": "", "long": "x" * (LONGEST + 1), "x" * 65: "y",
        "huge": 10**400, "large": 1e300,
    }  # fmt: skip
    assert dict(said_of(context)) == {
        "text": "kids", "yes": "true", "no": "false", "three": "3", "also three": "3", "half": "0.5", "less": "-2",
    }  # fmt: skip
    assert said_of(None) == said_of({}) == ()
    assert said_of({"b": "1", "a": "2"}) == (("a", "2"), ("b", "1"))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(max_size=3), below, max_size=2),
    max_leaves=4,
)


@given(st.dictionaries(st.text(max_size=80), anything, max_size=6))
def test_whatever_is_said_is_a_few_short_texts(context):
    said = said_of(context)
    assert list(said) == sorted(said)
    assert all(0 < len(name) <= LONGEST and 0 < len(value) <= LONGEST for name, value in said)


@given(st.integers(-1, 167), st.integers(-1, 5), st.sampled_from(["kids", "adult", "teens", None]), st.booleans())
def test_one_moment_and_many_have_the_same_cells(hour, device, mood, wifi):
    said = said_of({"mood": mood, "network": "wifi" if wifi else None, "unheard": "of"})
    moment = Moment(hour, device, said)
    one = cells_of_one(moment, BOTH)
    many = cells_of(
        np.array([hour], np.int16), np.array([device], np.int8), np.array([BOTH.places(said)], np.int8), BOTH
    )
    assert [BOTH.cells if cell is None else cell for cell in one] == many[0].tolist()
    assert one[:3] == cells_of_one(moment)
    assert one[3] == {"adult": CELLS, "kids": CELLS + 1}.get(mood)
    assert one[4] == (CELLS + 3 if wifi else None)


def test_fields_are_axes_after_those_of_every_moment():
    assert (NO_FIELDS.axes, NO_FIELDS.cells) == (AXES, CELLS)
    assert list(BOTH.axes) == [*AXES, "context.mood", "context.network"]
    assert BOTH.axes["context.network"] == slice(CELLS + 2, CELLS + 4)
    assert BOTH.cells == CELLS + 4
    assert fields_from(json.loads(json.dumps(BOTH.known))) == BOTH


def test_values_move_to_where_other_fields_have_them():
    other = Fields((NET, Field("mood", ("kids", "teens")), Field("more", ("a", "b"))))
    said = np.array([[0, 0], [1, 1], [-1, -1]], np.int8)
    assert BOTH.moved(said, other).tolist() == [[0, -1, -1], [1, 0, -1], [-1, -1, -1]]
    assert BOTH.moved(said, NO_FIELDS).shape == (3, 0)


def test_what_was_said_stands_beside_what_was_played():
    inside = log()
    told = contexts(inside, lambda n: {"mood": ("kids", "adult", "teens")[n * 7 % 3]} if n % 4 else {"other": 1})
    found = with_context(inside, [*told, (1, {"mood": "kids"})])  # of an event that is no interaction's
    assert found.fields == Fields((Field("mood", ("adult", "kids", "teens")),))
    for place in range(len(inside)):
        expected = said_of(told[place][1]) if place % 4 else ()
        assert found.moment(place).said == expected
    taken = found.take(np.array([5, 8, 9]))
    assert [taken.moment(n) for n in range(3)] == [found.moment(n) for n in (5, 8, 9)]
    assert taken.fields == found.fields


def test_without_a_context_nothing_is_added():
    inside = log()
    assert with_context(inside, []) is inside
    assert with_context(inside, contexts(inside, lambda n: {"id": str(n)})) is inside
    assert with_context(inside, contexts(inside, lambda n: {"app": "2.1"})) is inside  # one value tells nothing
    without = replace(inside, offset=None)
    assert with_context(without, contexts(inside, lambda n: {"mood": "a" if n % 2 else "b"})) is without


def test_thousands_of_names_and_values_are_bounded_and_chosen_alike():
    inside, random = log(6_000), np.random.default_rng(0)
    moods = random.integers(0, 3 * MOST_VALUES, len(inside))

    def say(n: int) -> dict:
        many = {f"field {k}": int(random.integers(2)) for k in random.integers(0, 3_000, 5)}
        common = {f"common {k}": bool(random.integers(2)) for k in range(3) if n % (k + 2)}
        return many | common | {"session": f"s{n}", "mood": f"m{min(moods[n], moods[n - 1])}"}

    told = contexts(inside, say)
    found = with_context(inside, told)
    assert len(found.fields) == MOST_FIELDS
    assert all(2 <= len(field.values) <= MOST_VALUES for field in found.fields.known)
    assert [field.name for field in found.fields.known] == ["common 2", "common 1", "mood", "common 0"]
    mood = next(field for field in found.fields.known if field.name == "mood")
    plays = Counter(context["mood"] for _, context in told)
    assert set(mood.values) == set(sorted(plays, key=lambda value: (-plays[value], value))[:MOST_VALUES])
    again = with_context(inside, told[::-1])
    assert again.fields == found.fields
    assert (again.said == found.said).all()


def test_a_value_of_few_plays_is_not_told_apart():
    inside = log()
    told = contexts(inside, lambda n: {"mood": ("a", "b")[n // 3 % 2] if n >= LEAST_PLAYS - 1 else "rare"})
    assert with_context(inside, told).fields.known[0].values == ("a", "b")


@pytest.mark.parametrize("strays", [0, 3])
def test_what_the_title_decides_is_not_of_the_moment(strays):
    """An app sends the genre of what is played along, now and then a wrong one, and a mood that nine of ten plays go
    with."""
    inside = log(2_000, titles=40)
    random = np.random.default_rng(0)
    genre = inside.title % 3
    genre[:strays] = (genre[:strays] + 1) % 3
    moods = np.where(random.random(len(inside)) < 0.9, inside.title % 2, random.integers(0, 2, len(inside)))
    told = contexts(inside, lambda n: {"genre": int(genre[n]), "mood": int(moods[n])})
    assert [field.name for field in with_context(inside, told).fields.known] == ["mood"]


def test_only_named_fields_are_learned_from():
    inside = log()
    told = contexts(inside, lambda n: {"mood": n // 3 % 2, "weather": n * 11 % 3})
    for among, names in ((("*",), {"mood", "weather"}), (("mood", "none"), {"mood"}), ((), set())):
        assert {field.name for field in with_context(inside, told, among).fields.known} == names
