"""Errors say where, what is wrong, and what is right."""

from __future__ import annotations

import pytest

from frontrow.catalog.title import parse_title
from frontrow.core.clock import Micros
from frontrow.core.decode import convert, decode
from frontrow.core.errors import InvalidRecord
from frontrow.people.profile import parse_profile
from frontrow.recommend.tuning import Tuning

NOW = Micros(0)
SOUND = {"title_id": "t", "name": "T"}


def refusal(work, *args):
    with pytest.raises(InvalidRecord) as caught:
        work(*args)
    return caught.value.message, caught.value.pointer


@pytest.mark.parametrize(
    ("fields", "message", "pointer"),
    [
        (
            {"kind": "film"},
            "kind: invalid enum value 'film': it is one of clip, episode, game, live, movie, series",
            "/kind",
        ),
        ({"tags": {"sea": 2}}, "tags: expected float <= 1.0", "/tags/..."),
        (
            {"windows": [{"country": "SE"}]},
            "windows[0]: country is not a known field; did you mean countries?",
            "/windows/0/country",
        ),
        (
            {"windows": [{}, {"countries": ["SE", "uk"]}]},
            "windows[1].countries[1]: is not ISO 3166-1 alpha-2, in capitals, such as SE",
            "/windows/1/countries/1",
        ),
        ({"languages": ["English please"]}, "languages[0]: is not BCP 47, such as sv, en-GB", "/languages/0"),
        ({"people": [{"role": "actor"}]}, "people[0]: name is required", "/people/0/name"),
        ({"year": "new"}, "year: expected int | null, got str", "/year"),
        ({"title_id": None}, "title_id is required", "/title_id"),
        ({"title_id": 7}, "title_id must be a string", "/title_id"),
    ],
)
def test_a_title_is_refused_with_what_is_right(fields, message, pointer):
    assert refusal(parse_title, SOUND | fields, NOW) == (message, pointer)


def test_what_may_be_null_is_described_too():
    message, pointer = refusal(parse_profile, {"profile_id": "p", "country": "Germany"}, NOW)
    assert (message, pointer) == ("country: is not ISO 3166-1 alpha-2, in capitals, such as SE", "/country")


@pytest.mark.parametrize("body", [b"", b'{"a":', b"{'a': 1}"])
def test_what_is_no_json_is_said_to_be_none(body):
    assert refusal(decode, body, dict)[0].startswith("the body is not JSON (")


def test_names_of_an_object_are_listed_where_they_are_few():
    message, _ = refusal(convert, {"source_factors": {"lineer": 2}}, Tuning)
    assert "source_factors: invalid enum value 'lineer': it is one of content, context" in message
