"""What every state store keeps, whichever it is: inherited by the tests of each."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from valkeys import Service, plain

from frontrow.core.clock import DAY, HOUR, MINUTE, format_time, wall_clock

TITLES: list[dict[str, Any]] = [
    *({"title_id": f"t{n}", "name": f"Title {n}", "genres": ["drama"], "runtime_minutes": 100} for n in range(30)),
    {"title_id": "s", "name": "Series", "kind": "series"},
    *({"title_id": f"s{n}", "name": f"Part {n}", "kind": "episode", "series_id": "s", "season": 1, "episode": n}
      for n in range(1, 4)),
]  # fmt: skip
KINDS = ("play", "progress", "stop", "rate", "hide", "unhide", "less_like", "list_add", "list_remove", "unwatch",
         "impression", "select", "search", "session_start")  # fmt: skip


class Told:
    """Events of a few viewers, drawn by a seed: some late, some twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.number, self.now = 0, wall_clock() - 40 * DAY
        self.sent: list[dict[str, Any]] = []

    def event(self, who: str) -> dict[str, Any]:
        choose = self.random.choice
        if self.sent and self.random.random() < 0.05:
            return choose(self.sent)
        self.number += 1
        self.now += choose([0, MINUTE, HOUR, DAY // 2])
        late = choose([0, 0, 0, 0, 0, MINUTE, 3 * DAY])
        kind = choose(KINDS)
        event: dict[str, Any] = {"event_id": f"e{self.number}", "type": kind, "profile_id": who,
                                 "at": format_time(self.now - late), "device": choose(["tv", "phone"])}  # fmt: skip
        if kind not in ("search", "session_start"):
            event["title_id"] = choose(["t1", "t2", "t3", "s", "s1", "s2", "s3", "unknown"])
        if kind in ("progress", "stop"):
            event |= {"seconds": choose([30.0, 900.0]), "fraction": choose([0.1, 0.5, 0.95])}
        if kind in ("play", "progress", "stop"):
            event["playback_id"] = choose([None, "a", "b"])
        event |= {"rate": {"value": 4}, "search": {"query": "x"},
                  "impression": {"page_id": "p", "row": 0, "column": 0}}.get(kind, {})  # fmt: skip
        if self.random.random() < 0.3:
            event["tz_offset_minutes"] = choose([-300, 60])
        self.sent.append(event)
        return event


class StateContract:
    """`service` is given by who inherits."""

    @pytest.fixture
    def service(self, tmp_path: Path) -> Service:
        raise NotImplementedError

    def check(self, service: Service, names: list[str], held: dict[str, tuple[Any, Any]]) -> None:
        for name in names:
            who = service.who(name)
            if who is None:
                continue
            viewer, trail = held.get(f"{who}", (None, None))
            viewer, trail = service.viewer(who, viewer), service.trail(who, trail)
            held[f"{who}"] = viewer, trail
            assert plain(viewer) == plain(service.expected_viewer(who))
            assert trail.same_as(service.expected_trail(who))
            assert plain(service.viewer(who)) == plain(viewer)  # of a process that remembers nothing
            assert service.trail(who).same_as(trail)

    @pytest.mark.parametrize("seed", range(6))
    def test_states_hold_all_that_was_answered_whatever_comes(self, service: Service, seed: int) -> None:
        told, names, held = Told(seed), ["ann", "bob", "cid"], {}
        service.ingesting.put_titles(TITLES)
        service.ingesting.put_profiles([{"profile_id": "bob", "timezone": "Europe/Stockholm"}])
        for _ in range(25):
            turn, who = told.random.random(), told.random.choice(names)
            if turn < 0.8:
                many = told.random.choice([1, 2, 5, 90])
                service.ingesting.ingest([told.event(told.random.choice([who, "ann"])) for _ in range(many)])
            elif service.who(who) is None:
                continue
            elif turn < 0.86:
                target = told.random.choice([name for name in names if name != who])
                service.ingesting.merge(target, who)
            elif turn < 0.9:
                service.ingesting.forget(who)
                assert service.who(who) is None
            elif turn < 0.95:
                zone = told.random.choice(["Asia/Tokyo", None])
                service.ingesting.patch_profiles([{"profile_id": who, "timezone": zone}])
            else:
                service.ingesting.put_titles([TITLES[-1] | {"episode": told.random.randrange(9)}])
            self.check(service, names, held)

    def test_a_page_shows_what_was_answered_before_it(self, service: Service) -> None:
        service.ingesting.put_titles(TITLES)
        now = format_time(wall_clock())
        for n in range(12):
            gone = f"t{n}"
            service.ingesting.ingest(
                [{"event_id": f"h{n}", "type": "hide", "profile_id": "ann", "title_id": gone, "at": now}]
            )
            page = service.reading.home("ann")
            assert gone not in {item.title_id for row in page.rows for item in row.items}
            assert "state" not in (page.degraded or "")
        features = service.reading.engine.features("ann").features
        assert features == service.ingesting.engine.features("ann").features or features

    def test_records_and_titles_are_those_that_were_answered(self, service: Service) -> None:
        service.ingesting.put_titles([each | {"maturity": 16} for each in TITLES])
        service.ingesting.put_profiles([{"profile_id": "ann"}])
        assert service.reading.home("ann").rows
        service.ingesting.patch_profiles([{"profile_id": "ann", "maturity_limit": 7}])
        assert service.reading.home("ann").rows == []
        service.ingesting.patch_titles([{"title_id": f"t{n}", "maturity": 0} for n in range(30)])
        assert service.reading.home("ann").rows
        assert service.reading.title("t3").maturity == 0
        service.ingesting.delete_title("t3")
        shown = {item.title_id for row in service.reading.home("ann").rows for item in row.items}
        assert shown
        assert "t3" not in shown

    def test_popularity_is_the_same(self, service: Service) -> None:
        told = Told(1)
        service.ingesting.put_titles(TITLES)
        for _ in range(4):
            service.ingesting.ingest([told.event(told.random.choice(["ann", "bob"])) for _ in range(60)])
            velocity, expected = (each.engine.rooms.views.fresh().velocity for each in
                                  (service.reading, service.ingesting))  # fmt: skip
            for days in (1.0, 30.0, float("inf")):
                now = wall_clock()
                assert velocity.window(days, now).tolist() == expected.window(days, now).tolist()
        service.ingesting.merge("bob", "ann")
        assert service.reading.engine.rooms.views.fresh().velocity.views == (
            service.ingesting.engine.rooms.views.fresh().velocity.views
        )

    def test_a_flood_of_one_profile(self, service: Service) -> None:
        told, held = Told(3), {}
        service.ingesting.put_titles(TITLES)
        service.ingesting.ingest([told.event("ann")])
        self.check(service, ["ann"], held)
        for _ in range(3):
            service.ingesting.ingest([told.event("ann") for _ in range(1_000)])
            self.check(service, ["ann"], held)

    def test_a_forgotten_profile_starts_anew(self, service: Service) -> None:
        told = Told(4)
        service.ingesting.put_titles(TITLES)
        service.ingesting.ingest([told.event("ann") for _ in range(20)])
        before = service.who("ann")
        service.ingesting.forget("ann")
        assert service.who("ann") is None
        assert service.reading.home("ann").rows
        assert service.reading.engine.features("ann").features == {}
        service.ingesting.put_profiles([{"profile_id": "ann"}])
        after = service.who("ann")
        assert after is not None
        assert before is not None
        assert after.number != before.number
        assert service.viewer(after).count == 0


Make = Callable[[Path], Service]
