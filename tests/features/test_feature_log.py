"""Parity through the real log: duplicates, late events and merges, in any order."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "events"))
from world import NOW, World, event

from frontrow.core.clock import DAY, MINUTE, format_time
from frontrow.core.errors import FrontrowError
from frontrow.features.history import History
from frontrow.features.online import OnlineFeatures

NAMES = ["ann", "bob", "cid"]
sent = st.tuples(
    st.integers(0, 30).map("e{}".format),  # few ids: many are duplicates
    st.sampled_from(NAMES),
    st.sampled_from(["play", "stop", "progress", "impression", "select", "rate", "unwatch"]),
    st.sampled_from([0, 5 * MINUTE, 50 * MINUTE, 2 * DAY, 300 * DAY]),  # how late
    st.sampled_from(["t1", "t2"]),
    st.sampled_from([None, "a", "b"]),
)
step = st.tuples(st.just("post"), st.lists(sent, min_size=1, max_size=8)) | st.tuples(
    st.just("merge"), st.sampled_from(NAMES), st.sampled_from(NAMES)
)


def body(event_id, who, kind, late, title, playback) -> dict[str, object]:
    fields: dict[str, object] = {"at": format_time(NOW - late), "type": kind, "title_id": title}
    if kind in ("stop", "progress"):
        fields |= {"seconds": 400.0, "fraction": 0.5}
    if kind == "rate":
        fields["value"] = 4
    if kind == "impression":
        fields |= {"page_id": "p", "row": 0, "column": 0}
    return event(event_id, who, **fields, playback_id=playback)


@settings(max_examples=60)
@given(st.lists(step, max_size=14))
def test_the_log_replayed_gives_what_was_served_at_every_offset(steps):
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        online = OnlineFeatures(world.store.states, world.store.log, kept_rows=6)  # trails are dropped all the time
        served: dict[tuple[int, int], tuple[dict[str, bytes], bytes]] = {}
        for verb, *arguments in steps:
            try:
                if verb == "post":
                    world.post(*(body(*each) for each in arguments[0]))
                else:
                    world.merge(*arguments)
            except FrontrowError:
                continue
            for name in NAMES:
                if (known := world.store.people.find(name)) is not None:
                    trail = online.trail(known.number, known.generation)
                    rings = {ring: rows.tobytes() for ring, rows in trail.rings.items()}
                    served[known.number, world.store.log.head().offset] = rings, trail.standing.tobytes()
        replay = History(world.store.signals.signals())
        alive = {known.number for name in NAMES if (known := world.store.people.find(name)) is not None}
        for (number, offset), (rings, standing) in served.items():
            if number not in alive:
                continue  # merged away: nobody's past can be asked for under its number
            seen, stood = replay.as_of(np.array([number]), np.array([offset]))
            assert {ring: gathered.rows.tobytes() for ring, gathered in seen.items()} == rings
            assert standing == stood[stood["count"] > 0].tobytes()
        world.close()


def test_erasing_a_merged_profile_leaves_no_trace_of_the_merge(tmp_path):
    world = World(tmp_path)
    world.post(body("e1", "ann", "play", 0, "t1", None), body("e2", "bob", "play", 0, "t1", None))
    world.merge("ann", "bob")
    world.forget("ann")
    joins = world.store.writer.transact(lambda connection: connection.execute("SELECT count(*) FROM joins").fetchone())
    assert joins == (0,)
    assert len(world.store.signals.signals()) == 0
    world.close()
