"""PUT and PATCH of titles and profiles."""

from __future__ import annotations

import msgspec
import pytest

from frontrow.core.clock import DAY, format_time
from frontrow.events.records import patch_profiles, patch_titles, put_profiles, put_titles


@pytest.fixture
def titles(world):
    return lambda verb, *raw: verb(raw, world.store.writer, world.now())


def test_put_replaces_whole_records_but_not_when_they_were_first_stored(world, titles):
    titles(put_titles, {"title_id": "t", "name": "One", "genres": ["a"], "shoe": 44})
    first = format_time(world.now())
    world.time += DAY
    assert titles(put_titles, {"title_id": "t", "name": "Two"}).upserted == 1
    found = world.store.titles.find("t")
    assert (found.name, found.genres, found.attributes, found.added_at) == ("Two", [], {}, first)
    titles(put_titles, {"title_id": "t", "name": "Two", "added_at": "2020-01-01T00:00:00Z"})
    assert world.store.titles.find("t").added_at == "2020-01-01T00:00:00Z"


def test_patch_merges(world, titles):
    titles(put_titles, {
        "title_id": "t", "name": "One", "genres": ["a"], "tags": {"x": 1, "y": 0.5}, "year": 1999, "shoe": 44,
        "hat": 7, "windows": [{"from": "2026-01-01T00:00:00Z"}], "translations": {"de": {"name": "Eins"}},
    })  # fmt: skip
    before = world.store.titles.find("t")
    world.time += DAY
    titles(patch_titles, {
        "title_id": "t", "year": None, "tags": {"x": None, "z": 1}, "shoe": None, "glove": 9, "genres": ["b"],
        "translations": {"de": {"synopsis": "S"}},
    })  # fmt: skip
    after = world.store.titles.find("t")
    assert (after.year, after.tags, after.genres) == (None, {"y": 0.5, "z": 1}, ["b"])
    assert after.attributes == {"hat": 7, "glove": 9}
    assert after.windows == before.windows
    assert msgspec.to_builtins(after.translations) == {"de": {"name": "Eins", "synopsis": "S"}}
    assert after.added_at == before.added_at
    titles(patch_titles, {"title_id": "t", "attributes": None, "new": 1, "added_at": None})
    assert world.store.titles.find("t").attributes == {"new": 1}
    assert world.store.titles.find("t").added_at == before.added_at


def test_patch_creates_what_is_unknown_and_refuses_what_it_would_break(world, titles):
    answer = titles(patch_titles, {"title_id": "t", "name": "N"}, {"title_id": "u"}, {"title_id": "t", "name": None})
    assert answer.upserted == 1
    assert [(each.index, each.id) for each in answer.rejected] == [(1, "u"), (2, "t")]
    assert world.store.titles.find("t").name == "N"
    assert world.store.titles.find("u") is None


def test_bad_records_reject_themselves_only(world, titles):
    answer = titles(put_titles, {"title_id": "a", "name": "A"}, {"name": "B"}, {"title_id": 3, "name": "C"}, 7,
                    {"title_id": "d", "name": "\ud800"}, {"title_id": "e", "name": "E", "year": "x"})  # fmt: skip
    assert answer.upserted == 1
    assert [(each.index, each.id) for each in answer.rejected] == [(1, None), (2, None), (3, None), (4, "d"), (5, "e")]
    assert [each.title_id for each in world.store.titles.everything()] == ["a"]


def test_the_last_of_two_with_one_id_wins(world, titles):
    assert titles(put_titles, {"title_id": "t", "name": "A"}, {"title_id": "t", "name": "B"}).upserted == 2
    assert world.store.titles.find("t").name == "B"
    titles(patch_titles, {"title_id": "t", "year": 1}, {"title_id": "t", "season": 2})
    assert (world.store.titles.find("t").year, world.store.titles.find("t").season) == (1, 2)


def test_profiles_keep_their_number(world, titles):
    titles(put_profiles, {"profile_id": "p", "country": "DE", "likes": "jazz"})
    before = world.store.people.find("p")
    world.time += DAY
    titles(patch_profiles, {"profile_id": "p", "kids": True, "consent": {"experiments": False}, "likes": None})
    patched = world.store.people.find("p")
    assert (patched.profile.country, patched.profile.kids, patched.profile.attributes) == ("DE", True, {})
    assert patched.profile.consent.experiments is False
    titles(put_profiles, {"profile_id": "p"}, {"profile_id": "q", "maturity_limit": 22})
    after = world.store.people.find("p")
    assert (after.number, after.profile.country, after.profile.created_at) == (
        before.number,
        None,
        before.profile.created_at,
    )
    assert world.store.people.count() == 1
    assert [known.profile.profile_id for known in world.store.people.everyone()] == ["p"]


def test_numbers_are_dense_and_the_version_tells_every_change(world, titles):
    store = world.store.titles
    assert store.changed_since(0) == (0, [])
    titles(put_titles, *({"title_id": f"t{i}", "name": "N"} for i in range(5)))
    version, changed = store.changed_since(0)
    assert [each.number for each in changed] == [0, 1, 2, 3, 4]
    assert store.changed_since(version) == (version, [])
    assert world.store.writer.write(lambda unit: unit.delete_title("t1"))
    assert not world.store.writer.write(lambda unit: unit.delete_title("t1"))
    assert not world.store.writer.write(lambda unit: unit.delete_title("unknown"))
    later, changed = store.changed_since(version)
    assert later == store.version() > version
    assert changed == [(1, "t1", None)]
    assert [each.title_id for each in store.listing(-1, 2)] == ["t0", "t2"]
    assert [each.title_id for each in store.listing(2, 9)] == ["t3", "t4"]
    titles(put_titles, {"title_id": "t1", "name": "Back"})
    assert store.changed_since(later)[1][0].number == 1


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("windows", [{"country": ["US"], "until": "2026-12-01T00:00:00Z"}], "country"),
        ("people", [{"name": "Ann", "rle": "actor"}], "rle"),
        ("translations", {"de": {"title": "Eins"}}, "title"),
        ("artwork", [{"artwork_id": "a", "uri": "x"}], "uri"),
    ],
)
@pytest.mark.parametrize("verb", [put_titles, patch_titles])
def test_what_a_part_of_a_title_does_not_have_is_refused_by_name(world, titles, verb, field, value, pointer):
    answer = titles(verb, {"title_id": "t", "name": "One", field: value})
    assert (answer.upserted, len(answer.rejected)) == (0, 1)
    assert f"{pointer} is not a known field" in answer.rejected[0].message
    assert world.store.titles.find("t") is None


@pytest.mark.parametrize("text", ["DE\n", "D\nE", "\nDE", "de", "DEU", ""])
def test_a_country_is_two_capitals_and_nothing_more(titles, text):
    assert titles(put_profiles, {"profile_id": "p", "country": text}).upserted == 0
    assert titles(put_titles, {"title_id": "t", "name": "T", "windows": [{"countries": [text]}]}).upserted == 0


@pytest.mark.parametrize("text", ["en\n", "en-\n", "en\n-GB", "e", ""])
def test_a_language_is_a_tag_and_nothing_more(titles, text):
    assert titles(put_profiles, {"profile_id": "p", "language": text}).upserted == 0
    assert titles(put_titles, {"title_id": "t", "name": "T", "languages": [text]}).upserted == 0
    assert titles(put_profiles, {"profile_id": "p", "language": "zh-Hant-TW", "country": "ZZ"}).upserted == 1
