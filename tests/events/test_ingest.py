"""The contract's promises about events: duplicates, ids in use, bad ones, unknown profiles and titles, consent."""

from __future__ import annotations

import pytest
from world import World, event

from frontrow.core.clock import DAY, format_time
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.records import put_profiles, put_titles


def test_accepted_events_are_held_as_sent(world):
    full = event(
        type="impression", page_id="pg", row_id="r", row=0, column=3, artwork_id="a", session_id="s", device="tv",
        country="DE", tz_offset_minutes=-60, playback_id="pb", seconds=1, fraction=0.5, value=2, query="q", schema=2,
        context={"weather": "rain", "deep": {"list": [1, 2.5, None, True]}},
    )  # fmt: skip
    answer = world.post(full)
    assert (answer.accepted, answer.duplicates, answer.rejected, answer.unknown_fields) == (1, 0, [], {})
    (held,) = world.events("p1")
    for name, value in full.items():
        assert getattr(held, name) == value or name == "at"
    assert held.received_at == world.time


def test_a_duplicate_is_counted_once_however_it_is_written(world):
    sent = event(type="rate", value=2, context={"a": 1, "b": [1, 2]})
    assert world.post(sent, sent).duplicates == 1
    again = {"context": {"b": [1.0, 2], "a": 1.0}, "value": 2.0, **sent, "at": "2026-03-18T21:00:00+01:00"}
    again |= {"context": {"b": [1.0, 2], "a": 1.0}, "value": 2.0, "received_at": "2020-01-01T00:00:00Z"}
    world.time += DAY
    answer = world.post(again)
    assert (answer.accepted, answer.duplicates, answer.rejected) == (0, 1, [])
    assert world.ids("p1") == ["e1"]


@pytest.mark.parametrize(
    "change",
    [
        {"value": 5}, {"profile_id": "p2"}, {"title_id": "t2"}, {"type": "survey", "context": {"topic": "x"}},
        {"at": "2026-03-18T20:00:01Z"}, {"context": {"a": True}}, {"context": {}}, {"device": "tv"}, {"stray": 1},
    ],
)  # fmt: skip
def test_other_content_under_a_known_id_is_rejected(world, change):
    sent = event(type="rate", value=2, context={"a": 1})
    for batch in ([sent, sent | change], [sent | change]):
        answer = world.post(*batch)
        assert [(each.index, each.event_id) for each in answer.rejected] == [(len(batch) - 1, "e1")]
        assert "event_id" in answer.rejected[0].message
    assert len(world.events("p1")) == 1
    assert world.store.people.find("p2") is None


def test_a_bad_event_rejects_itself_only(world):
    no_id = event()
    del no_id["event_id"]
    answer = world.post(
        event("good"), "no object", None, event(7), no_id, event("bad", type="teleport"),
        event("future", at="2026-03-21T12:00:01Z"),
        event("text", context={"a": "\ud800"}), event("deep", context={"n": 10**5000}), event("\ud800"), event("fine"),
    )  # fmt: skip
    assert answer.accepted == 2
    assert [(each.index, each.event_id) for each in answer.rejected] == [
        (1, None), (2, None), (3, None), (4, None), (5, "bad"), (6, "future"), (7, "text"), (8, "deep"), (9, None),
    ]  # fmt: skip
    assert all(each.message for each in answer.rejected)
    assert world.ids("p1") == ["good", "fine"]


def nested(levels: int) -> object:
    return 10**30 if levels == 0 else {"a": nested(levels - 1)}


def test_numbers_too_large_for_the_database_and_nesting_are_kept(world):
    sent = event(context={"n": -(10**300), "deep": nested(97)})
    assert world.post(sent, sent).duplicates == 1
    assert world.post(sent).duplicates == 1
    assert world.events("p1")[0].context == sent["context"]


@pytest.mark.parametrize("levels", [99, 500, 5000])
def test_nesting_without_end_is_refused(world, levels):
    value: object = 1
    for _ in range(levels):
        value = [value]
    answer = world.post(event("e1", context={"deep": value}), event("e2"))
    assert [(each.index, each.event_id) for each in answer.rejected] == [(0, "e1")]
    assert "100 levels" in answer.rejected[0].message


def test_nothing_but_bad_events_writes_nothing(world):
    head = world.store.log.head()
    assert world.post(event(type="x")).accepted == 0
    assert world.post().accepted == 0
    assert world.store.log.head() == head
    assert world.store.people.count() == 0


