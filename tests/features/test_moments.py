"""Local hours: by the event's own offset, else by the profile's time zone; the same for training and for serving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import HOUR, parse_time
from frontrow.events.event import DEVICES
from frontrow.features.definitions import PROFILE_FEATURES
from frontrow.features.habits import habit_of
from frontrow.features.interactions import interactions_of
from frontrow.features.moments import AXES, CELLS, Moment, cells_of, device_number, local_hour, offset_of
from frontrow.recommend.request import HomeRequest
from frontrow.wiring import assemble
from frontrow.workspace import Workspace

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", None)


@given(st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES[:-1]))
def test_the_local_hour_of_the_week(naive, zone):
    at = naive.replace(tzinfo=UTC)
    micros = int(at.timestamp()) * 1_000_000
    there = at.astimezone(ZoneInfo(zone))
    found = local_hour(micros, offset_of(zone, micros))
    if there.utcoffset() == at.replace(minute=0, second=0, microsecond=0).astimezone(ZoneInfo(zone)).utcoffset():
        assert found == there.weekday() * 24 + there.hour


def test_what_is_not_known():
    for edge in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):  # the calendar ends there
        for zone in ZONES:
            offset = offset_of(zone, parse_time(edge))
            assert offset is None or -1440 < offset < 1440
    assert offset_of(None, 0) is None
    assert offset_of("Mars/Olympus", 0) is None
    assert local_hour(0, None) == -1
    assert device_number("fridge") == DEVICES.index("other")
    assert cells_of(np.array([-1], np.int16), np.array([-1], np.int8)).tolist() == [[CELLS] * 3]


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Viewers of several zones, across a change to summer time; some events state their offset."""
    path = tmp_path_factory.mktemp("moments") / "workspace"
    random = np.random.default_rng(0)
    start = datetime(2026, 3, 20, tzinfo=UTC)
    with Workspace.init(path):
        (path / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(path) as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": "T"} for n in range(20)])
        profiles = [{"profile_id": f"v{n}"} | ({"timezone": zone} if zone else {}) for n, zone in enumerate(ZONES)]
        assert not workspace.put_profiles(profiles).rejected
        events = [
            {
                "event_id": f"{viewer}-{n}", "type": "rate" if n % 7 == 6 else "stop", "profile_id": f"v{viewer}",
                "title_id": f"t{n}", "at": (start + timedelta(hours=17 * n)).isoformat(),
                "playback_id": f"{viewer}-{n}", "seconds": 900, "fraction": 0.95, "value": 4,
                **({"device": DEVICES[int(random.integers(6))]} if n % 4 else {}),
                **({"tz_offset_minutes": 345} if n % 3 == 0 else {}),
            }
            for viewer in range(len(ZONES)) for n in range(20)
        ]  # fmt: skip
        assert not workspace.ingest(events).rejected
    return path, events


def test_training_and_serving_see_the_same_moments(watched):
    path, _ = watched
    parts = assemble(path)
    try:
        views = parts.engine.rooms.views.fresh()
        found = interactions_of(parts.store.log.columns(), views.catalogue.series_of)
        for number, zone in enumerate(ZONES):
            known = parts.store.people.find(f"v{number}")
            state = views.viewers.state(known, views.catalogue)
            own = found.profile == known.number
            assert found.hour[own].tolist() == [each.hour for each in state.interactions]
            assert found.device[own].tolist() == [each.device for each in state.interactions]
            for at, hour, place in zip(found.at[own].tolist(), found.hour[own].tolist(), range(20), strict=True):
                told = 345 if place % 3 == 0 else offset_of(zone, at)
                assert hour == (-1 if place % 7 == 6 else local_hour(at, told))
    finally:
        parts.close()


def test_a_request_is_in_the_viewers_local_time(watched):
    path, _ = watched
    at = "2026-03-31T18:30:00Z"
    expected = {
        "v0": 20,
        "v1": 14,
        "v2": 0,
        "v3": 8,
        "v4": 0,
        "nobody": None,
    }  # v4 has no zone: its last event's offset
    parts = assemble(path)
    try:
        rooms = parts.engine.rooms
        for profile, hour in expected.items():
            asked = HomeRequest(profile_id=profile, at=at, device="fridge")
            moment = rooms.viewer(rooms.asking(asked), rooms.views.fresh()).query.moment
            assert moment.device == DEVICES.index("other")
            assert (None if moment.hour < 0 else moment.hour % 24) == hour
        moment = rooms.viewer(rooms.asking(HomeRequest(profile_id="v0", at=at)), rooms.views).query.moment
        assert moment == Moment(24 + 20, -1)
    finally:
        parts.close()


def test_a_profile_that_moves_is_read_by_its_new_zone(watched):
    path, _ = watched
    with Workspace.open(path) as workspace:
        views = workspace.engine.rooms.views.fresh()
        people = workspace.engine.rooms.people
        before = [each.hour for each in views.viewers.state(people.find("v1"), views.catalogue).interactions]
        workspace.put_profiles([{"profile_id": "v1", "timezone": "Asia/Tokyo"}])
        after = [each.hour for each in views.viewers.state(people.find("v1"), views.catalogue).interactions]
        workspace.put_profiles([{"profile_id": "v1", "timezone": "America/New_York"}])
    assert before != after
    assert before[0] == after[0]  # it states its offset


def test_the_habit_that_models_read_is_the_feature(watched):
    """Of a viewer whose every event states its offset and who only plays, both are the same."""
    path, _ = watched
    start = datetime(2026, 4, 2, tzinfo=UTC)
    events = [
        {"event_id": f"h-{n}", "type": "stop", "profile_id": "habit", "title_id": f"t{n}", "playback_id": f"h-{n}",
         "at": (start + timedelta(hours=29 * n)).isoformat(), "seconds": 900, "fraction": 0.95,
         "device": DEVICES[n % 3], "tz_offset_minutes": -210}
        for n in range(20)
    ]  # fmt: skip
    with Workspace.open(path) as workspace:
        assert not workspace.ingest(events).rejected
        rooms = workspace.engine.rooms
        views, known = rooms.views.fresh(), rooms.people.find("habit")
        query = rooms.viewer(rooms.asking(HomeRequest(profile_id="habit")), views).query
        table, count = habit_of(query.hours, query.devices, query.at)
        batch = rooms.features.of_profile(known.number, known.generation, rooms.clock(), views.catalogue)
        for axis, place in AXES.items():
            feature = next(each for each in PROFILE_FEATURES if each.name == f"habit_{axis}")
            np.testing.assert_allclose(table[place], feature.read(batch)[0], atol=1e-12)
        assert count.tolist() == [20, 20, 20]
        assert query.now >= int(start.timestamp()) * 1_000_000 + 19 * 29 * HOUR
