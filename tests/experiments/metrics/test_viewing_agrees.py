"""Viewing time by day adds up to what the features' fold says of the same events."""

from __future__ import annotations

from collections import defaultdict

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from viewer_events import START, days_of, event

from frontrow.core.clock import SECOND
from frontrow.events.event import TYPES
from frontrow.features.watching import Watching

plays = st.lists(
    st.builds(
        lambda type_, at, title, profile, playback, seconds: event(
            type_, at, title, profile, playback=playback,
            seconds=None if type_ == "play" else float(seconds), fraction=None if type_ == "play" else 0.5,
        ),
        st.sampled_from(["play", "progress", "stop"]), st.integers(0, 200_000), st.integers(0, 2), st.integers(1, 2),
        st.integers(0, 2), st.integers(0, 9_000),
    ),
    max_size=30,
)  # fmt: skip


@given(plays)
def test_seconds_are_those_of_the_fold(events):
    ordered = sorted(events, key=lambda each: each["at"])  # a stable sort: arrival decides among ties
    folds = defaultdict(Watching)
    for each in ordered:
        fold = folds[each["profile"], each["title"]]
        name = str(each["playback"]) if each["playback"] else None
        key = fold.playback(each["at"], name, TYPES[each["type"]] == "stop")
        seconds = float("nan") if each["seconds"] is None else each["seconds"]
        fold.play(each["at"], key, seconds, float("nan"))
    found = days_of(*events)[0].group_by("profile").agg(pl.col("viewing_seconds").sum())
    expected = defaultdict(float)
    for (profile, _), fold in folds.items():
        expected[profile] += fold.seconds
    assert dict(found.iter_rows()) == dict(expected)


@given(plays, st.integers(0, 200_000))
def test_days_cut_anywhere_add_up(events, cut):
    """What is known up to a moment never changes what it says of the days before it."""
    before = [each for each in events if each["at"] < START + cut * SECOND]
    whole, part = days_of(*events)[0], days_of(*before)[0]
    day = (START + cut * SECOND) // (86_400 * SECOND)
    columns = ["profile", "day", "viewing_seconds", "qualified_plays", "started", "list_adds"]
    settled = pl.col("day") < day
    assert whole.filter(settled).select(columns).equals(part.filter(settled).select(columns))
