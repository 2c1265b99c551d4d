"""Conditions: what may be stored, what a profile offers, and that no attribute can break evaluation."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.errors import InvalidRecord
from frontrow.experiments.assignment.conditions import matches
from frontrow.experiments.assignment.operators import OPERATORS
from frontrow.experiments.assignment.targeting import attributes_of, check_condition
from frontrow.experiments.assignment.values import compare, json_equal, nests_deeper, prepare_groups, text_of
from frontrow.experiments.assignment.versions import version_key
from frontrow.people.profile import Profile


def nested(levels: int) -> dict:
    condition: dict = {"plan": "basic"}
    for _ in range(levels):
        condition = {"$not": condition}
    return condition


@pytest.mark.parametrize(
    ("condition", "pointer"),
    [
        ([], ""),
        ("plan", ""),
        ({"plan": {"$is": 1}}, "/plan/$is"),
        ({"$eq": 1}, "/$eq"),
        ({"$size": 1}, "/$size"),
        ({"$and": {}}, "/$and"),
        ({"$or": [{"plan": {"$regex": "("}}]}, "/$or/0/plan/$regex"),
        ({"$nor": ["plan"]}, "/$nor/0"),
        ({"$not": 1}, "/$not"),
        ({"a/b": {"$in": "x"}}, "/a~1b/$in"),
        ({"plan": {"$in": ["x"], "name": 1}}, "/plan"),
        ({"plan": {"$regexi": 3}}, "/plan/$regexi"),
        ({"plan": {"$type": "text"}}, "/plan/$type"),
        ({"plan": {"$exists": 1}}, "/plan/$exists"),
        ({"plan": {"$vgt": 2}}, "/plan/$vgt"),
        ({"plan": {"$inGroup": ["a"]}}, "/plan/$inGroup"),
        ({"tags": {"$elemMatch": {"$near": 1}}}, "/tags/$elemMatch/$near"),
        ({"tags": {"$elemMatch": {"name": {"$near": 1}}}}, "/tags/$elemMatch/name/$near"),
        ({"tags": {"$all": [{"$near": 1}]}}, "/tags/$all/0/$near"),
        ({"tags": {"$size": {"$near": 1}}}, "/tags/$size/$near"),
        ({"tags": {"$not": {"$near": 1}}}, "/tags/$not/$near"),
    ],
)
def test_a_wrong_condition_is_refused_with_a_pointer(condition, pointer):
    with pytest.raises(InvalidRecord) as error:
        check_condition(condition)
    assert error.value.pointer == pointer


@pytest.mark.parametrize("levels", [17, 100, 5_000])
def test_a_condition_that_nests_too_deeply_is_refused(levels):
    with pytest.raises(InvalidRecord, match="nest"):
        check_condition(nested(levels))


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"country": {"$in": ["DE", "FR"]}, "$not": {"plan": "free"}},
        {"$or": [{"attributes.age": {"$gte": 18, "$lt": 30}}, {"kids": True}]},
        {"tags": {"$elemMatch": {"name": {"$regex": "^a"}}, "$size": {"$gt": 1}, "$all": ["a", {"$eq": "b"}]}},
        {"attributes.app": {"$vgte": "2.0.0", "$exists": True, "$type": "string"}},
        nested(15),
    ],
)
def test_a_right_condition_is_taken(condition):
    check_condition(condition)


def test_a_profile_is_targeted_by_its_fields_and_attributes():
    profile = Profile(
        profile_id="ana", account_id="family", country="DE", plan="basic", kids=True, attributes={"app": "2.10.0"}
    )
    attributes = attributes_of(profile, {"device": "tv", "country": "FR"})
    assert matches({"country": "DE", "device": "tv", "maturity_limit": {"$lte": 7}}, attributes)
    assert matches({"attributes.app": {"$vgt": "2.9.0"}}, attributes)
    assert not matches({"attributes.beta": True}, attributes)
    assert not any("consent" in name for name in attributes)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
NAMES = [*OPERATORS, "$not", "$all", "$size", "$type", "$elemMatch", "$and", "$or", "$nor", "$odd", "a", "a.b"]
conditions = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
)


@given(st.dictionaries(st.sampled_from(NAMES), conditions, max_size=4), st.dictionaries(st.sampled_from("ab"), values))
def test_nothing_breaks_evaluation(condition, attributes):
    groups = prepare_groups({"g": [1, True, "x", None, [], {}]})
    assert matches(condition, attributes, groups) in {True, False}
    assert matches({"$not": condition}, attributes, groups) is not matches(condition, attributes, groups)


@given(st.dictionaries(st.sampled_from(NAMES), conditions, max_size=4))
def test_the_check_takes_or_refuses_and_never_breaks(condition):
    with suppress(InvalidRecord):
        check_condition(condition)


@given(values, values)
def test_equality_is_symmetric_and_knows_kinds(left, right):
    assert json_equal(left, right) == json_equal(right, left)


@pytest.mark.parametrize(("left", "right"), [(True, 1), (0, False), ("1", 1), (None, False), ([1], [True]), ({}, [])])
def test_values_of_different_kinds_are_not_equal(left, right):
    assert not json_equal(left, right)


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("8", 9, -1),
        (" 9 ", 9, 0),
        ("", 0, 0),
        (True, 0, 1),
        ("1_0", 5, None),
        ("nan", 5, None),
        ("inf", 5, None),
        ("9" * 9_999, 5, None),
        ([], 5, None),
        (float("nan"), 5, None),
        ("10", "9", -1),
    ],
)
def test_order_is_javascripts_for_scalars(left, right, order):
    assert compare(left, right) == order


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (1.5, "1.5"), (True, "true"), (0, ""), (float("nan"), ""), ([1], ""), ({"a": 1}, ""), (12, "12")],
)
def test_what_is_hashed_of_a_value(value, text):
    assert text_of(value) == text


def test_very_long_version_numbers_sort():
    assert version_key("1." + "9" * 6_000 + ".0") < version_key("1.1" + "0" * 6_000 + ".0")
    assert version_key("1.007.0") == version_key("1.7.0")
    assert version_key(None) == version_key([]) == version_key("0")


def test_nesting_is_counted():
    assert not nests_deeper({"a": [1]}, 2)
    assert nests_deeper({"a": [[1]]}, 2)
