"""The hash beside a plain reading of FNV-1a, and the same for every id that there can be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontrow.experiments.assignment.hashing import bucket_hash, bucket_of, code_units, fnv1a32
from frontrow.experiments.assignment.lanes import Lanes


def plain_fnv(octets: bytes) -> int:
    state = 2166136261
    for octet in octets:
        state = (state ^ octet) * 16777619 % 2**32
    return state


def test_fnv1a_gives_the_published_values():
    published = {b"": 0x811C9DC5, b"a": 0xE40C292C, b"foobar": 0xBF9CF968}
    assert {text: fnv1a32(text) for text in published} == published == {text: plain_fnv(text) for text in published}


@given(st.text(), st.text())
def test_a_prefix_can_be_hashed_once(seed, value):
    assert fnv1a32(code_units(seed + value)) == fnv1a32(code_units(value), fnv1a32(code_units(seed)))
    assert bucket_hash(seed, value, 2) == bucket_of(fnv1a32(code_units(value), fnv1a32(code_units(seed))))


@given(st.text(), st.text(), st.sampled_from([1, 2]))
def test_a_bucket_lies_in_the_unit_interval(seed, value, version):
    assert 0 <= bucket_hash(seed, value, version) < 1


def test_characters_beyond_the_first_plane_are_two_units_as_in_javascript():
    assert list(code_units("é")) == [0xE9]
    assert list(code_units("🎬")) == [0xD83C, 0xDFAC]
    assert list(code_units("\ud800")) == [0xD800]


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_and_wide_text_hash_alike(text):
    assert fnv1a32(code_units(text)) == fnv1a32([ord(each) for each in text])


def test_an_unknown_version_has_no_bucket():
    assert bucket_hash("seed", "ana", 3) is None


@given(st.lists(st.text(max_size=10), max_size=30), st.text())
def test_lanes_hash_each_seed_as_it_would_be_hashed_alone(seeds, value):
    alone = tuple(fnv1a32(code_units(seed + value)) for seed in seeds)
    assert Lanes(seeds).states(code_units(value)) == alone
