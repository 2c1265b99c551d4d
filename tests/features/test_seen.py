"""What a viewer has seen: the contract's table, line by line, then against a slow oracle over random histories."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.clock import DAY, HOUR, MINUTE
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import ProfileEvent
from frontrow.features.seen import Seen, seen_at
from frontrow.features.viewer_state import ViewerState

MOVIE, OTHER, SERIES, E1, E2, E3 = range(6)


def world() -> Catalogue:
    catalogue = Catalogue()
    records = [
        Title(title_id="m", name="M"),
        Title(title_id="o", name="O"),
        Title(title_id="s", name="S", kind="series"),
    ]
    records += [
        Title(title_id=f"e{n}", name="E", kind="episode", series_id="s", season=1, episode=n) for n in (1, 2, 3)
    ]
    catalogue.apply(1, [NumberedTitle(n, record.title_id, record) for n, record in enumerate(records)])
    return catalogue


CATALOGUE = world()
EVERYTHING = np.ones(CATALOGUE.size, bool)


class Story:
    """Events of one viewer, told one after another."""

    def __init__(self) -> None:
        self.events: list[ProfileEvent] = []

    def tell(
        self, at: int, kind: str, title: int, seconds=math.nan, fraction=math.nan, value=math.nan, pid=None
    ) -> Story:
        number = len(self.events) + 1
        event = ProfileEvent(number, at, TYPE_NUMBER[kind], title, seconds, fraction, value, pid, -1, None, True)
        self.events.append(event)
        return self

    def stop(self, at: int, title: int, seconds: float, fraction: float, pid=None) -> Story:
        return self.tell(at, "stop", title, seconds, fraction, pid=pid)

    def state(self, at: int | None = None) -> ViewerState:
        state = ViewerState(CATALOGUE)
        events = [e for e in self.events if at is None or e.at <= at]
        assert state.fold(sorted(events, key=lambda e: (e.at, e.offset)))
        return state

    def seen(self, now: int, available=EVERYTHING) -> Seen:
        return seen_at(self.state(), now, available, CATALOGUE.episodes)


def test_position_of_ninety_percent_is_watched_less_is_in_progress():
    assert Story().stop(0, MOVIE, 5400, 0.9).seen(DAY).status(MOVIE) == "watched"
    assert Story().stop(0, MOVIE, 5340, 0.89).seen(DAY).status(MOVIE) == "in_progress"
    assert Story().stop(0, MOVIE, 120, 0.3).seen(DAY).status(MOVIE) is None
    assert Story().stop(0, MOVIE, 121, 0.3).seen(DAY).status(MOVIE) == "in_progress"
    assert Story().stop(0, MOVIE, 500, 0.019).seen(DAY).status(MOVIE) is None
    assert Story().stop(0, MOVIE, 500, 0.02).seen(DAY).status(MOVIE) == "in_progress"


def test_minutes_are_the_largest_of_each_playback_summed_over_playbacks():
    one = Story()
    for seconds in (50, 80, 100, 100):
        one.tell(0, "progress", MOVIE, seconds, 0.1, pid="p")
    assert one.seen(1).status(MOVIE) is None
    assert one.stop(MINUTE, MOVIE, 30, 0.1, pid="q").seen(HOUR).status(MOVIE) == "in_progress"


def test_without_an_id_a_playback_ends_at_its_stop_or_after_four_hours():
    assert Story().tell(0, "progress", MOVIE, 70, 0.1).tell(1, "progress", MOVIE, 90, 0.1).seen(2).status(MOVIE) is None
    stopped = Story().stop(0, MOVIE, 70, 0.1).stop(1, MOVIE, 90, 0.1)
    assert stopped.seen(2).status(MOVIE) == "in_progress"
    later = 4 * HOUR + 1
    assert Story().tell(0, "progress", MOVIE, 70, 0.1).tell(later, "progress", MOVIE, 90, 0.1).seen(later).status(MOVIE)
    assert not Story().tell(0, "play", MOVIE).tell(4 * HOUR, "progress", MOVIE, 90, 0.1).seen(later).status(MOVIE)


def test_in_progress_lapses_after_180_days_and_when_abandoned():
    half, early = Story().stop(0, MOVIE, 3000, 0.5), Story().stop(0, MOVIE, 3000, 0.19)
    assert half.seen(180 * DAY).status(MOVIE) == "in_progress"
    assert half.seen(180 * DAY + 1).status(MOVIE) is None
    assert early.seen(14 * DAY).status(MOVIE) == "in_progress"
    assert early.seen(14 * DAY + 1).status(MOVIE) is None
    assert Story().stop(0, MOVIE, 3000, 0.2).seen(14 * DAY + 1).status(MOVIE) == "in_progress"


def test_watching_again_is_in_progress_and_lapses_to_watched():
    again = Story().stop(0, MOVIE, 5400, 0.95).stop(DAY, MOVIE, 600, 0.3)
    assert again.seen(2 * DAY).status(MOVIE) == "in_progress"
    assert again.seen(200 * DAY).status(MOVIE) == "watched"
    assert Story().stop(0, MOVIE, 5400, 0.95).tell(1, "play", MOVIE).seen(2).status(MOVIE) == "watched"


def test_a_rating_is_watching_and_unwatch_undoes_all_of_it():
    rated = Story().stop(0, MOVIE, 3000, 0.5).tell(1, "rate", MOVIE, value=1)
    assert rated.seen(2).status(MOVIE) == "watched"
    assert rated.stop(3, MOVIE, 3300, 0.55).seen(4).status(MOVIE) == "in_progress"
    rated.tell(5, "unwatch", MOVIE)
    assert rated.seen(6).status(MOVIE) is None
    assert rated.state().interactions == []
    assert rated.stop(7, MOVIE, 5400, 0.9).seen(8).status(MOVIE) == "watched"


def test_order_is_by_time_then_arrival():
    late = Story().tell(10, "unhide", MOVIE).tell(5, "hide", MOVIE)
    assert MOVIE not in late.seen(20).hidden
    tie = Story().tell(5, "hide", MOVIE).tell(5, "unhide", MOVIE).tell(5, "hide", OTHER)
    assert list(tie.seen(20).hidden) == [OTHER]
    state = Story().tell(10, "hide", MOVIE).state()
    assert not state.fold([ProfileEvent(2, 5, TYPE_NUMBER["hide"], OTHER, 0, 0, 0, None, -1, None, True)])


def test_a_series_is_watched_by_its_last_available_episode():
    last = Story().stop(0, E3, 3000, 0.95)
    assert last.seen(DAY).status(SERIES) == "watched"
    assert Story().stop(0, E1, 3000, 0.95).seen(DAY).status(SERIES) == "in_progress"
    without_last = EVERYTHING.copy()
    without_last[E3] = False
    assert Story().stop(0, E2, 3000, 0.95).seen(DAY, without_last).status(SERIES) == "watched"


def test_a_series_resumes_the_episode_in_progress_else_the_next():
    going = Story().stop(0, E1, 3000, 0.95).seen(DAY).in_progress[SERIES]
    assert (going.resume, going.fraction) == (E2, 0.0)
    half = Story().stop(0, E1, 3000, 0.95).stop(1, E2, 1500, 0.5).seen(DAY).in_progress[SERIES]
    assert (half.resume, half.fraction) == (E2, 0.5)
    finale = Story().stop(0, E2, 1500, 0.5).stop(1, E3, 3000, 0.95)
    assert finale.seen(DAY).status(SERIES) == "watched"
    assert finale.stop(2, E1, 1500, 0.5).seen(DAY).status(SERIES) == "in_progress"
    assert Story().stop(0, E1, 3000, 0.95).seen(181 * DAY).status(SERIES) is None


def test_episodes_count_for_their_series_in_hiding_and_listing():
    story = Story().tell(0, "hide", E2).tell(1, "list_add", E1).tell(2, "less_like", E3)
    assert list(story.seen(5).hidden) == [SERIES]
    assert list(story.seen(5).listed) == [SERIES]
    assert list(story.state().less_like) == [SERIES]


def test_rating_or_unwatching_a_series_covers_its_episodes_of_an_episode_only_that():
    rated = Story().tell(0, "rate", SERIES, value=5)
    assert rated.seen(1).status(SERIES) == "watched"
    assert {E1, E2, E3} <= rated.seen(1).episodes_watched.keys()
    assert rated.tell(2, "unwatch", SERIES).seen(3).status(SERIES) is None
    assert rated.seen(3).episodes_watched == {}
    one = Story().tell(0, "rate", E1, value=4)
    assert one.seen(1).status(SERIES) == "in_progress"
    assert one.tell(2, "unwatch", E1).seen(3).status(SERIES) is None


TYPES = ["play", "progress", "stop", "rate", "unwatch", "hide", "unhide", "list_add", "list_remove", "impression"]
stories = st.lists(
    st.tuples(
        st.integers(0, 400),  # days
        st.sampled_from(TYPES),
        st.sampled_from([MOVIE, OTHER]),
        st.sampled_from([0.0, 60.0, 119.0, 121.0, 3000.0]),
        st.sampled_from([0.0, 0.02, 0.1, 0.2, 0.5, 0.89, 0.9, 1.0]),
        st.sampled_from(["p", "q", None]),
    ),
    max_size=14,
)


def oracle(events: list[ProfileEvent], title: int, now: int) -> tuple[str | None, bool, bool]:
    """(status, hidden, listed) read straight off the contract, event by event."""
    mine = sorted((e for e in events if e.title == title), key=lambda e: (e.at, e.offset))
    cut = max((i for i, e in enumerate(mine) if e.type == TYPE_NUMBER["unwatch"]), default=-1)
    seconds: dict[object, float] = {}
    position, touched, watched, unnamed, began, ended = math.nan, 0, False, 0, 0, True
    for e in mine[cut + 1 :]:
        if e.type == TYPE_NUMBER["rate"]:
            watched, position = True, math.nan
        if e.type in (TYPE_NUMBER["play"], TYPE_NUMBER["progress"], TYPE_NUMBER["stop"]):
            key: object = e.playback_id
            if key is None:
                if ended or e.at - began > 4 * HOUR:
                    unnamed, began = unnamed + 1, e.at
                ended, key = e.type == TYPE_NUMBER["stop"], unnamed
            seconds[key] = max(seconds.get(key, 0.0), 0.0 if math.isnan(e.seconds) else e.seconds)
            touched = e.at
            if not math.isnan(e.fraction):
                position = e.fraction
                watched |= position >= 0.9
    idle = now - touched
    going = sum(seconds.values()) > 120 and 0.02 <= position < 0.9 and idle <= 180 * DAY
    going = going and not (position < 0.2 and idle > 14 * DAY)
    switches = {"hide": False, "list_add": False}
    for e in mine:
        for on, off in (("hide", "unhide"), ("list_add", "list_remove")):
            if e.type in (TYPE_NUMBER[on], TYPE_NUMBER[off]):
                switches[on] = e.type == TYPE_NUMBER[on]
    return "in_progress" if going else "watched" if watched else None, switches["hide"], switches["list_add"]


@settings(max_examples=300, deadline=None)
@given(stories, st.integers(400, 600))
def test_the_fold_agrees_with_the_contract_read_literally(told, now_days):
    story = Story()
    for day, kind, title, seconds, fraction, pid in told:
        played = kind in ("progress", "stop")
        story.tell(
            day * DAY, kind, title, seconds if played else math.nan, fraction if played else math.nan,
            4.0 if kind == "rate" else math.nan, pid,
        )  # fmt: skip
    seen = story.seen(now_days * DAY)
    for title in (MOVIE, OTHER):
        expected = oracle(story.events, title, now_days * DAY)
        assert (seen.status(title), title in seen.hidden, title in seen.listed) == expected


@settings(max_examples=100, deadline=None)
@given(stories, st.integers(0, 14))
def test_folding_on_from_any_point_equals_folding_at_once(told, cut):
    story = Story()
    for day, kind, title, seconds, fraction, pid in sorted(told, key=lambda each: each[0]):
        story.tell(day * DAY, kind, title, seconds, fraction, 4.0, pid)
    events = story.events
    whole, parts = ViewerState(CATALOGUE), ViewerState(CATALOGUE)
    assert whole.fold(events)
    assert parts.fold(events[:cut])
    assert parts.fold(events[cut:])
    assert [(i.title, i.at, i.weight) for i in whole.interactions] == [
        (i.title, i.at, i.weight) for i in parts.interactions
    ]
    now = 500 * DAY
    one, two = (seen_at(s, now, EVERYTHING, CATALOGUE.episodes) for s in (whole, parts))
    assert one == two


@pytest.mark.parametrize("title", [MOVIE, SERIES])
def test_nothing_is_learned_without_consent_but_what_was_seen_is_kept(title):
    state = ViewerState(CATALOGUE)
    event = ProfileEvent(1, 0, TYPE_NUMBER["rate"], title, math.nan, math.nan, 5.0, None, 0, None, False)
    assert state.fold([event])
    assert state.interactions == []
    assert seen_at(state, 1, EVERYTHING, CATALOGUE.episodes).status(title) == "watched"


def test_titles_that_another_process_has_just_made_known_are_left_out():
    """State knows all titles, the views of this request those of a moment ago."""
    story = Story().tell(0, "rate", MOVIE, value=5).tell(1, "hide", MOVIE).tell(2, "list_add", OTHER)
    story.tell(3, "rate", 2, value=5)
    small = np.ones(1, bool)
    seen = story.seen(DAY, small)
    mask = small.copy()
    seen.exclude(mask)
    assert not mask.any()
    assert set(seen.watched) | set(seen.hidden) | set(seen.listed) | set(seen.in_progress) <= {0}
