"""A condition made ready says what the condition says: on GrowthBook's published cases, and on made-up ones."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.experiments.assignment.conditions import NO_GROUPS, matches
from frontrow.experiments.assignment.ready_condition import ready_condition
from frontrow.experiments.assignment.values import prepare_groups

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["DE", "FR", "1.2.0", "2.0.0", ""])
operators = st.one_of(
    st.dictionaries(st.sampled_from(["$eq", "$ne", "$lt", "$gte"]), scalars, min_size=1, max_size=2),
    st.builds(lambda values: {"$in": values}, st.lists(scalars)),
    st.builds(lambda version: {"$vgte": version}, st.sampled_from(["1.0.0", "1.10.0"])),
    st.builds(lambda value: {"$not": {"$eq": value}}, scalars),
    st.builds(lambda value: {"$exists": value}, st.booleans()),
)
names = st.sampled_from(["a", "b", "c.d", "c.d.e", "c.f"])
conditions = st.recursive(
    st.dictionaries(names, scalars | operators, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(["$and", "$or", "$nor"]), st.lists(inner, max_size=3), max_size=2),
    max_leaves=6,
)
attributes = st.fixed_dictionaries(
    {},
    optional={"a": scalars, "b": scalars | st.lists(scalars), "c": scalars | st.dictionaries(st.just("d"), scalars)},
)


@given(conditions, attributes)
def test_ready_or_not_it_says_the_same(condition, viewer):
    assert ready_condition(condition, NO_GROUPS)(viewer) == matches(condition, viewer)


@pytest.mark.shared
def test_growthbooks_cases(shared):
    cases = json.loads((shared / "data" / "growthbook-cases" / "cases.json").read_text("utf-8"))["evalCondition"]
    assert len(cases) > 100
    for name, condition, viewer, expected, *rest in cases:
        if isinstance(condition, dict):
            assert ready_condition(condition, prepare_groups(rest[0] if rest else {}))(viewer) is expected, name
