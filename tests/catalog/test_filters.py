"""The filter language: every op on every sort of field, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.filters import Filter
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import parse_title
from frontrow.core.clock import parse_time
from frontrow.core.errors import InvalidRecord

NOW = parse_time("2026-03-20T12:00:00Z")
TITLES = [
    {"title_id": "a", "name": "A", "year": 1980, "genres": ["drama"], "original": True, "tags": {"slow": 0.5}},
    {"title_id": "b", "name": "B", "year": 1992, "genres": ["western", "drama"], "people": [{"name": "Ada"}]},
    {"title_id": "c", "name": "C", "added_at": "2026-01-01T00:00:00.5Z", "attributes": {"score": 9, "parts": ["x"]}},
    {"title_id": "d", "name": "D", "score": 11, "languages": ["de"], "runtime_minutes": 60},
]


def passing(raw) -> set[str]:
    catalogue = Catalogue()
    entries = [NumberedTitle(i, raw["title_id"], parse_title(raw, NOW)) for i, raw in enumerate(TITLES)]
    catalogue.apply(1, entries)
    mask = Filter(raw).mask(catalogue, np.ones(catalogue.size, bool))
    return {catalogue.ids[number] for number in np.flatnonzero(mask)}


@pytest.mark.parametrize(
    ("field", "op", "value", "expected"),
    [
        ("title_id", "eq", "a", {"a"}),
        ("year", "eq", 1992, {"b"}),
        ("year", "eq", 1992.0, {"b"}),
        ("original", "eq", False, {"b", "c", "d"}),
        ("original", "eq", 0, set()),
        ("year", "in", [1980, 1700, "1992"], {"a"}),
        ("genres", "has", "drama", {"a", "b"}),
        ("tags", "has", "slow", {"a"}),
        ("people", "has", "Ada", {"b"}),
        ("attributes.parts", "has", "x", {"c"}),
        ("year", "lt", 1992, {"a"}),
        ("year", "le", 1992, {"a", "b"}),
        ("year", "gt", 1980, {"b"}),
        ("year", "ge", 1980, {"a", "b"}),
        ("name", "gt", "B", {"c", "d"}),
        ("attributes.score", "gt", 10, {"d"}),
        ("attributes.score", "exists", True, {"c", "d"}),
        ("attributes.score", "exists", False, {"a", "b"}),
        ("genres", "exists", False, {"c", "d"}),
        ("attributes.none", "eq", None, set()),
        ("added_at", "lt", "2026-01-01T01:00:01+01:00", {"c"}),
        ("added_at", "gt", "2026-01-01T00:00:00Z", {"a", "b", "c", "d"}),
        ("year", "lt", "x", set()),
    ],
)
def test_ops(field, op, value, expected):
    assert passing({"field": field, "op": op, "value": value}) == expected


def test_all_any_not_nest():
    assert passing({"not": {"field": "year", "op": "eq", "value": 1980}}) == {"b", "c", "d"}
    assert passing({"all": []}) == {"a", "b", "c", "d"}
    assert passing({"any": []}) == set()
    drama = {"field": "genres", "op": "has", "value": "drama"}
    assert passing({"all": [drama, {"any": [{"field": "year", "op": "gt", "value": 1990}]}]}) == {"b"}
    assert passing({"field": "genres", "op": "exists"}) == {"a", "b"}


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ([], "/filter"),
        ({}, "/filter"),
        ({"field": "year"}, "/filter"),
        ({"field": "year", "op": "eq"}, "/filter/value"),
        ({"field": "year", "op": "resembles", "value": 1}, "/filter/op"),
        ({"field": "colour", "op": "eq", "value": 1}, "/filter/field"),
        ({"field": "attributes.", "op": "eq", "value": 1}, "/filter/field"),
        ({"field": 7, "op": "eq", "value": 1}, "/filter/field"),
        ({"field": "year", "op": "lt", "value": {"a": []}}, "/filter/value"),
        ({"field": "year", "op": "in", "value": 3}, "/filter/value"),
        ({"field": "added_at", "op": "lt", "value": "yesterday"}, "/filter/value"),
        ({"field": "year", "op": "exists", "value": "yes"}, "/filter/value"),
        ({"all": {"field": "year", "op": "eq", "value": 1}}, "/filter/all"),
        ({"all": [{"any": 3}]}, "/filter/all/0/any"),
        ({"all": [], "any": []}, "/filter"),
        ({"field": "year", "op": "eq", "value": 1, "extra": 1}, "/filter"),
    ],
)
def test_what_is_malformed_is_pointed_at(raw, pointer):
    with pytest.raises(InvalidRecord) as caught:
        Filter(raw)
    assert caught.value.pointer == pointer


def test_depth_and_size_are_bounded():
    deep: object = {"field": "year", "op": "eq", "value": 1}
    for _ in range(40):
        deep = {"not": deep}
    with pytest.raises(InvalidRecord):
        Filter(deep)
    with pytest.raises(InvalidRecord):
        Filter({"any": [{"field": "year", "op": "eq", "value": n} for n in range(2_000)]})


@pytest.mark.parametrize(
    ("field", "told"),
    [("genre", "did you mean genres?"), ("runtime", "did you mean runtime_minutes?"), ("xyzzy", "fields are")],
)
def test_a_field_that_is_none_is_told_with_those_that_are(field, told):
    with pytest.raises(InvalidRecord) as refused:
        Filter({"field": field, "op": "exists"})
    assert told in refused.value.message
    assert refused.value.pointer == "/filter/field"


def test_the_filter_of_the_recipe_is_one():
    text = (Path(__file__).resolve().parents[2] / "docs" / "recipes.md").read_text("utf-8")
    (stated,) = re.findall(r"```json filter\n(.*?)```", text, re.S)
    Filter(json.loads(stated))
