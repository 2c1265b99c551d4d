"""Derived ids: one for one content, whoever derives it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from frontrow.events.event import Event, parse_event
from frontrow.importers.derived_ids import RatingIds, canonical, derived_id, digest, numbers_among_equals


def rate(**fields):
    known = {"event_id": "x", "type": "rate", "profile_id": "ann", "title_id": "t1", "value": 4.0, "at": 5}
    return Event(**(known | fields))


def test_an_id_that_is_out_in_the_world_stays():
    """Importing again after an upgrade must find the same ids."""
    content = canonical(rate(at=1_700_000_000_000_000))
    assert content == b'{"at":1700000000000000,"profile_id":"ann","title_id":"t1","type":"rate","value":4.0}'
    assert derived_id(1_700_000_000_000_000, digest(content), 0) == "2060a24181e4000-89506fcde3ec84d2"
    assert derived_id(5, digest(content), 2).endswith("-2")


def test_content_is_as_parsed():
    raw = {"event_id": "a", "type": "rate", "profile_id": "ann", "title_id": "t1", "context": {"b": 1, "a": 2}}
    one, _ = parse_event(raw | {"value": 4, "at": "2026-03-01T12:00:00Z"}, 1)
    other, _ = parse_event(
        raw | {"event_id": "b", "value": 4.0, "at": "2026-03-01T13:00:00+01:00", "context": {"a": 2, "b": 1}}, 2
    )
    assert canonical(one) == canonical(other)
    assert canonical(rate(context={})) == canonical(rate())
    assert canonical(rate(value=4.5)) != canonical(rate())


@given(st.lists(st.sampled_from([bytes([n]) * 16 for n in range(4)]), max_size=30))
def test_numbers_count_the_equals_before(digests):
    expected = [digests[:place].count(each) for place, each in enumerate(digests)]
    assert numbers_among_equals(b"".join(digests)).tolist() == expected


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from([1.0, 2.5]), st.integers(0, 3)))
)
def test_ratings_get_the_ids_of_events(ratings):
    ratings.sort(key=lambda rating: rating[3])
    cut = len(ratings) // 2
    ids = RatingIds()
    made = [
        name
        for part in (ratings[:cut], ratings[cut:])
        for name in ids.of(*(map(list, zip(*part, strict=True)) if part else [[]] * 4))
    ]
    for place, (name, rating) in enumerate(zip(made, ratings, strict=True)):
        profile_id, title_id, value, at = rating
        content = canonical(rate(profile_id=profile_id, title_id=title_id, value=value, at=at))
        assert name == derived_id(at, digest(content), ratings[:place].count(rating))
    assert len(set(made)) == len(made)


def test_ids_sort_by_time():
    times = [-62_135_596_800_000_000, -1, 0, 1, 253_402_300_799_999_999]
    names = [derived_id(at, b"\xff" * 16, 0) for at in times]
    assert names == sorted(names)
    assert len({len(name) for name in names}) == 1
