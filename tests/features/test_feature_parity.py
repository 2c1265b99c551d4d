"""Replaying the log gives, at every offset, bit for bit what the online state held; what comes later does not show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signal_logs import START, catalogue, logs, signals_of, space_of

from frontrow.core.clock import DAY, HOUR
from frontrow.features import history, ring_fold, trail
from frontrow.features.batch import Batch
from frontrow.features.definitions import PAIR_FEATURES, PROFILE_FEATURES
from frontrow.features.history import History
from frontrow.features.pairs import Pairs
from frontrow.features.signals import CAPS
from frontrow.features.trail import Trail
from frontrow.features.training_view import Moments, pair_features, profile_features
from frontrow.features.values import Ragged

SPACE = space_of(catalogue())
SMALL = {"played": 4, "shown": 3, "acted": 2}


@pytest.fixture(
    params=[(SMALL, trail.FEW), (SMALL, 0), (SMALL, 2), (CAPS, trail.FEW), (CAPS, 0)],
    ids=["small caps", "small caps as arrays", "small caps by turns", "caps", "caps as arrays"],
    autouse=True,
)
def caps(request, monkeypatch):
    """Rings so small that rows leave them all the time, and as they are; signals taken one by one, and as arrays."""
    caps, few = request.param
    for module in (history, ring_fold, trail):
        monkeypatch.setattr(module, "CAPS", caps)
    monkeypatch.setattr(trail, "FEW", few)


def online(signals, profile: int, offset: int, cuts: list[int]) -> Trail:
    """The trail of one profile at an offset, folded in batches."""
    found = Trail()
    own = signals[(signals["profile"] == profile) & (signals["offset"] <= offset)]
    for part in np.split(own, sorted({cut for cut in cuts if 0 < cut < len(own)})):
        found.fold(part)
    return found


def bits(value) -> bytes:
    if isinstance(value, Ragged):
        names = [] if value.keys is None else [value.names[key] for key in value.keys.tolist()]
        return value.values.tobytes() + value.first.tobytes() + "\0".join(names).encode()
    return value.tobytes()


@settings(max_examples=60)
@given(logs, st.lists(st.integers(0, 50), max_size=6))
def test_replay_holds_at_every_offset_what_the_online_state_held(log, cuts):
    signals = signals_of(log)
    replay = History(signals)
    offsets = [0, *signals["offset"].tolist()]
    cases = [(profile, offset) for profile in (1, 2, 3, 9) for offset in offsets]
    profiles, as_of = (np.array(column, np.int64) for column in zip(*cases, strict=True))
    rings, standing = replay.as_of(profiles, as_of)
    for place, (profile, offset) in enumerate(cases):
        live = online(signals, profile, offset, cuts)
        for name, (rows, first) in rings.items():
            assert rows[first[place] : first[place + 1]].tobytes() == live.rings[name].tobytes(), (
                name,
                profile,
                offset,
            )
        assert (live.standing.tobytes() or bytes(standing.dtype.itemsize)) == standing[place].tobytes()


@settings(max_examples=40)
@given(logs, st.integers(0, 50))
def test_events_after_an_offset_never_show_in_its_view(log, cut):
    signals = signals_of(log)
    offset = int(signals["offset"][cut]) if cut < len(signals) else 10**6
    profiles = np.array([1, 2, 3])
    as_of = np.full(3, offset)
    (whole, standing), (before, known) = (
        History(some).as_of(profiles, as_of) for some in (signals, signals[signals["offset"] <= offset])
    )
    assert standing.tobytes() == known.tobytes()
    for name in whole:
        assert whole[name].rows.tobytes() == before[name].rows.tobytes()
        assert whole[name].first.tobytes() == before[name].first.tobytes()


@settings(max_examples=20)
@given(logs, st.lists(st.integers(0, 50), max_size=4))
def test_every_feature_is_bit_for_bit_the_same_in_training_and_in_serving(log, cuts):
    signals = signals_of(log)
    cases = [(profile, offset) for profile in (1, 2, 3) for offset in [0, *signals["offset"].tolist()[::3]]]
    profiles, as_of = (np.array(column, np.int64) for column in zip(*cases, strict=True))
    now = START + np.arange(len(cases)) * 7 * HOUR + 2 * DAY
    moments = Moments(profiles, as_of, now)
    titles = np.array([0, 1, 2, 4, 5, 77])
    case = np.repeat(np.arange(len(cases)), len(titles))
    trained = profile_features(PROFILE_FEATURES, History(signals), SPACE, moments)
    paired = pair_features(PAIR_FEATURES, History(signals), SPACE, moments, case, np.tile(titles, len(cases)))
    for place, (profile, offset) in enumerate(cases):
        batch = Batch.of_trail(online(signals, profile, offset, cuts), int(now[place]), SPACE)
        for feature in PROFILE_FEATURES:
            served, seen = feature.read(batch), trained[feature.name]
            if isinstance(seen, Ragged):
                part = slice(int(seen.first[place]), int(seen.first[place + 1]))
                keys = None if seen.keys is None else seen.keys[part]
                seen = Ragged(seen.values[part], np.array([0, part.stop - part.start]), keys, seen.names)
            else:
                seen = seen[place : place + 1]
            assert bits(served) == bits(seen), feature.name
        pairs = Pairs(batch, np.zeros(len(titles), np.int64), titles)
        for feature in PAIR_FEATURES:
            part = paired[feature.name][place * len(titles) : (place + 1) * len(titles)]
            assert bits(feature.read(pairs)) == bits(part), feature.name


@settings(max_examples=30)
@given(logs)
def test_rings_never_hold_more_than_their_caps_and_a_rebuild_equals_the_live_state(log):
    signals = signals_of(log)
    rebuilt = dict(History(signals).trails())
    for profile in (1, 2, 3):
        live = online(signals, profile, 10**9, list(range(50)))
        assert all(len(live.rings[name]) <= cap for name, cap in trail.CAPS.items())
        assert live.same_as(rebuilt.get(profile, Trail()))


@settings(max_examples=40)
@given(logs, st.integers(5, 60), st.integers(0, 1))
def test_a_merge_does_not_change_what_the_target_was_before_it(log, merge, later):
    signals = signals_of(log)
    merged = signals.copy()
    moved = (signals["profile"] == 2) & (signals["offset"] < merge)
    merged["profile"][moved], merged["joined"][moved] = 1, merge
    merged = merged[(merged["offset"] != merge) & ~((signals["profile"] == 2) & ~moved)]
    replay = History(merged)
    for offset in [0, *merged["offset"].tolist(), merge]:
        own = (merged["profile"] == 1) & (merged["offset"] <= offset)
        visible = merged[own & (merged["joined"] <= offset)].copy()
        live = Trail()
        live.fold(visible)
        rings, standing = replay.as_of(np.array([1]), np.array([offset]))
        assert all(rings[name].rows.tobytes() == live.rings[name].tobytes() for name in rings)
        assert live.standing.tobytes() == standing[standing["count"] > 0].tobytes()
