"""What events said in free fields is read from lake and log alike, of playbacks with consent alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "events"))
from world import NOW, World, event

from frontrow.core.clock import DAY, Micros
from frontrow.events.records import put_profiles


def quiet(fraction: float, text: str) -> None:
    assert 0 <= fraction <= 1


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "w")
    yield made
    made.close()


def post(world: World, number: int, who: str = "ann", **fields: object) -> int:
    body = {"type": "stop", "title_id": "t1", "seconds": 300.0, "fraction": 0.5, "playback_id": f"p{number}"}
    world.post(event(f"e{number}", who, **(body | fields)))
    return world.store.log.head().offset


def said(world: World, offsets: list[int]) -> dict[int, dict]:
    return dict(world.store.lake.log.contexts(np.array(offsets, np.int64)))


@pytest.mark.parametrize("laid", [0, 3, 100])
def test_contexts_come_from_lake_and_log_alike(world, laid):
    expected = {}
    offsets = []
    for number in range(8):
        context = {"mood": "kids", "n": number, "text": 'a "context": b'} if number % 2 else None
        offsets.append(post(world, number, context=context, session_id="s"))
        if context:
            expected[offsets[-1]] = context
        if number == laid - 1:
            world.store.lake.compact(quiet)
    assert said(world, offsets) == expected
    assert said(world, offsets[:4]) == {each: expected[each] for each in offsets[:4] if each in expected}
    assert said(world, []) == said(world, [10**6]) == {}


def test_nothing_is_read_of_what_nobody_consented_to_or_did_not_play(world):
    put_profiles([{"profile_id": "cid", "consent": {"personalization": False}}], world.store.writer, NOW)
    told = {"mood": "kids"}
    offsets = [
        post(world, 1, "cid", context=told), post(world, 2, type="select", context=told),
        post(world, 3, type="rate", value=4, context=told), post(world, 4, context={}),
        post(world, 5, query='"context":', context=None), post(world, 6, unheard="of"),
    ]  # fmt: skip
    for _ in range(2):
        assert said(world, offsets) == {offsets[-1]: {"unheard": "of"}}
        world.store.lake.compact(quiet)


def test_what_is_erased_says_nothing_any_more(world):
    offsets = [post(world, number, who, context={"mood": who}) for number, who in enumerate(("ann", "bob"))]
    world.store.lake.compact(quiet)
    world.time = Micros(NOW + DAY)
    world.forget("ann")
    assert said(world, offsets) == {offsets[1]: {"mood": "bob"}}
