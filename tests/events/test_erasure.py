"""Forget and merge: what goes, what stays, and that the bytes are gone."""

from __future__ import annotations

import random

import msgspec
import pytest
from world import World, event

from frontrow.core.clock import DAY, HOUR, format_time
from frontrow.core.errors import FrontrowError, InvalidRecord, NotFound
from frontrow.events.records import put_profiles


def serve(world: World, profile_id: str, known: bool = True) -> str:
    page_id = world.served.new_id("p")
    number = world.number(profile_id) if known else None
    stranger = None if known else world.store.people.stranger(profile_id)
    world.served.put(page_id, number, world.time, msgspec.msgpack.encode([page_id, "x" * 9000]), stranger)
    return page_id


def test_forget_gives_a_receipt_of_every_place(world):
    put_profiles([{"profile_id": "anna", "account_id": "acc"}], world.store.writer, world.now())
    world.post(event("e1", "anna"), event("e2", "anna"))
    serve(world, "anna")
    receipt = world.forget("anna")
    assert receipt.profile_id == "anna"
    assert receipt.erased_at == format_time(world.now())
    assert {place.place: place.records for place in receipt.places} == {
        "profile record": 1, "mapping of ids to numbers": 1, "events": 2, "tombstones": 1, "served pages": 1,
        "metric tables": 0, "experiments": 0, "features": 0, "lake": 0, "models": 0, "write-ahead log": 0,
        "counts of popularity": 0,
    }  # fmt: skip
    assert world.store.people.find("anna") is None
    with pytest.raises(NotFound):
        world.forget("anna")


def test_receipts_differ(world):
    ids = set()
    for _ in range(3):
        put_profiles([{"profile_id": "anna"}], world.store.writer, world.now())
        ids.add(world.forget("anna").receipt_id)
    assert len(ids) == 3


def test_late_retries_are_refused_and_a_new_profile_shares_nothing(world):
    world.post(event("e1", "anna"), event("e2", "anna", at="2026-03-21T00:00:00Z"))
    number = world.number("anna")
    world.forget("anna")
    for at in ("2026-03-18T20:00:00Z", "2026-03-20T23:59:59Z", "2026-03-21T00:00:00Z"):
        answer = world.post(event("e1", "anna", at=at))
        assert (answer.accepted, answer.rejected[0].event_id) == (0, "e1")
        assert "erased" in answer.rejected[0].message
    assert world.store.people.find("anna") is None
    assert world.post(event("e3", "anna", at="2026-03-21T00:00:01Z")).accepted == 1
    assert world.number("anna") > number
    assert world.ids("anna") == ["e3"]
    assert world.post(event("e4", "anna", at="2026-03-19T00:00:00Z")).accepted == 0


def test_a_put_starts_anew_too(world):
    world.post(event("e1", "anna"))
    world.forget("anna")
    put_profiles([{"profile_id": "anna", "country": "DE"}], world.store.writer, world.now())
    assert world.events("anna") == []
    assert world.post(event("e1", "anna")).rejected
    assert world.post(event("e1", "bert")).accepted == 1


def test_forgetting_tells_folds_that_the_past_changed(world):
    world.post(event("e1", "anna"), event("e2", "bert"))
    before = world.store.log.head()
    world.forget("anna")
    after = world.store.log.head()
    assert after.rewrites == before.rewrites + 1
    assert after.offset == before.offset
    world.post(event("e3", "bert"))
    assert world.store.log.head().offset == before.offset + 1


def test_merge_moves_events_in_their_order(world):
    world.post(event("a", "to", at="2026-03-12T10:00:00Z"), event("b", "anon", at="2026-03-10T10:00:00Z"),
               event("c", "anon", at="2026-03-12T10:00:00Z"), event("d", "to", at="2026-03-12T10:00:00Z"))  # fmt: skip
    before, head = world.store.people.find("to"), world.store.log.head()
    assert world.merge("to", "anon") == 2
    after = world.store.people.find("to")
    assert world.ids("to") == ["b", "a", "c", "d"]
    assert {each.profile_id for each in world.events("to")} == {"to"}
    assert {each.profile_id for each in world.store.log.everything()} == {"to"}
    assert (after.number, after.generation) == (before.number, before.generation + 1)
    assert world.store.log.head().rewrites == head.rewrites + 1
    assert world.store.people.find("anon") is None


def test_a_retry_from_before_the_merge_is_a_duplicate(world):
    sent = event("a", "anon")
    world.post(sent)
    world.merge("middle", "anon")
    world.merge("to", "middle")
    assert world.ids("to") == ["a"]
    assert world.post(sent).duplicates == 1
    assert world.store.people.find("anon") is None
    assert world.post(event("a", "to")).rejected
    assert world.post(event("b", "anon")).accepted == 1
    assert world.ids("anon") == ["b"]


def test_merge_takes_pages_along_and_creates_the_target(world):
    world.post(event("a", "anon"))
    page = serve(world, "anon")
    assert world.merge("new", "anon") == 1
    assert world.served.get(page).profile == world.number("new")


def test_consent_stays_as_it_was_when_the_event_came(world):
    put_profiles([{"profile_id": "anon", "consent": {"personalization": False}}], world.store.writer, world.now())
    world.post(event("a", "anon"))
    world.merge("to", "anon")
    assert [each.learn for each in world.store.log.of_profile(world.number("to"))] == [False]