def test_unknown_fields_go_to_context_and_are_counted(world):
    answer = world.post(event("e1", flavour="dark", context={"weather": "rain"}), event("e2", flavour=1, other=2))
    assert answer.unknown_fields == {"flavour": 2, "other": 1}
    assert world.events("p1")[0].context == {"flavour": "dark", "weather": "rain"}


def test_an_unknown_profile_is_created_with_defaults(world):
    world.post(event(profile_id="néw/?%20"))
    known = world.store.people.find("néw/?%20")
    assert known.profile.maturity_limit is None
    assert known.profile.created_at == format_time(world.time)


def test_ids_are_opaque(world):
    ids = ["1", "01", "1.0", "Z", "z", "\u00e9", "e\u0301", " ", "a'b\"", "%", "日本", "x" * 128]
    assert world.post(*(event(each, profile_id=each, title_id=each) for each in ids)).accepted == len(ids)
    for each in ids:
        assert [(e.event_id, e.title_id, e.profile_id) for e in world.events(each)] == [(each, each, each)]


def test_events_of_an_unknown_title_count_once_it_exists(world):
    world.post(event(type="rate", title_id="unborn", value=4))
    (folded,) = world.store.log.of_profile(world.number("p1"))
    assert world.store.titles.changed_since(0)[1][folded.title].title is None
    put_titles([{"title_id": "unborn", "name": "N"}], world.store.writer, world.now())
    assert world.store.titles.changed_since(0)[1][folded.title].title.name == "N"


def test_order_is_by_at_then_arrival_and_offsets_rise(world):
    world.post(event("b", at="2026-03-02T00:00:00Z"), event("a", at="2026-03-01T00:00:00Z"))
    world.post(event("c", at="2026-03-01T00:00:00Z"))
    assert world.ids("p1") == ["a", "c", "b"]
    folded = world.store.log.of_profile(world.number("p1"))
    assert [each.offset for each in folded] == [1, 2, 3]
    assert world.store.log.of_profile(world.number("p1"), after=2)[0].offset == 3
    assert world.store.log.head().offset == 3


def test_learning_needs_consent_then_and_now(world):
    writer, now = world.store.writer, world.now()
    put_profiles([{"profile_id": "p1", "consent": {"personalization": False}}], writer, now)
    world.post(event("e1"), event("e2", profile_id="p2"))
    put_profiles([{"profile_id": "p1"}, {"profile_id": "p2", "consent": {"personalization": False}}], writer, now)
    world.post(event("e3"), event("e4", profile_id="p2"))
    learn = {each.offset: each.learn for p in ("p1", "p2") for each in world.store.log.of_profile(world.number(p))}
    assert learn == {1: False, 2: True, 3: True, 4: False}
    assert world.store.log.columns().learn.tolist() == [False, False, True, False]


def test_the_default_of_consent_is_the_services(tmp_path):
    world = World(tmp_path, default_consent=False)
    put_profiles([{"profile_id": "yes", "consent": {"personalization": True}}], world.store.writer, world.now())
    world.post(event("e1"), event("e2", profile_id="yes"))
    assert world.store.log.columns().learn.tolist() == [False, True]
    world.close()


def test_columns_hold_what_folds_read(world):
    put_profiles([{"profile_id": "p1", "country": "FR"}], world.store.writer, world.now())
    stop = {"type": "stop", "seconds": 60, "fraction": 0.25}
    world.post(
        event("e1", **stop, playback_id="x", country="DE", device="tv"), event("e2", **stop, playback_id="x"),
        event("e3", **stop, playback_id="y", profile_id="p2"), event("e4", type="session_start", title_id=None),
        event("e5", type="rate", value=3.5, at="2026-03-19T00:00:00Z"),
    )  # fmt: skip
    columns = world.store.log.columns()
    assert len(columns) == 5
    assert columns.offset.tolist() == [1, 2, 3, 4, 5]
    assert columns.type.tolist() == [TYPE_NUMBER[t] for t in ("stop", "stop", "stop", "session_start", "rate")]
    assert columns.title.tolist() == [0, 0, 0, -1, 0]
    assert [columns.countries[c] if c >= 0 else None for c in columns.country] == ["DE", "FR", None, "FR", "FR"]
    assert columns.device.tolist() == [0, -1, -1, -1, -1]
    assert columns.seconds[:3].tolist() == [60, 60, 60]
    assert columns.value[4] == 3.5
    assert columns.playback[0] == columns.playback[1] != columns.playback[2]
    assert columns.playback[3] == 0
    tail = world.store.log.columns(after=3, until=columns.at[4])
    assert tail.offset.tolist() == [4]
    assert len(world.store.log.columns(after=5)) == 0
