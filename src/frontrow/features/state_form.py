"""States as bytes, for stores that keep folds. What is read back goes on exactly as what was written would have.

The form is that of `FORM`; a store writes it beside what it keeps and reads no other.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from frontrow.core.random import stable_hash
from frontrow.features.signals import CAPS, ROW, STANDING
from frontrow.features.trail import Trail
from frontrow.features.viewer_state import Interaction, Structure, ViewerState
from frontrow.features.watching import Watching

FORM: Final = 1
"""Raise it with every change of what is written, of ROW, STANDING, CAPS and of the folds themselves."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_WATCHING: Final = ("seconds", "position", "touched", "watched_at", "unnamed", "started_at", "ended")
_BY_TITLE: Final = ("hidden", "less_like", "listed", "ratings", "impressions", "types")


def shape(catalogue: Structure) -> int:
    """What the folds depend on of a catalogue, the same in every process that holds the same titles: the episodes of
    each series, in their order. 63 bits."""
    series_of = catalogue.series_of
    series = np.unique(series_of[series_of != np.arange(len(series_of))]).tolist()
    numbers = [number for each in series for number in (each, *catalogue.episodes(each), -1)]
    return stable_hash("shape", np.array(numbers, "<i8").tobytes().hex()) >> 1


def viewer_bytes(state: ViewerState) -> bytes:
    """A viewer's state."""
    return _encode(
        [
            state.offset, state.newest, state.newest_at, state.count, state.clock,
            [
                [title, list(each.playbacks.items()), *(getattr(each, name) for name in _WATCHING)]
                for title, each in state.watching.items()
            ],
            [list(getattr(state, name).items()) for name in _BY_TITLE],
            [
                [each.title, each.watched, each.at, each.weight, each.hour, each.device, each.playback]
                for each in state.interactions
            ],
        ]
    )  # fmt: skip


def viewer_of(data: bytes, catalogue: Structure, timezone: str | None) -> ViewerState:
    """The state that `viewer_bytes` wrote; the catalogue must have the same `shape`."""
    offset, newest, newest_at, count, clock, watching, by_title, interactions = _decode(data)
    state = ViewerState(catalogue, timezone)
    state.offset, state.newest, state.newest_at, state.count, state.clock = (
        offset,
        tuple(newest),
        newest_at,
        count,
        clock,
    )
    for title, playbacks, *values in watching:
        each = state.watching[title] = Watching()
        each.playbacks = dict(playbacks)
        for name, value in zip(_WATCHING, values, strict=True):
            setattr(each, name, value)
    for name, items in zip(_BY_TITLE, by_title, strict=True):
        setattr(state, name, dict(items))
    for title, watched, at, weight, hour, device, key in interactions:
        interaction = Interaction(title, watched, at, weight, hour, device, key)
        state.interactions.append(interaction)
        if key is not None:
            state.by_playback[watched, key] = interaction
    return state


def trail_bytes(trail: Trail) -> bytes:
    """A profile's trail."""
    return _encode([trail.offset, trail.standing.tobytes(), [trail.rings[name].tobytes() for name in CAPS]])


def trail_of(data: bytes) -> Trail:
    """The trail that `trail_bytes` wrote."""
    found: Any = _decode(data)
    trail = Trail()
    trail.offset, standing, rings = found
    trail.standing = np.frombuffer(standing, STANDING)
    trail.rings = {name: np.frombuffer(ring, ROW) for name, ring in zip(CAPS, rings, strict=True)}
    return trail
