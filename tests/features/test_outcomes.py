"""What came of a playback: minutes, finished, liked, abandoned; known a day after it ended."""

from __future__ import annotations

import math

import numpy as np
import pytest

from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.interactions import VIEWED, interactions_of
from frontrow.features.outcomes import OUTCOMES

SERIES_OF = np.array([0, 1, 1, 1, 4], np.int32)  # 1 is a series of 2 and 3
NO = math.nan


def columns(rows) -> EventColumns:
    """From (hours, type, profile, title, seconds, fraction, value, playback); the log goes on for a week."""
    rows = [*rows, (240.0, "session_start", 9, -1, NO, NO, NO, "")]
    hours, types, profile, title, seconds, fraction, value, playback = zip(*rows, strict=True)
    count = len(rows)
    return EventColumns(
        np.arange(1, count + 1), (np.array(hours) * 3.6e9).astype(np.int64), np.array(profile, np.int64),
        np.array(title, np.int32), np.array([TYPE_NUMBER[name] for name in types], np.int8),
        np.full(count, -1, np.int8), np.full(count, -1, np.int16),
        np.array(seconds, np.float32), np.array(fraction, np.float32),
        np.array(value, np.float32), np.array([ord(name) if name else 0 for name in playback], np.int64),
        np.ones(count, bool), np.full(count, NO_CLOCK, np.int16), (),
    )  # fmt: skip


def came(rows, place=0):
    found = interactions_of(columns(rows), SERIES_OF)
    assert found.outcomes is not None
    return dict(zip(OUTCOMES, found.outcomes[place].tolist(), strict=True))


def play(hours, title=0, seconds=3000.0, fraction=0.5, playback="a", profile=1):
    return (hours, "stop", profile, title, seconds, fraction, NO, playback)


def said(hours, kind, value=NO, title=0, profile=1):
    return (hours, kind, profile, title, NO, NO, value, "")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([play(0)], (50, 0, 0, 0)),
        ([play(0, fraction=0.95)], (50, 1, 0, 0)),
        ([play(0, seconds=1200), play(0.5, seconds=3600, fraction=0.92)], (60, 1, 0, 0)),  # of one playback the most
        ([play(0, fraction=0.95), play(0.5, fraction=0.1)], (50, 1, 0, 0)),  # wound back after the end
        ([play(0), said(1, "rate", 5)], (50, 0, 1, 0)),
        ([play(0), said(30, "rate", 5)], (50, 0, 0, 0)),  # too late to be of this playback
        ([play(0), said(1, "rate", 4, title=4)], (50, 0, 0, 0)),  # of another title
        ([play(0), said(1, "rate", 5, profile=2)], (50, 0, 0, 0)),  # somebody else's
        ([play(0), said(1, "rate", 1)], (50, 0, 0, 1)),
        ([play(0), said(1, "hide")], (50, 0, 0, 1)),
        ([play(0), said(1, "less_like")], (50, 0, 0, 1)),
        ([play(0, seconds=300, fraction=0.1)], (5, 0, 0, 1)),
        ([play(0, seconds=300, fraction=0.1), play(5, playback="b", fraction=0.95)], (5, 0, 0, 0)),  # gone on with
        ([play(0, seconds=300, fraction=0.1), play(50, playback="b", fraction=0.95)], (5, 0, 0, 1)),  # much later
        ([play(0, title=2, seconds=300, fraction=0.1), play(2, title=3, playback="b")], (5, 0, 0, 0)),  # next episode
        ([play(0, title=2), said(1, "rate", 5, title=1)], (50, 0, 1, 0)),  # an episode's title is its series
    ],
)  # fmt: skip
def test_what_came_of_it(rows, expected):
    assert tuple(came(rows).values()) == pytest.approx(expected)


def test_what_ended_less_than_a_day_before_the_log_does_is_not_known_yet():
    known, unknown = [play(0), play(215, playback="b", profile=2)], [play(217)]
    assert came(known, 0)["minutes"] == came(known, 1)["minutes"] == 50
    assert all(math.isnan(each) for each in came(unknown).values())


def test_ratings_have_none_and_a_log_of_ratings_alone_tells_none():
    rated = [said(0, "rate", 5)]
    assert interactions_of(columns(rated), SERIES_OF).outcomes is None
    mixed = interactions_of(columns([*rated, play(3, title=4)]), SERIES_OF)
    assert mixed.outcomes is not None
    assert np.isnan(mixed.outcomes[0]).all()
    assert mixed.outcomes[1, 0] == 50


def test_offsets_are_those_of_the_first_events_and_go_along():
    found = interactions_of(
        columns([play(0), play(0.2), said(1, "rate", 5, title=4), play(2, playback="b")]), SERIES_OF
    )
    assert found.offset is not None
    assert found.offset.tolist() == [1, 3, 4]
    part = found.take(np.array([2]))
    assert part.offset is not None
    assert part.outcomes is not None
    assert part.offset.tolist() == [4]
    assert part.outcomes.shape == (1, len(OUTCOMES))


def test_at_a_cut_nothing_is_known_of_what_was_going_on():
    found = interactions_of(columns([play(0), play(30, playback="b", profile=2)]), SERIES_OF)
    settled = found.settled(int(50 * 3.6e9)).outcomes
    assert settled is not None
    assert not np.isnan(settled[0]).any()
    assert np.isnan(settled[1]).all()


def test_at_a_cut_what_was_going_on_had_just_begun_and_the_rest_is_as_it_is():
    rows = [
        play(0, fraction=0.95), play(30, fraction=0.1, playback="b", profile=2), play(40, fraction=0.97, playback="b",
        profile=2), play(50, fraction=0.97, playback="c", profile=3),
    ]  # fmt: skip
    found = interactions_of(columns(rows), SERIES_OF)
    assert found.weight.tolist() == [1, 1, 1]
    settled = found.settled(int(35 * 3.6e9))
    assert settled.weight.tolist() == pytest.approx([1, VIEWED, 1])
    assert found.settled(int(45 * 3.6e9)).weight.tolist() == [1, 1, 1]
    assert not np.isnan(settled.outcomes[2]).any()  # what lies after the cut is what it is held against
