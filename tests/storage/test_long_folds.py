"""A state of very many events is folded beside the answers, a little at a time, and is the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from state_contract import TITLES, Told
from valkeys import plain

from frontrow.api import long_folds
from frontrow.api.long_folds import LongFolds
from frontrow.api.problems import Refused
from frontrow.core.clock import DAY, format_time, wall_clock
from frontrow.events.log import ProfileEvent
from frontrow.features import viewer_state
from frontrow.features.signals import Signals
from frontrow.features.state import Long, Who
from frontrow.features.state_form import trail_bytes, viewer_bytes
from frontrow.recommend.request import HomeRequest
from frontrow.storage import embedded_state
from frontrow.storage.event_log import SqliteEventLog
from frontrow.storage.signals import SqliteSignals
from frontrow.storage.valkey import folds
from frontrow.workspace import Workspace


@pytest.fixture
def told(tmp_path: Path, monkeypatch) -> Workspace:
    """A server's workspace with two viewers, one of them of more events than a server folds at once."""
    monkeypatch.setattr(embedded_state, "MOST", 50)
    monkeypatch.setattr(embedded_state, "_FEW", 10)
    Workspace.init(tmp_path / "w").close()
    workspace = Workspace.open(tmp_path / "w", serving_since=wall_clock())
    workspace.put_titles(TITLES)
    many, few = drawn(3), drawn(5)
    workspace.ingest([many.event("much") for _ in range(400)])
    workspace.ingest([few.event("little") | {"event_id": f"l{n}"} for n in range(20)])
    yield workspace
    workspace.close()


def drawn(seed: int) -> Told:
    """Events long ago."""
    found = Told(seed)
    found.now -= 400 * DAY
    return found


def who(workspace: Workspace, name: str) -> Who:
    found = workspace._parts.store.people.find(name)
    assert found is not None
    return Who(found.number, found.generation)


def made(answer) -> object:
    """What is made beside, and how often others had their turn."""
    with pytest.raises(Long) as raised:
        answer()
    rests = []
    return raised.value.make(lambda: rests.append(1)), len(rests)


