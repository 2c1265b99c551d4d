"""Valkey is away, slow, empty, full, or not ours: pages say so, no event is lost, and it heals by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec import structs
from state_contract import TITLES, Told
from valkeys import Service, Valkey, opened, plain

from frontrow import Workspace
from frontrow.core.clock import format_time, wall_clock
from frontrow.core.errors import FrontrowError, Refusal, Unavailable, UsageError, WrongServer
from frontrow.events.accept import accept
from frontrow.events.event import parse_event
from frontrow.recommend.answers import Page
from frontrow.recommend.request import RowsRequest
from frontrow.storage.valkey.form import decode_told, encode

PATIENCE = 30.0


@pytest.fixture
def service(tmp_path: Path, shared: Valkey) -> Iterator[Service]:
    service = Service(opened(tmp_path / "w", "ingest", shared.url), opened(tmp_path / "r", "read", shared.url))
    service.ingesting.put_titles(TITLES)
    yield service
    if shared.process is not None:
        shared.go_on()
    service.close()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def hidden(n: int, who: str = "ann") -> dict[str, object]:
    at = format_time(wall_clock())
    return {"event_id": f"h{n}-{who}", "type": "hide", "profile_id": who, "title_id": f"t{n}", "at": at}


def shown(page: Page) -> set[str]:
    return {item.title_id for row in page.rows for item in row.items}


def troubled(page: Page) -> bool:
    return "state" in (page.degraded or "")


def whole(service: Service, name: str) -> None:
    """What is read is what the log gives."""
    who = service.who(name)
    assert who is not None
    assert plain(service.viewer(who)) == plain(service.expected_viewer(who))
    assert service.trail(who).same_as(service.expected_trail(who))


def test_while_valkey_is_away_pages_say_so_events_are_kept_and_it_heals(service: Service, shared: Valkey) -> None:
    service.ingesting.ingest([hidden(0)])
    assert "t0" not in shown(service.reading.home("ann"))
    shared.kill()
    page = service.reading.home("ann")
    assert "state: valkey cannot be reached" in (page.degraded or "")
    assert page.rows  # from memory: what was known still holds
    assert "t0" not in shown(page)
    stranger = service.reading.home("bob")  # whether anything is hidden from them cannot be known
    assert troubled(stranger)
    assert stranger.rows == []
    assert service.ingesting.ingest([hidden(n) for n in range(1, 6)]).accepted == 5
    page = service.ingesting.home("ann")  # it has the log
    assert not troubled(page)
    assert shown(page).isdisjoint({"t0", "t1", "t5"})
    shared.start()
    until(lambda: not troubled(service.reading.home("ann")))
    assert shown(service.reading.home("ann")).isdisjoint({f"t{n}" for n in range(6)})
    assert service.reading.home("bob").rows
    whole(service, "ann")


def test_an_emptied_valkey_is_told_all_anew(service: Service, shared: Valkey) -> None:
    told = Told(5)
    service.ingesting.ingest([told.event("ann") for _ in range(50)])
    whole(service, "ann")
    for _ in range(3):
        shared.empty()
        service.ingesting.ingest([told.event("ann") for _ in range(5)])
        assert not troubled(service.ingesting.home("ann"))
        whole(service, "ann")
        assert service.reading.title("t3").name == "Title 3"


def test_no_page_is_old_without_saying_so_when_valkey_was_paused(service: Service, shared: Valkey) -> None:
    for n in range(2):
        service.ingesting.ingest([hidden(n)])
        service.reading.home("ann")
        shared.pause()
        service.ingesting.ingest([hidden(10 + n)])  # answered although Valkey does not answer
        assert troubled(service.reading.home("ann"))
        shared.go_on()  # what was sent to it meanwhile arrives now
        for _ in range(20):
            page = service.reading.home("ann")
            assert troubled(page) or f"t{10 + n}" not in shown(page)
        until(lambda: not troubled(service.reading.home("ann")))
        assert f"t{10 + n}" not in shown(service.reading.home("ann"))


def test_without_the_server_that_ingests_pages_say_that_they_may_be_old(service: Service) -> None:
    service.ingesting.ingest([hidden(0)])
    service.reading.home("ann")
    service.ingesting._parts.ingesting._courier.close()  # type: ignore[union-attr]
    until(lambda: "the server that ingests is not heard" in (service.reading.home("ann").degraded or ""))
    assert "t0" not in shown(service.reading.home("ann"))


def test_what_a_dead_process_committed_and_did_not_tell_is_told(service: Service) -> None:
    service.ingesting.ingest([hidden(0)])
    parts = service.ingesting._parts
    event, _ = parse_event(hidden(1), wall_clock())
    parts.store.writer.write(lambda unit: accept(unit, [(0, event)], wall_clock(), wall_clock(), True))
    until(lambda: "t1" not in shown(service.reading.home("ann")))
    whole(service, "ann")


def test_servers_that_tell_at_once_do_not_get_in_each_others_way(service: Service, shared: Valkey) -> None:
    other = opened(service.ingesting.path, "ingest", shared.url)  # another worker
    told = Told(7)
    for n in range(30):
        (service.ingesting, other)[n % 2].ingest([told.event("ann") for _ in range(3)])
        assert not troubled(service.reading.home("ann"))
        whole(service, "ann")
    other.close()


def test_a_full_valkey_is_an_outage_that_ends_with_space(service: Service, shared: Valkey) -> None:
    service.ingesting.ingest([hidden(0)])
    with shared.client() as client:
        client.config_set("maxmemory", 1)
        assert service.ingesting.ingest([hidden(1)]).accepted == 1
        page = service.reading.home("ann")
        assert troubled(page) or "t1" not in shown(page)
        until(lambda: troubled(service.reading.home("ann")))
        client.config_set("maxmemory", 0)
    until(lambda: not troubled(service.reading.home("ann")))
    assert "t1" not in shown(service.reading.home("ann"))


def test_evicted_keys_are_brought_again(service: Service, shared: Valkey) -> None:
    told = Told(8)
    service.ingesting.ingest([told.event("ann") for _ in range(50)])
    whole(service, "ann")
    with shared.client() as client:
        for pattern in ("*:viewer:*", "*:record:*", "*:who:*", "*:trail:*"):
            assert client.delete(*client.keys(f"frontrow:{pattern}"))
            service.ingesting.ingest([told.event("ann")])
            assert not troubled(service.reading.home("ann"))
            whole(service, "ann")
        client.delete("frontrow:head")
    service.ingesting.ingest([told.event("ann")])
    whole(service, "ann")


def test_keys_of_profiles_have_a_life_and_a_cap(tmp_path: Path, shared: Valkey) -> None:
    more = "max_keys = 1000\nkeep_hours = 1"
    ingesting = opened(tmp_path / "w", "ingest", shared.url, more=more)
    service = Service(ingesting, opened(tmp_path / "r", "read", shared.url, more=more))
    ingesting.put_titles(TITLES)
    ingesting.put_profiles([{"profile_id": f"p{n}"} for n in range(600)])
    for n in range(600):
        service.viewer(service.who(f"p{n}"))  # type: ignore[arg-type]
    with shared.client() as client:
        assert client.zcard("frontrow:held") == 1_000
        keys = [key for kind in ("viewer", "record", "who") for key in client.keys(f"frontrow:*:{kind}:*")]
        assert all(0 < client.pttl(key) <= 3_600_000 for key in keys)
        assert len(client.keys("frontrow:*:viewer:*")) + len(client.keys("frontrow:*:record:*")) == 1_000
        told = Told(9)
        whole_before = service.who("p599")
        for _ in range(100):
            ingesting.ingest([told.event("p599")])
        lengths = [client.llen(key) for key in client.keys("frontrow:*:viewer:*")]
        assert max(lengths) <= 2 + 64
        assert whole_before == service.who("p599")
        whole(service, "p599")
    service.close()


def test_nothing_of_a_forgotten_profile_stays_there_or_with_servers_that_read(service: Service, shared: Valkey) -> None:
    service.ingesting.ingest([hidden(0, "ann-the-forgotten"), hidden(1, "bob")])
    page = service.reading.home("ann-the-forgotten")
    service.reading.engine.features("ann-the-forgotten")
    number = service.who("ann-the-forgotten").number  # type: ignore[union-attr]
    with shared.client() as client:
        assert b"ann-the-forgotten" in everything(client)
    receipt = service.ingesting.forget("ann-the-forgotten")
    assert [place.place for place in receipt.places if "told" in place.note] == ["valkey"]
    with shared.client() as client:
        assert b"ann-the-forgotten" not in everything(client)
        assert not client.keys(f"frontrow:*:{number}")
    with pytest.raises(FrontrowError):
        service.reading.engine.rows(page.page_id, RowsRequest())
    service.reading.refresh()
    served = service.reading._parts.served
    assert served.of_profile(number) == []
    assert served.get(page.page_id) is None


def test_an_erasure_while_valkey_is_away_says_so_and_is_carried_out_later(service: Service, shared: Valkey) -> None:
    service.ingesting.ingest([hidden(0)])
    service.reading.home("ann")
    shared.kill()
    places = {place.place: place.note for place in service.ingesting.forget("ann").places}
    assert places["valkey"].startswith("NOT reached")
    shared.start()
    until(lambda: not troubled(service.reading.home("ann")))
    assert service.who("ann") is None


def everything(client) -> bytes:  # type: ignore[no-untyped-def]
    values = client.keys("*")
    return b"".join(values) + b"".join(filter(None, (client.dump(key) for key in values)))


def test_another_workspaces_state_is_refused(service: Service, tmp_path: Path, shared: Valkey) -> None:
    other = opened(tmp_path / "other", "ingest", shared.url)
    with pytest.raises(Refusal, match="another workspace"):
        other.check_start()
    assert any(each.level == "fail" and each.check == "state" for each in other.doctor())
    assert other.ingest([hidden(0)]).accepted == 1  # its own log is its own
    other.close()
    service.ingesting.ingest([hidden(0)])
    service.reading.home("ann")
    shared.empty()
    service.ingesting.close()
    stranger = opened(tmp_path / "stranger", "ingest", shared.url)
    stranger.put_titles(TITLES)
    page = service.reading.home("ann")
    assert "valkey holds another workspace" in (page.degraded or "")
    assert any("another workspace" in each.message for each in service.reading.doctor()) or troubled(page)
    stranger.close()


def test_another_form_is_refused(service: Service, shared: Valkey) -> None:
    service.ingesting.check_start()
    with shared.client() as client:
        told = decode_told(client.get("frontrow:head"))
        client.set("frontrow:head", encode(structs.replace(told, form=told.form - 1)))
    with pytest.raises(Refusal, match="another version"):
        service.ingesting.check_start()
    assert "another version" in (service.reading.home("ann").degraded or "")


def test_a_wrong_password_is_refused_and_never_shown(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "v", "--requirepass", "secret-word")
    wrong = opened(tmp_path / "w", "ingest", f"unix://:another@{server.socket}")
    with pytest.raises(Refusal, match="password"):
        wrong.check_start()
    found = [each for each in wrong.doctor() if each.check == "state"]
    assert [each.level for each in found] == ["fail"]
    assert "another" not in found[0].message
    assert wrong.ingest([hidden(0)]).accepted == 1
    wrong.close()
    right = opened(tmp_path / "w", "ingest", f"unix://:secret-word@{server.socket}")
    right.check_start()
    assert [each.level for each in right.doctor() if each.check == "state"] == ["ok"]
    right.close()
    server.kill()


def test_settings_that_make_no_sense(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "w").close()
    for text, message in (
        ('[state]\nrole = "read"', "shared state"),
        ('[state]\nstore = "valkey"\nurl = "http://somewhere"', "no address of a Valkey server"),
        ('[state]\nstore = "redis"', "state.store"),
        ("[state]\nlease = 3", "state.lease"),
    ):
        (tmp_path / "w" / "frontrow.toml").write_text(text)
        with pytest.raises(FrontrowError, match=message):
            Workspace.open(tmp_path / "w")


def test_a_valkey_that_is_not_there_stops_no_server_from_starting(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/nobody.sock"
    ingesting = opened(tmp_path / "w", "ingest", url)
    ingesting.check_start()
    ingesting.put_titles(TITLES)
    assert ingesting.ingest([hidden(0)]).accepted == 1
    assert ingesting.home("ann").rows
    reading = opened(tmp_path / "r", "read", url)
    reading.check_start()
    assert "valkey cannot be reached" in (reading.home("ann").degraded or "")
    assert [each.level for each in reading.doctor() if each.check == "state"] == ["fail"]
    ingesting.close()
    reading.close()


def test_a_server_that_reads_sends_elsewhere_what_changes_something(service: Service, tmp_path: Path) -> None:
    reading = service.reading
    service.ingesting.put_profiles([{"profile_id": "ann"}])
    for call in (
        lambda: reading.ingest([hidden(0)]),
        lambda: reading.put_titles(TITLES),
        lambda: reading.patch_profiles([{"profile_id": "ann"}]),
        lambda: reading.delete_title("t1"),
        lambda: reading.merge("ann", "bob"),
        lambda: reading.forget("ann"),
        lambda: reading.export_profile("ann"),
        reading.train,
        lambda: reading.import_tables(tmp_path),
        lambda: reading.export_tables(tmp_path / "out"),
        reading.compact,
        lambda: reading.register.put("x", {"hypothesis": "h", "arms": []}, lambda _: True),
    ):
        with pytest.raises((WrongServer, UsageError, FrontrowError)) as caught:
            call()
        assert isinstance(caught.value, WrongServer) or "arms" in str(caught.value)


def test_a_past_moment_is_the_logs(service: Service) -> None:
    service.ingesting.ingest([hidden(0) | {"at": "2026-01-01T00:00:00Z"}, hidden(1) | {"at": "2026-02-01T00:00:00Z"}])
    assert "t1" in shown(service.ingesting.home("ann", at="2026-01-15T00:00:00Z"))
    page = service.reading.home("ann", at="2026-01-15T00:00:00Z")
    assert "a past moment needs the log" in (page.degraded or "")
    assert shown(service.reading.home("ann", at="2026-03-01T00:00:00Z")).isdisjoint({"t0", "t1"})
    who = service.who("ann")
    assert who is not None
    with pytest.raises(Unavailable):
        service.rooms.states.viewer_at(who, service.rooms.views.catalogue, 0)


def test_a_server_that_reads_keeps_no_page_of_whom_it_cannot_say_whether_they_were_erased(
    service: Service, shared: Valkey
) -> None:
    service.ingesting.ingest([hidden(0)])
    page = service.reading.home("ann")
    service.reading.refresh()
    served = service.reading._parts.served
    assert served.get(page.page_id) is not None
    shared.kill()
    service.ingesting.forget("ann")
    shared.start()  # empty: it holds no change of before
    until(lambda: not troubled(service.reading.home("bob")))
    service.reading.refresh()
    assert served.get(page.page_id) is None


def test_a_log_longer_than_a_part_the_feed_and_what_is_far(
    service: Service, shared: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontrow.storage.valkey.committed.EVENTS", 10)
    monkeypatch.setattr("frontrow.storage.valkey.committed.FAR", 30)
    told = Told(11)
    service.ingesting.ingest([told.event("ann") for _ in range(40)])
    whole(service, "ann")
    shared.empty()
    service.ingesting.ingest([told.event("ann") for _ in range(100)])  # from nothing, in many parts
    assert not troubled(service.ingesting.home("ann"))
    whole(service, "ann")
    shared.kill()
    for _ in range(4):
        service.ingesting.ingest([told.event("ann") for _ in range(35)])
    shared.start()
    until(lambda: not troubled(service.reading.home("ann")))
    whole(service, "ann")
    shared.pause()
    for _ in range(4):
        service.ingesting.ingest([told.event("ann") for _ in range(35)])  # far behind what it holds
    shared.go_on()
    until(lambda: not troubled(service.reading.home("ann")))
    whole(service, "ann")
