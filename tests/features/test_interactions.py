"""Interactions in columns are those that the fold of one viewer gives, event by event."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.clock import HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns, ProfileEvent
from frontrow.features.interactions import (
    LIKED,
    VIEWED,
    interactions_of,
    playback_weight,
    playback_weight_of,
    rating_weight,
    rating_weight_of,
)
from frontrow.features.viewer_state import ViewerState, played, rated

TYPES = ("play", "progress", "stop", "rate", "unwatch", "hide", "select")


def world() -> Catalogue:
    catalogue = Catalogue()
    records = [
        Title(title_id="m", name="M"),
        Title(title_id="s", name="S", kind="series"),
        *(Title(title_id=f"e{n}", name="E", kind="episode", series_id="s", season=1, episode=n) for n in (1, 2)),
    ]
    catalogue.apply(1, [NumberedTitle(n, record.title_id, record) for n, record in enumerate(records)])
    return catalogue


CATALOGUE = world()

EVENT = st.tuples(
    st.integers(0, 40),  # hours
    st.sampled_from(TYPES),
    st.integers(1, 2),  # profile
    st.integers(-1, 4),  # title; 4 is unknown to the catalogue
    st.sampled_from([math.nan, 60.0, 121.0, 4000.0]),
    st.sampled_from([math.nan, 0.0, 0.3, 0.7, 0.95]),
    st.sampled_from([0.5, 2.0, 3.0, 3.5, 5.0]),
    st.sampled_from([None, None, "p", "q"]),
    st.booleans() | st.just(True),
    st.sampled_from([NO_CLOCK, NO_CLOCK, -300, 60, 345]),  # minutes east of UTC
    st.integers(-1, 5),  # device
)


def columns(events) -> EventColumns:
    count = len(events)
    hours, types, profile, title, seconds, fraction, value, playback, learn, clock, device = (
        (list(column) for column in zip(*events, strict=True)) if count else ([[]] * 11)
    )
    return EventColumns(
        np.arange(1, count + 1), np.array(hours, np.int64) * HOUR, np.array(profile, np.int64),
        np.array(title, np.int32), np.array([TYPE_NUMBER[name] for name in types], np.int8),
        np.array(device, np.int8), np.full(count, -1, np.int16), np.array(seconds, np.float32),
        np.array(fraction, np.float32), np.array(value, np.float32),
        np.array([0 if name is None else ord(name) for name in playback], np.int64), np.array(learn, bool),
        np.array(clock, np.int16), (),
    )  # fmt: skip


@given(st.lists(EVENT, max_size=30))
def test_columns_give_what_the_fold_gives(events):
    found = interactions_of(columns(events), CATALOGUE.series_of)
    for number in (1, 2):
        state = ViewerState(CATALOGUE)
        mine = [
            ProfileEvent(
                offset,
                hours * HOUR,
                TYPE_NUMBER[kind],
                title,
                seconds,
                fraction,
                value,
                playback,
                device,
                None if clock == NO_CLOCK else clock,
                learn,
            )
            for offset, (
                hours,
                kind,
                profile,
                title,
                seconds,
                fraction,
                value,
                playback,
                learn,
                clock,
                device,
            ) in enumerate(events, 1)
            if profile == number
        ]
        state.fold(sorted(mine, key=lambda event: (event.at, event.offset)))
        own = found.profile == number
        expected = [(each.title, each.at, round(each.weight, 4)) for each in state.interactions]
        got = zip(found.title[own].tolist(), found.at[own].tolist(), found.weight[own].round(4).tolist(), strict=True)
        assert [(title, at, round(weight, 4)) for title, at, weight in got] == expected
        moments = [(each.hour, each.device) for each in state.interactions]
        assert list(zip(found.hour[own].tolist(), found.device[own].tolist(), strict=True)) == moments


@given(st.sampled_from([half / 2 for half in range(1, 11)]), st.floats(0, 1e4), st.floats(0, 1))
def test_the_fold_weighs_as_the_columns_do(stars, seconds, fraction):
    assert abs(float(rating_weight(stars)) - rated(stars)) < 1e-6
    assert abs(float(playback_weight(seconds, fraction)) - played(seconds, fraction)) < 1e-5


@given(st.floats(0, 5, width=32) | st.just(math.nan), st.floats(0, 2**30, width=32),
       st.floats(0, 1, width=32) | st.sampled_from([math.nan, -0.0, float(np.float32(0.9))]))  # fmt: skip
def test_one_is_weighed_bit_for_bit_as_many(stars, seconds, fraction):
    assert np.float32(rating_weight_of(stars)) == rating_weight(np.array([stars], np.float32))[0]
    many = playback_weight(np.array([seconds], np.float32), np.array([fraction], np.float32))
    assert np.float32(playback_weight_of(seconds, fraction)).tobytes() == many.tobytes()


def test_the_thresholds_are_what_they_say():
    assert rating_weight(3.5) >= np.float32(LIKED) > rating_weight(3)
    assert playback_weight(1000, 0.7) >= np.float32(LIKED) > playback_weight(1000, 0.69)
    assert rating_weight(3) >= np.float32(VIEWED) > rating_weight(2.5)
    assert playback_weight(121, 0.0) >= np.float32(VIEWED) > playback_weight(120, 0.5)


def test_titles_that_are_left_out_are_left_out():
    series_of = np.array([0, -1], np.int32)
    events = [
        (1, "rate", 1, 0, math.nan, math.nan, 4.0, None, True, NO_CLOCK, -1),
        (2, "rate", 1, 1, math.nan, math.nan, 4.0, None, True, NO_CLOCK, -1),
    ]
    assert interactions_of(columns(events), series_of).title.tolist() == [0]


def test_no_events_give_no_interactions():
    assert len(interactions_of(columns([]), CATALOGUE.series_of)) == 0
