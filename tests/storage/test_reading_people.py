"""Whom and what a server that reads can tell: profiles that it remembers, strangers that it met, the newest events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from valkeys import Service, Valkey, opened

from frontrow.core.clock import format_time, wall_clock
from frontrow.core.errors import NotFound
from frontrow.storage.valkey.records import ValkeyPeople


@pytest.fixture
def service(tmp_path: Path, shared: Valkey) -> Iterator[Service]:
    ingesting = opened(tmp_path / "w", "ingest", shared.url)
    service = Service(ingesting, opened(tmp_path / "r", "read", shared.url))
    service.ingesting.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(6)])
    yield service
    service.close()


def watch(service: Service, who: str, title: int) -> None:
    watch.count += 1  # type: ignore[attr-defined]
    event = {"event_id": f"w{watch.count}", "type": "rate", "profile_id": who, "title_id": f"t{title}", "value": 5}  # type: ignore[attr-defined]
    assert not service.ingesting.ingest([event | {"at": format_time(wall_clock())}]).rejected


watch.count = 0  # type: ignore[attr-defined]


def test_a_profile_is_found_by_its_number_once_it_was_met(service: Service) -> None:
    service.ingesting.put_profiles([{"profile_id": "ann"}, {"profile_id": "bob"}])
    people = service.rooms.people
    number = service.ingesting._parts.people.find("ann").number  # type: ignore[union-attr]
    assert people.numbered(number) is None  # nothing tells here whose number it is
    assert people.find("ann").number == number  # type: ignore[union-attr]
    assert people.numbered(number).profile.profile_id == "ann"  # type: ignore[union-attr]
    service.ingesting.patch_profiles([{"profile_id": "ann", "maturity_limit": 7}])
    assert people.numbered(number).profile.limit == 7  # type: ignore[union-attr]
    service.ingesting.forget("ann")
    assert people.numbered(number) is None
    service.ingesting.put_profiles([{"profile_id": "ann"}])
    assert people.find("ann").number != number  # type: ignore[union-attr]
    assert people.numbered(number) is None


def test_a_merged_profile_s_number_is_nobody_s(service: Service) -> None:
    service.ingesting.put_profiles([{"profile_id": "ann"}, {"profile_id": "anon"}])
    people = service.rooms.people
    number = people.find("anon").number  # type: ignore[union-attr]
    service.ingesting.merge("ann", "anon")
    assert people.numbered(number) is None


def test_a_stranger_is_met_again_by_whoever_met_it(service: Service) -> None:
    people = service.rooms.people
    assert isinstance(people, ValkeyPeople)
    stranger = people.stranger("new")
    assert stranger is not None
    assert b"new" not in stranger.digest
    assert people.met(stranger) is None
    service.ingesting.put_profiles([{"profile_id": "new"}])
    assert people.met(stranger).profile.profile_id == "new"  # type: ignore[union-attr]
    assert people.stranger("new") is None
    other = ValkeyPeople(people._reads)
    with pytest.raises(NotFound):
        other.met(stranger)


def test_only_so_many_are_remembered(service: Service) -> None:
    people = ValkeyPeople(service.rooms.people._reads, remembered=2)  # type: ignore[attr-defined]
    strangers = [people.stranger(f"new{n}") for n in range(3)]
    with pytest.raises(NotFound):
        people.met(strangers[0])  # type: ignore[arg-type]
    assert people.met(strangers[2]) is None  # type: ignore[arg-type]
    service.ingesting.put_profiles([{"profile_id": f"p{n}"} for n in range(3)])
    numbers = [people.find(f"p{n}").number for n in range(3)]  # type: ignore[union-attr]
    assert people.numbered(numbers[0]) is None
    assert people.numbered(numbers[2]) is not None
    people.drop({numbers[2]})
    assert people.numbered(numbers[2]) is None


def test_the_feed_tells_the_events_of_some_and_not_whose_were_counted_again(service: Service) -> None:
    for n in range(12):
        watch(service, ("ann", "bob", "eve")[n % 3], n % 6)
    log, feed = service.ingesting._parts.store.log, service.reading._parts.reading.feed  # type: ignore[union-attr]
    numbers = [service.ingesting._parts.people.find(each).number for each in ("ann", "eve")]  # type: ignore[union-attr]
    for until in (0, 5, 9, 10**9):
        found, expected = feed.of_profiles(numbers, until), log.of_profiles(numbers, until)
        for name in ("offset", "at", "profile", "title", "type", "value", "learn"):
            assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=name == "value"), name
    assert [int(part.offset[0]) for part in feed.parts(4)] == [5]
    assert list(feed.parts(10**9)) == []
    assert feed.recounts(0) is None
    before = feed.head().recounts
    service.ingesting.forget("eve")
    assert feed.head().recounts != before or feed.head().rewrites > 0
    assert feed.recounts(before) is None
    assert not len(feed.of_profiles(numbers[1:], 10**9))