def test_merges_that_cannot_be(world):
    world.post(event("a", "p1"))
    with pytest.raises(InvalidRecord):
        world.merge("p1", "p1")
    with pytest.raises(NotFound):
        world.merge("p1", "unknown")
    with pytest.raises(NotFound):
        world.merge("new", "unknown")
    assert world.store.people.find("new") is None
    for target, source in (("", "p1"), ("p1", "\n"), ("x" * 129, "p1")):
        with pytest.raises(InvalidRecord):
            world.merge(target, source)


def test_forgetting_the_target_refuses_retries_of_what_was_merged(world):
    world.post(event("a", "anon"), event("b", "other", at="2026-03-17T00:00:00Z"))
    world.merge("to", "anon")
    world.merge("to", "other")
    world.post(event("c", "other", at="2026-03-18T00:00:00Z"))  # somebody new bears that id
    world.forget("to")
    assert world.post(event("a", "anon")).rejected
    assert world.post(event("x", "anon", at=format_time(world.now()))).rejected
    assert world.post(event("b", "other", at="2026-03-17T00:00:00Z")).rejected
    assert world.post(event("c", "other", at="2026-03-18T00:00:00Z")).duplicates == 1
    assert world.post(event("d", "other", at="2026-03-18T00:00:01Z")).accepted == 1


def test_the_bytes_are_gone_from_every_file(world):
    """Many profiles' events between each other, so that the rows to erase lie on all pages."""
    rng = random.Random(7)
    serve(world, "somebody-07-name", known=False)
    for _ in range(40):
        names = [f"somebody-{rng.randrange(30):02d}-name" for _ in range(200)]
        batch = [
            event(f"{rng.getrandbits(64):016x}~{name}", name, query=f"q {name} " + "z" * rng.randrange(200))
            for name in names
        ]
        assert world.post(*batch).accepted == 200
    put_profiles(
        [{"profile_id": f"somebody-{n:02d}-name", "account_id": f"account-of-{n:02d}-x", "note": "y" * 400}
         for n in range(30)], world.store.writer, world.now())  # fmt: skip
    for name in ("somebody-07-name", "somebody-08-name", "somebody-09-name"):
        serve(world, name)
    other = World(world.folder)
    serve(other, "somebody-08-name")
    world.merge("somebody-07-name", "somebody-08-name")
    assert b"somebody-08-name" in world.bytes_on_disk()
    receipt = world.forget("somebody-07-name")
    assert next(place.records for place in receipt.places if place.place == "served pages") == 4
    left = world.bytes_on_disk()
    for gone in (b"somebody-07-name", b"somebody-08-name", b"account-of-07-x", b"account-of-08-x"):
        assert gone not in left
    assert b"somebody-09-name" in left
    assert b"account-of-09-x" in left
    assert world.store.check() == []
    other.close()


def test_a_reader_that_holds_the_log_is_waited_for(world):
    world.post(event("e1", "somebody-long"))
    with world.store._readers.one() as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM events").fetchone()
        world.store.clear_tries = 2
        receipt = world.forget("somebody-long")
    note = next(place.note for place in receipt.places if place.place == "write-ahead log")
    assert "NOT emptied" in note
    assert "emptied" in world.store.clear().note
    assert b"somebody-long" not in world.bytes_on_disk()


def test_erasure_is_dated_by_the_service_clock_or_the_newest_event(tmp_path):
    world = World(tmp_path, "data")
    world.post(event("e1", "anna", at="2001-01-01T00:00:00Z"), event("e2", "bert", at="2002-01-01T00:00:00Z"))
    world.time += DAY
    assert world.forget("anna").erased_at == "2002-01-01T00:00:00Z"
    assert world.post(event("e3", "anna", at="2002-01-01T00:00:00Z")).rejected
    assert world.post(event("e4", "anna", at="2002-01-01T00:00:01Z")).accepted == 1
    world.time += HOUR
    world.close()


def counts(receipt):
    return {place.place: place.records for place in receipt.places}


def broken(*_args):
    raise FrontrowError("the disk is gone")


@pytest.mark.parametrize(("place", "verb"), [("served", "erase"), ("metrics", "erase"), ("store", "clear")])
def test_an_erasure_that_failed_on_its_way_is_finished_by_the_next(world, monkeypatch, place, verb):
    serve(world, "anon-long", known=False)
    world.post(event("e1", "somebody-long"), event("e2", "anon-long"))
    serve(world, "somebody-long")
    world.merge("somebody-long", "anon-long")
    monkeypatch.setattr(getattr(world, place), verb, broken)
    with pytest.raises(FrontrowError, match="not yet erased everywhere: the disk is gone"):
        world.forget("somebody-long")
    assert world.store.people.find("somebody-long") is None  # in force all the same
    monkeypatch.undo()
    receipt = world.forget("somebody-long")
    assert counts(receipt)["events"] == 2
    assert counts(receipt)["served pages"] == (2 if place == "served" else 0)  # else they went the first time
    left = world.bytes_on_disk()
    assert b"somebody-long" not in left
    assert b"anon-long" not in left
    with pytest.raises(NotFound):
        world.forget("somebody-long")


def test_a_new_profile_of_that_id_does_not_hide_an_unfinished_erasure(world, monkeypatch):
    world.post(event("e1", "somebody-long"))
    page = serve(world, "somebody-long")
    monkeypatch.setattr(world.served, "erase", broken)
    with pytest.raises(FrontrowError):
        world.forget("somebody-long")
    monkeypatch.undo()
    put_profiles([{"profile_id": "somebody-long"}], world.store.writer, world.now())
    assert world.served.get(page) is not None
    world.forget("somebody-long")
    assert world.served.get(page) is None
    assert world.store.writer.write(lambda unit: unit.begun_erasures()) == []
