"""Popularity: one fold, the same however it is cut, exact in the past, bounded."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns, NewEvent
from frontrow.features.decayed import HALF_LIVES
from frontrow.features.velocity import Velocity, VelocitySettings

START = 1_700_000_000_000_000 // DAY * DAY
TITLES = 4
SERIES_OF = np.array([0, 1, 1, -1], np.int32)  # 2 is an episode of 1; 3 is not counted
OWN = np.arange(TITLES, dtype=np.int32)
CODES = ("DE", "FR")

Told = tuple[int, int, int, float, int]  # hours, profile, title, stars, country


def build(columns, series_of):
    velocity = Velocity()
    velocity.take_parts([columns], series_of)
    return velocity


def columns(told: list[Told], codes: tuple[str, ...] = CODES, learn: bool = True) -> EventColumns:
    n = len(told)
    hours, profile, title, stars, country = (list(column) for column in zip(*told, strict=True)) if n else [[]] * 5
    nothing = np.full(n, np.nan, np.float32)
    return EventColumns(
        np.arange(1, n + 1), START + np.array(hours, np.int64) * HOUR, np.array(profile, np.int64),
        np.array(title, np.int32), np.full(n, TYPE_NUMBER["rate"], np.int8), np.full(n, -1, np.int8),
        np.array(country, np.int16), nothing, nothing, np.array(stars, np.float32), np.zeros(n, np.int64),
        np.full(n, learn), np.full(n, NO_CLOCK, np.int16), codes,
    )  # fmt: skip


def one_by_one(told: list[Told]) -> list[NewEvent]:
    return [
        NewEvent(
            n, START + hours * HOUR, profile, title, TYPE_NUMBER["rate"], math.nan, math.nan, stars, CODES[code], True
        )
        for n, (hours, profile, title, stars, code) in enumerate(told, 1)
    ]


def slowly(told: list[Told], half_life: float, now: int, country: str | None = None) -> np.ndarray:
    counted, counts = set(), np.zeros(TITLES)
    for hours, profile, title, stars, code in told:
        at = START + hours * HOUR
        key = (profile, title, at // DAY)
        if stars >= 3 and key not in counted:
            counted.add(key)
            if at <= now and (country is None or CODES[code] == country):
                counts[title] += 2 ** ((at - now) / DAY / half_life)
    return counts


TOLD = st.lists(
    st.tuples(
        st.integers(0, 2000), st.integers(0, 3), st.integers(0, TITLES - 1), st.sampled_from([1.0, 2.5, 3.0, 5.0]),
        st.integers(0, 1),
    ),
    max_size=40,
)  # fmt: skip


@given(TOLD, st.integers(0, 2100), st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=5))
def test_any_batches_and_any_moment_equal_the_definition(told, hours, sizes):
    velocity = Velocity(TITLES)
    velocity.update(columns([]), OWN)
    rest = told
    for size, at_once in (*sizes, (len(told), True)):
        if at_once:
            velocity.update(columns(rest[:size]))
        for event in () if at_once else one_by_one(rest[:size]):
            velocity.take(event)
        rest = rest[size:]
    now = START + hours * HOUR
    for half_life in HALF_LIVES:
        for country in (None, "FR"):
            expected = slowly(told, half_life, now, country)
            np.testing.assert_allclose(velocity.decayed(half_life, now, country), expected, rtol=1e-4, atol=1e-6)
    inside = [each for each in told if START + each[0] * HOUR <= now]
    np.testing.assert_array_equal(velocity.window(math.inf, now), slowly(inside, math.inf, now))


def test_a_viewer_counts_once_a_day_and_ties_are_inside():
    velocity = build(columns([(1, 7, 0, 5, 0), (2, 7, 0, 5, 0), (25, 7, 0, 5, 0), (1, 8, 0, 2, 0)]), OWN)
    at = velocity.at(START + 25 * HOUR)
    assert at.window(2).tolist() == [2, 0, 0, 0]
    assert velocity.at(START + 25 * HOUR - 1).window(2).tolist() == [1, 0, 0, 0]
    assert velocity.window(1, START + 25 * HOUR).tolist() == [1, 0, 0, 0]  # the first is exactly a day old


def test_episodes_count_for_their_series_and_some_titles_for_nothing():
    velocity = build(columns([(1, 7, 2, 5, 0), (1, 8, 1, 5, 0), (1, 8, 3, 5, 0), (1, 9, -1, 5, 0)]), SERIES_OF)
    assert velocity.decayed(math.inf, START + DAY).tolist() == [0, 2, 0, 0]


def test_one_event_counts_as_many_do():
    fields = product(("play", "stop", "rate", "hide"), (math.nan, 100.0, 500.0), (math.nan, 0.1, 0.95), (2.0, 5.0))
    for kind, seconds, fraction, value in fields:
        for title, learn in ((2, True), (3, True), (-1, True), (9, True), (1, False)):
            event = NewEvent(1, START, 7, title, TYPE_NUMBER[kind], seconds, fraction, value, "FR", learn)
            one, many = build(columns([]), SERIES_OF), build(columns([]), SERIES_OF)
            one.take(event)
            told = replace(
                columns([(0, 7, title, value, 1)], learn=learn), type=np.array([TYPE_NUMBER[kind]], np.int8),
                seconds=np.array([seconds], np.float32), fraction=np.array([fraction], np.float32),
            )  # fmt: skip
            many.update(told)
            assert one.decayed(7.0, START, "FR").tolist() == many.decayed(7.0, START, "FR").tolist()
            assert one.revision - many.revision in (0, -1)  # the second makes room where it need not


def test_without_consent_nothing_is_counted():
    assert build(columns([(1, 7, 0, 5, 0)], learn=False), OWN).views == 0


def test_countries_are_known_by_code_not_by_number():
    velocity = build(columns([(1, 7, 0, 5, 0)]), OWN)
    velocity.update(columns([(2, 8, 1, 5, 0)], codes=("FR", "DE")))
    assert velocity.decayed(math.inf, START + DAY, "DE").tolist() == [1, 0, 0, 0]
    assert velocity.decayed(math.inf, START + DAY, "FR").tolist() == [0, 1, 0, 0]
    assert velocity.decayed(math.inf, START + DAY, "SE").tolist() == [0, 0, 0, 0]


def test_new_titles_make_room():
    velocity = build(columns([(1, 7, 0, 5, 0)]), OWN[:1])
    velocity.update(columns([(2, 7, 3, 5, 0)]))
    assert velocity.decayed(7.0, START + 2 * HOUR).shape == (4,)
    assert velocity.n_titles == 4


def test_beyond_the_bound_fading_counts_stay_exact_and_windows_forget():
    told = [(hour, hour, hour % 2, 5.0, hour % 2) for hour in range(300)]
    bounded = Velocity(TITLES, VelocitySettings(max_views=100))
    free = Velocity(TITLES)
    for velocity in (bounded, free):
        velocity.update(columns(told), OWN)
        velocity._merge_tail()
    assert bounded.views == 100
    for now in (START + 250 * HOUR, START + 400 * HOUR):
        for country in (None, "DE"):
            np.testing.assert_allclose(bounded.decayed(7.0, now, country), free.decayed(7.0, now, country), rtol=1e-5)
    assert not bounded.decayed(7.0, START + 50 * HOUR).any()
    assert bounded.window(1, START + 299 * HOUR).sum() == 24
    assert bounded.window(math.inf, START + 299 * HOUR).sum() == 100


def test_decades_apart_nothing_overflows():
    velocity = Velocity(TITLES)
    for year in (0, 30, 1, 60):
        velocity.update(columns([(year * 8766, year, 0, 5.0, 0)]), OWN)
    now = START + 60 * 8766 * HOUR
    assert velocity.decayed(2.0, now)[0] == 1
    assert velocity.decayed(math.inf, now)[0] == 4
