"""What *now* is: the wall's, or the data's, while a server runs and while none does."""

from __future__ import annotations

import pytest
from world import NOW, World, event

from frontrow.core.clock import DAY, HOUR, SECOND, Micros, parse_time
from frontrow.events.log import Head
from frontrow.events.service_clock import ServiceClock, effective_kind, switches_to_data

THEN = parse_time("2001-01-01T00:00:00Z")


def clock(kind, head, wall, since=None):
    return ServiceClock(kind, lambda: head, lambda: wall, since)


def test_before_the_first_event_it_is_the_walls():
    assert clock("data", Head(0, None, 0, 0), NOW)() == NOW


def test_the_data_clock_stands_still_without_a_server():
    assert clock("data", Head(1, THEN, NOW - HOUR, 0), NOW)() == THEN


@pytest.mark.parametrize(("seen", "since", "moved"), [(-5, -9, 5), (-9, -5, 5), (+3, -5, 0)])
def test_the_data_clock_moves_on_while_a_server_runs(seen, since, moved):
    head = Head(1, THEN, Micros(NOW + seen * SECOND), 0)
    assert clock("data", head, NOW, Micros(NOW + since * SECOND))() == THEN + moved * SECOND


def test_an_event_far_ahead_moves_the_data_clock_and_is_refused_on_the_walls(tmp_path):
    for kind, accepted in (("wall", 1), ("data", 2)):
        world = World(tmp_path / kind, kind)
        assert (
            world.post(event("old", at="2001-01-01T00:00:00Z"), event("new", at="2999-01-01T00:00:00Z")).accepted
            == accepted
        )
        assert world.now() == (NOW if kind == "wall" else parse_time("2999-01-01T00:00:00Z"))
        world.close()


def test_a_day_ahead_is_still_accepted(world):
    assert world.post(event("a", at="2026-03-21T12:00:00Z")).accepted == 1


def test_settings_win_over_what_an_import_kept(world):
    assert world.store.kept_clock() is None
    world.store.keep_clock("data")
    assert world.store.kept_clock() == "data"
    assert effective_kind(None, "data") == effective_kind("", "data") == effective_kind("data", None) == "data"
    assert effective_kind("wall", "data") == effective_kind(None, None) == "wall"


def test_an_old_log_switches_unless_the_settings_say():
    old, young = Head(1, Micros(NOW - 31 * DAY), NOW, 0), Head(1, Micros(NOW - 30 * DAY), NOW, 0)
    assert switches_to_data(None, old, NOW)
    assert switches_to_data("", old, NOW)
    assert not switches_to_data("wall", old, NOW)
    assert not switches_to_data(None, young, NOW)
    assert not switches_to_data(None, Head(0, None, 0, 0), NOW)


def test_the_newest_time_is_remembered_with_when_it_came(world):
    world.post(event("a"))
    first = world.store.log.head()
    world.time += HOUR
    world.post(event("b", at="2026-03-01T00:00:00Z"))
    assert world.store.log.head()[1:3] == first[1:3] == (parse_time("2026-03-18T20:00:00Z"), NOW)
