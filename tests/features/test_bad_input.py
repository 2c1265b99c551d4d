"""What must not upset features: clocks that step back, events a year late, a flood from one profile."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "events"))
from signal_logs import catalogue, space_of
from world import NOW, World, event

from frontrow.core.clock import DAY, HOUR, Micros, format_time, parse_time
from frontrow.features.batch import Batch
from frontrow.features.definitions import PROFILE_FEATURES
from frontrow.features.online import OnlineFeatures
from frontrow.features.signals import CAPS

SPACE = space_of(catalogue())
READ = {feature.name: feature.read for feature in PROFILE_FEATURES}


def known(world: World, name: str) -> tuple[int, int]:
    found = world.store.people.find(name)
    assert found is not None
    return found.number, found.generation


def test_a_clock_that_steps_back_loses_no_event_and_makes_no_negative_age(tmp_path):
    world = World(tmp_path)
    world.post(event("e1", "ann", type="play", at=format_time(NOW)))
    world.time = Micros(NOW - 3 * HOUR)
    assert world.post(event("e2", "ann", type="play", title_id="t2", at=format_time(NOW - 3 * HOUR))).accepted == 1
    trail = OnlineFeatures(world.store.states, world.store.log).trail(*known(world, "ann"))
    batch = Batch.of_trail(trail, world.time, SPACE)
    assert READ["plays"](batch)[0].tolist() == [1, 2, 2, 2]
    assert READ["hours_since_event"](batch)[0] == 0
    assert READ["recent_ages"](batch).of(0).min() >= 0
    assert [e.event_id for e in world.store.log.everything()] == ["e1", "e2"]
    world.close()


def test_an_event_a_year_late_counts_by_its_own_time_from_when_it_arrives(tmp_path):
    world = World(tmp_path)
    world.post(event("e1", "ann", type="play", at=format_time(NOW - HOUR // 2)))
    assert world.post(event("late", "ann", type="play", title_id="t2", at=format_time(NOW - 365 * DAY))).accepted == 1
    trail = OnlineFeatures(world.store.states, world.store.log).trail(*known(world, "ann"))
    batch = Batch.of_trail(trail, NOW, SPACE)
    assert READ["plays"](batch)[0].tolist() == [1, 1, 1, 1]
    assert READ["events_total"](batch)[0] == 2
    world.close()


def test_a_flood_from_one_profile_is_folded_once_and_leaves_the_others_alone(tmp_path):
    world = World(tmp_path)
    online = OnlineFeatures(world.store.states, world.store.log)
    world.post(event("calm", "bob", type="play"))
    before = online.trail(*known(world, "bob")).rings["played"].tobytes()
    for batch in range(20):
        world.post(*(event(f"f{batch}-{n}", "ann", type="select", title_id=f"t{n}") for n in range(500)))
        trail = online.trail(*known(world, "ann"))
        assert trail.rows <= sum(CAPS.values())
    assert trail.standing["count"][0] == 10_000
    assert online.trail(*known(world, "bob")).rings["played"].tobytes() == before
    assert len(world.store.signals.signals_of(known(world, "ann")[0], trail.offset)) == 0
    world.close()


def test_values_that_float32_lacks_do_not_spoil_a_vector(tmp_path):
    world = World(tmp_path)
    world.post(event("e1", "ann", type="stop", seconds=1e9, fraction=1.0))
    trail = OnlineFeatures(world.store.states, world.store.log).trail(*known(world, "ann"))
    batch = Batch.of_trail(trail, NOW, SPACE)
    assert np.isfinite(READ["completion"](batch)).all()
    world.close()


def test_an_event_of_the_first_year_read_in_the_last_does_not_spoil_a_vector(tmp_path):
    world = World(tmp_path)
    world.post(event("first", "ann", type="stop", seconds=900, fraction=0.9, at="0001-01-01T00:00:00Z"))
    trail = OnlineFeatures(world.store.states, world.store.log).trail(*known(world, "ann"))
    batch = Batch.of_trail(trail, parse_time("9999-12-31T23:59:59Z"), SPACE)
    values = {name: read(batch) for name, read in READ.items()}
    assert values["plays"][0].tolist() == [0, 0, 0, 0]
    assert values["plays_rate"][0].tolist() == [0.0] * 4
    assert values["completion"][0] == 0.5
    world.close()
