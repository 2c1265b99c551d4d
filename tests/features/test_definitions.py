"""Every feature is defined once, documented, and says what it means on a small story."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from signal_logs import catalogue, space_of

from frontrow.core.clock import DAY, HOUR, MINUTE
from frontrow.events.event import TYPE_NUMBER
from frontrow.features.batch import Batch
from frontrow.features.definitions import FEATURES, PAIR_FEATURES, PROFILE_FEATURES
from frontrow.features.document import features_page
from frontrow.features.pairs import Pairs
from frontrow.features.signals import CAPS, SIGNAL
from frontrow.features.trail import Trail
from frontrow.features.values import Ragged, as_json

NOW = 1_770_000_000_000_000 // (7 * DAY) * (7 * DAY) + 4 * DAY + 12 * HOUR  # a Monday, 12:00 UTC
SPACE = space_of(catalogue())
A, SERIES, EPISODE, B, C = 0, 2, 3, 4, 5


class Story:
    def __init__(self) -> None:
        self.rows: list[tuple] = []

    def tell(self, ago: int, kind: str, title: int = -1, seconds=math.nan, fraction=math.nan, value=math.nan,
             playback: int = 0, tz: int = 0, device: int = 0) -> Story:  # fmt: skip
        offset = len(self.rows) + 1
        self.rows.append(
            (offset, NOW - ago, 1, 0, playback, title, seconds, fraction, value, tz, TYPE_NUMBER[kind], device)
        )
        return self

    def batch(self) -> Batch:
        trail = Trail()
        trail.fold(np.array(self.rows, SIGNAL))
        return Batch.of_trail(trail, NOW, SPACE)

    def of(self, name: str):
        feature = next(each for each in PROFILE_FEATURES if each.name == name)
        return as_json(feature.read(self.batch()), 0, feature.axis)

    def pair(self, name: str, title: int) -> float:
        feature = next(each for each in PAIR_FEATURES if each.name == name)
        return feature.read(Pairs(self.batch(), np.array([0]), np.array([title])))[0].item()


def test_the_page_is_the_definitions():
    page = Path(__file__).parents[2] / "docs" / "features.md"
    assert page.read_text() == features_page(), "python -m frontrow.features.document > docs/features.md"


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_definition_is_complete(feature):
    assert feature.meaning
    assert feature.unit
    assert feature.life
    assert feature.owner
    assert (feature.type == "vector") == bool(feature.axis)
    assert not feature.rings or feature.cap == sum(CAPS[ring] for ring in feature.rings) or feature.entity == "profile"
    assert [each.name for each in FEATURES].count(feature.name) == 1


@pytest.mark.parametrize("feature", PROFILE_FEATURES, ids=lambda feature: feature.name)
def test_nobody_in_particular_has_a_value_of_every_kind(feature):
    value = feature.read(Batch.of_trail(Trail(), NOW, SPACE))
    if feature.type in ("sequence", "map"):
        assert isinstance(value, Ragged)
        assert len(value.of(0)) == 0
    else:
        assert value.shape == ((1, len(feature.axis)) if feature.axis else (1,))
    as_json(value, 0, feature.axis)


def test_counts_take_each_playback_once_and_windows_end_before_their_length():
    story = Story().tell(HOUR, "play", A, playback=1).tell(59 * MINUTE, "progress", A, 60, 0.1, playback=1)
    story.tell(DAY, "play", B, playback=2).tell(8 * DAY, "rate", C, value=5).tell(1, "impression", A)
    assert story.of("plays") == {"1h": 0, "24h": 1, "7d": 2, "30d": 2}
    assert story.of("ratings") == {"1h": 0, "24h": 0, "7d": 0, "30d": 1}
    assert story.of("impressions")["1h"] == 1


def test_a_rate_halves_in_its_window_and_is_the_count_a_day_in_the_long_run():
    one = Story().tell(7 * DAY, "play", A).of("plays_rate")
    assert one["7d"] == pytest.approx(0.5 * math.log(2) / 7)
    steady = Story()
    for day in range(300, 0, -1):
        steady.tell(day * DAY - DAY // 2, "play", A, playback=day)
    assert steady.of("plays_rate")["7d"] == pytest.approx(1, rel=0.05)


def test_taste_shares_labels_of_what_was_liked_and_the_fast_one_follows_sooner():
    story = Story().tell(20 * DAY, "rate", A, value=5).tell(HOUR, "rate", C, value=5)
    slow, fast = story.of("taste_genre_slow"), story.of("taste_genre_fast")
    assert set(slow) == {"drama", "war", "comedy"}
    assert sum(slow.values()) == pytest.approx(1)
    assert fast["comedy"] > 0.99 > slow["comedy"] > slow["drama"]
    assert set(story.of("taste_person_slow")) == {"P", "Q"}
    assert set(story.of("taste_tag_slow")) == {"slow"}
    assert Story().tell(HOUR, "rate", A, value=1).of("taste_genre_slow") == {}


def test_unwatch_undoes_what_came_before_of_a_series_its_episodes_too():
    story = Story().tell(3 * HOUR, "stop", EPISODE, 3000, 0.95).tell(2 * HOUR, "rate", A, value=5)
    assert "comedy" not in story.of("taste_genre_slow")  # an episode counts for its series
    assert story.tell(HOUR, "unwatch", SERIES).of("plays")["24h"] == 0
    assert story.of("ratings")["24h"] == 1
    assert len(story.of("recent_titles")) == 1


def test_recent_history_has_durations_gaps_and_positions_newest_first():
    story = Story().tell(5 * HOUR, "play", A, playback=1).tell(4 * HOUR, "stop", A, 3600, 0.6, playback=1)
    story.tell(2 * HOUR, "play", EPISODE, playback=2).tell(HOUR, "progress", EPISODE, 1800, 0.5, playback=2)
    assert story.of("recent_titles") == [SERIES, A]
    assert story.of("recent_seconds") == [1800, 3600]
    assert story.of("recent_gaps") == [3, None]
    assert story.of("recent_ages") == [2, 5]
    assert story.of("recent_fraction") == pytest.approx([0.5, 0.6])


def test_completion_and_abandonment_are_smoothed_towards_a_half():
    assert Story().of("completion") == 0.5
    done = Story().tell(2 * DAY, "stop", A, 5000, 0.95)
    assert done.of("completion") > 0.7
    left = Story().tell(2 * DAY, "stop", A, 500, 0.1)
    assert left.of("completion") < 0.3
    assert left.of("abandonment") > 0.7
    assert Story().tell(HOUR, "stop", A, 500, 0.1).of("abandonment") < 0.3  # may go on yet


def test_habits_are_in_local_time():
    story = Story().tell(0, "play", A, tz=120, device=1)
    assert story.of("habit_hour")["14"] == 1
    assert story.of("habit_weekday")["mon"] == 1
    assert story.of("habit_device")["phone"] == 1


def test_a_session_ends_after_thirty_minutes_or_when_it_says_so():
    story = Story().tell(50 * MINUTE, "select", B).tell(25 * MINUTE, "select", B).tell(10 * MINUTE, "play", C)
    assert story.of("session_counts") == {"plays": 1, "ratings": 0, "impressions": 0, "selects": 2, "searches": 0}
    assert story.of("session_minutes") == 50
    assert set(story.of("session_intent")) == {"war", "comedy"}
    assert Story().tell(31 * MINUTE, "select", B).of("session_minutes") is None
    assert Story().tell(40 * MINUTE, "select", B).tell(5 * MINUTE, "select", B).of("session_minutes") == 5
    ended = story.tell(1, "session_end")
    assert ended.of("session_minutes") is None
    assert ended.tell(0, "select", A).of("session_counts")["selects"] == 1


def test_between_a_profile_and_a_title():
    story = Story().tell(5 * HOUR, "impression", A).tell(4 * HOUR, "stop", A, 3000, 0.5)
    story.tell(3 * HOUR, "impression", A).tell(2 * HOUR, "impression", A).tell(HOUR, "impression", B)
    assert story.pair("pair_impressions", A) == 3
    assert story.pair("pair_impressions_unplayed", A) == 2
    assert story.pair("pair_impressions_unplayed", B) == 1
    assert story.pair("pair_hours_since_seen", A) == 4
    assert story.pair("pair_hours_since_shown", A) == 2
    assert math.isnan(story.pair("pair_hours_since_seen", C))
    assert story.pair("pair_position", A) == 0.5
    assert story.pair("pair_plays", C) == 0
    assert story.pair("pair_match_genre_slow", B) == pytest.approx(0.5)  # war, of drama and war
    assert story.pair("pair_match_genre_slow", C) == 0


def test_a_title_that_comes_later_counts_at_once_in_what_was_watched_before():
    space = space_of(catalogue())
    trail = Trail()
    story = Story().tell(HOUR, "stop", 1, 3000, 0.95)
    trail.fold(np.array(story.rows, SIGNAL))
    read = next(each.read for each in PROFILE_FEATURES if each.name == "taste_genre_slow")
    assert read(Batch.of_trail(trail, NOW, space)).named(0) == {}
    late = catalogue().titles[C]
    space.set(1, late)
    assert read(Batch.of_trail(trail, NOW, space)).named(0) == {"comedy": 1}


def test_a_million_events_of_one_profile_leave_a_bounded_trail():
    rows = np.zeros(1_000_000, SIGNAL)
    rows["offset"] = np.arange(1, len(rows) + 1)
    rows["at"] = NOW - DAY + rows["offset"]
    rows["profile"], rows["title"], rows["playback"] = 1, rows["offset"] % 5, rows["offset"] // 7
    rows["type"] = np.array([TYPE_NUMBER[t] for t in ("progress", "impression", "select")])[rows["offset"] % 3]
    trail = Trail()
    trail.fold(rows)
    assert {name: len(ring) for name, ring in trail.rings.items()} == CAPS
    assert sum(ring.nbytes for ring in trail.rings.values()) < 100_000