def test_a_state_of_many_events_is_made_beside_and_is_the_same(told: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(embedded_state, "_AT_ONCE", 10)
    whole, catalogue = told._parts.store.states, told.engine.rooms.views.titles_now()
    served = told.engine.rooms.states
    much, little = who(told, "much"), who(told, "little")
    state, rests = made(lambda: served.viewer(much, catalogue, None))
    assert plain(state) == plain(whole.viewer(much, catalogue, None))
    assert rests >= 30
    trail, rests = made(lambda: served.trail(much, None))
    assert trail.same_as(whole.trail(much, None))
    assert rests >= 1
    assert plain(served.viewer(little, catalogue, None)) == plain(whole.viewer(little, catalogue, None))


def test_news_of_more_than_a_server_folds_at_once_are_long_too(told: Workspace) -> None:
    served, catalogue = told.engine.rooms.states, told.engine.rooms.views.titles_now()
    little = who(told, "little")
    held = served.viewer(little, catalogue, None)
    events = drawn(4)
    told.ingest([events.event("little") | {"event_id": f"flood{n}"} for n in range(100)])
    state, _ = made(lambda: served.viewer(little, catalogue, held))
    assert plain(state) == plain(told._parts.store.states.viewer(little, catalogue, None))


def test_what_is_held_is_taken_on_beside_not_made_anew(told: Workspace) -> None:
    served, catalogue = told.engine.rooms.states, told.engine.rooms.views.titles_now()
    whole, little = told._parts.store.states, who(told, "little")
    viewer, trail = served.viewer(little, catalogue, None), served.trail(little, None)
    at = format_time(wall_clock() - 300 * DAY)
    shown = {"type": "select", "profile_id": "little", "title_id": "t1", "at": at}
    told.ingest([shown | {"event_id": f"later{n}"} for n in range(100)])
    assert made(lambda: served.viewer(little, catalogue, viewer))[0] is viewer
    assert made(lambda: served.trail(little, trail))[0] is trail
    assert plain(viewer) == plain(whole.viewer(little, catalogue, None))
    assert trail.same_as(whole.trail(little, None))


def test_a_server_takes_on_what_it_holds_of_a_flood(told: Workspace, monkeypatch) -> None:
    begun: list[tuple[str, int]] = []
    in_order, parts_of = SqliteEventLog.in_order, SqliteSignals.parts_of

    def ordered(self, number: int, after: int = 0) -> Iterator[ProfileEvent]:
        begun.append(("viewer", after))
        return in_order(self, number, after)

    def parted(self, profile: int, after: int, until: int) -> Iterator[Signals]:
        begun.append(("trail", after))
        return parts_of(self, profile, after, until)

    def answered() -> None:
        asyncio.run(LongFolds().answer(lambda: told.engine.home(HomeRequest(profile_id="much"))))
        asyncio.run(LongFolds().answer(lambda: told.engine.features("much")))

    answered()
    monkeypatch.setattr(SqliteEventLog, "in_order", ordered)
    monkeypatch.setattr(SqliteSignals, "parts_of", parted)
    shown = {"type": "select", "profile_id": "much", "title_id": "t1", "at": format_time(wall_clock() - 300 * DAY)}
    told.ingest([shown | {"event_id": f"later{n}"} for n in range(100)])
    with pytest.raises(Refused):  # who is sent away takes nothing with them
        asyncio.run(LongFolds(waiting=0).answer(lambda: told.engine.home(HomeRequest(profile_id="much"))))
    answered()
    assert {kind for kind, _ in begun} == {"viewer", "trail"}
    assert min(after for _, after in begun) > 300


def test_a_past_moment_of_many_events_is_made_beside_for_one_answer(told: Workspace) -> None:
    served, whole, catalogue = (
        told.engine.rooms.states, told._parts.store.states, told.engine.rooms.views.titles_now()
    )  # fmt: skip
    much, at = who(told, "much"), drawn(3).now + 20 * DAY

    def call() -> tuple[object, ...]:
        twice = [(served.viewer_at(much, catalogue, at), served.trail_at(much, at)) for _ in range(2)]
        return *twice[0], served.viewer(much, catalogue, None), served.trail(much, None)

    state, trail, _, _ = asyncio.run(LongFolds().answer(call))
    assert 10 < state.count < 300
    assert plain(state) == plain(whole.viewer_at(much, catalogue, at))
    assert trail.same_as(whole.trail_at(much, at))
    with pytest.raises(Long):
        served.viewer_at(much, catalogue, at)


def test_a_page_says_up_to_where_what_it_was_made_of_stood(told: Workspace, monkeypatch) -> None:
    coming = iter(range(10**6))

    def meanwhile() -> None:
        event = {"event_id": f"new{next(coming)}", "type": "hide", "profile_id": "much", "title_id": "t9"}
        told.ingest([event | {"at": format_time(wall_clock())}])

    monkeypatch.setattr(embedded_state, "_AT_ONCE", 50)
    monkeypatch.setattr(long_folds, "rest", meanwhile)
    told.engine.rooms.values_share = 1.0
    for at in (None, format_time(wall_clock() - 200 * DAY)):
        asyncio.run(LongFolds().answer(lambda at=at: told.engine.home(HomeRequest(profile_id="much", at=at))))
    verified = told.verify()
    assert next(coming) > 5
    assert verified.compared == 2
    assert verified.different == 0


def test_a_trail_looks_once_at_what_was_done_without_consent(told: Workspace) -> None:
    told.put_profiles([{"profile_id": "shy", "consent": {"personalization": False}}])
    shown = {"type": "select", "profile_id": "shy", "title_id": "t1", "at": format_time(wall_clock() - 300 * DAY)}
    told.ingest([shown | {"event_id": f"shy{n}"} for n in range(100)])
    shy, served = who(told, "shy"), told.engine.rooms.states
    trail, _ = made(lambda: served.trail(shy, None))
    assert trail.rows == 0
    assert trail.offset >= told._parts.store.log.of_profile(shy.number)[-1].offset
    assert served.trail(shy, trail) is trail


def test_a_page_of_a_past_moment_is_answered(told: Workspace) -> None:
    asked = HomeRequest(profile_id="much", at=format_time(drawn(3).now + 20 * DAY))
    page = asyncio.run(LongFolds().answer(lambda: told.engine.home(asked)))
    assert page.rows
    assert "viewer" not in (page.degraded or "")


def test_what_servers_that_read_are_brought_is_folded_beside_and_taken_on(told: Workspace) -> None:
    rests: list[int] = []
    whole, catalogue = told._parts.store.states, told.engine.rooms.views.titles_now()
    bringing = folds.LogFolds(told.engine.rooms.states, lambda fold: fold(catalogue))
    known = told._parts.store.people.find("much")
    for _ in range(2):
        header, viewer = bringing.viewer(known, lambda: rests.append(1))
        assert viewer == viewer_bytes(whole.viewer(who(told, "much"), catalogue, None))
        assert header.offset == told._parts.store.log.of_profile(known.number)[-1].offset
        assert bringing.trail(known, lambda: rests.append(1))[1] == trail_bytes(whole.trail(who(told, "much"), None))
        beside, rests[:] = len(rests), []
        one_more = {"event_id": "one more", "type": "select", "profile_id": "much", "title_id": "t1"}
        told.ingest([one_more | {"at": format_time(wall_clock() - 300 * DAY)}])
    assert beside == 0  # the second time one event was folded


def test_an_answer_that_lacks_a_state_is_given_once_it_is_there(told: Workspace) -> None:
    folds, asked = LongFolds(), HomeRequest(profile_id="much")
    page = asyncio.run(folds.answer(lambda: told.engine.home(asked)))
    again = told.engine.home(asked)  # from memory: nothing is long any more
    assert [row.kind for row in page.rows] == [row.kind for row in again.rows]
    assert page.degraded == again.degraded
    assert "viewer" not in (page.degraded or "")
    asyncio.run(folds.answer(lambda: told.engine.features("much")))
    assert told.engine.features("much").features["events_total"].value > 300


def test_whose_late_events_keep_coming_is_answered_with_all_that_came_before_the_question(
    told: Workspace, monkeypatch
) -> None:
    monkeypatch.setattr(embedded_state, "_AT_ONCE", 50)
    coming = iter(range(10**6))

    def late() -> None:
        event = {"event_id": f"late{next(coming)}", "type": "select", "profile_id": "much", "title_id": "t1"}
        told.ingest([event | {"at": format_time(wall_clock() - 500 * DAY)}])

    monkeypatch.setattr(long_folds, "rest", late)
    hide = {"event_id": "before", "type": "hide", "profile_id": "much", "title_id": "t9"}
    told.ingest([hide | {"at": format_time(wall_clock() - 300 * DAY)}])
    for at in (None, format_time(wall_clock() - 200 * DAY)):
        asked = HomeRequest(profile_id="much", at=at)
        page = asyncio.run(LongFolds().answer(lambda asked=asked: told.engine.home(asked)))
        assert page.rows
        assert "t9" not in {item.title_id for row in page.rows for item in row.items}
    bringing = folds.LogFolds(told.engine.rooms.states, lambda fold: fold(told.engine.rooms.views.titles_now()))
    offset, known = told._parts.store.log.head().offset, told._parts.store.people.find("much")
    assert bringing.viewer(known, late)[0].offset >= offset
    assert bringing.trail(known, late)[0].offset >= offset
    assert next(coming) > 20


def test_others_are_answered_meanwhile(told: Workspace) -> None:
    ready, others = threading.Event(), 0

    def call() -> str:
        if ready.is_set():
            return "answered"

        def make(rest) -> None:
            assert ready.wait(30)

        raise Long("state", 0, make, intact=False)

    async def both() -> object:
        nonlocal others
        folds = LongFolds()
        waiting = asyncio.create_task(folds.answer(call))
        for _ in range(20):
            await asyncio.sleep(0)
            others += await folds.answer(lambda: 1)
        assert not waiting.done()
        ready.set()
        return await waiting

    assert asyncio.run(both()) == "answered"
    assert others == 20


def test_no_more_than_some_answers_wait_and_none_for_ever() -> None:
    def call() -> object:
        raise Long("state", 0, lambda rest: None, intact=False)

    with pytest.raises(Refused):
        asyncio.run(LongFolds(waiting=0).answer(call))
    with pytest.raises(Refused):
        asyncio.run(LongFolds().answer(call))


def test_what_is_kept_of_a_viewer_does_not_grow_with_events(told: Workspace, monkeypatch) -> None:
    whole, catalogue = told._parts.store.states, told.engine.rooms.views.titles_now()
    much = who(told, "much")
    all_of_them = whole.viewer(much, catalogue, None).interactions
    monkeypatch.setattr(viewer_state, "KEPT_INTERACTIONS", 8)
    state = whole.viewer(much, catalogue, None)
    assert 5 <= len(state.interactions) <= 8 < len(all_of_them)
    held = {key for key, each in state.by_playback.items() if each in state.interactions}
    assert held == state.by_playback.keys()
    newest = [(each.watched, each.at) for each in all_of_them[-5:]]
    assert [(each.watched, each.at) for each in state.interactions[-5:]] == newest
