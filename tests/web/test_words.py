"""Times of day, facts and countries in words."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY, Micros, parse_time
from frontrow.web import words
from frontrow.web.scene import TIMES, local_time, moment, offset_minutes

ZONES = ["Europe/Stockholm", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Kiritimati", "nowhere/at-all", None]


@given(st.integers(0, 4_000_000_000), st.sampled_from(ZONES), st.sampled_from(sorted(TIMES)))
def test_a_moment_is_always_to_come(seconds, zone, when):
    now = Micros(seconds * 1_000_000)
    at = moment(when, now, zone)
    if when == "now":
        assert at is None
        return
    there = parse_time(at)
    assert now < there <= now + (7 if when == "saturday" else 1) * DAY + DAY // 12


@pytest.mark.parametrize(
    ("now", "zone", "when", "at"),
    [
        ("2026-03-20T10:00:00Z", "Europe/Stockholm", "evening", "2026-03-20T19:00:00Z"),
        ("2026-03-20T19:00:00Z", "Europe/Stockholm", "evening", "2026-03-21T19:00:00Z"),
        ("2026-03-28T20:00:00Z", "Europe/Stockholm", "evening", "2026-03-29T18:00:00Z"),  # the clocks change
        ("2026-03-20T10:00:00Z", "Asia/Kolkata", "morning", "2026-03-21T02:00:00Z"),
        ("2026-03-20T10:00:00Z", None, "saturday", "2026-03-21T20:00:00Z"),
        ("2026-03-21T21:00:00Z", None, "saturday", "2026-03-28T20:00:00Z"),
    ],
)
def test_moments(now, zone, when, at):
    assert moment(when, parse_time(now), zone) == at


def test_local_time_and_offset():
    at = parse_time("2026-03-20T19:00:00Z")
    assert local_time(at, "Europe/Stockholm") == "Fri 20:00"
    assert offset_minutes(at, "Asia/Kolkata") == 330
    assert offset_minutes(at, None) == 0
    assert datetime.fromisoformat(moment("night", at, "Asia/Tokyo")).utcoffset().total_seconds() == 0


def test_facts_are_those_that_are_known():
    assert words.facts(None) == []
    assert words.facts(Title(title_id="x", name="x")) == ["Film"]
    whole = Title(title_id="x", name="x", year=2024, runtime_minutes=112, maturity=16, original=True)
    assert words.facts(whole) == ["2024", "Original film", "1 h 52 min", "Ages 16+"]
    series = Title(title_id="x", name="x", kind="series", maturity=0, runtime_minutes=40)
    assert words.facts(series, 8) == ["Series", "8 episodes", "All ages"]


@pytest.mark.parametrize(
    ("minutes", "text"), [(None, ""), (0, ""), (45, "45 min"), (60, "1 h"), (100_000, "1666 h 40 min")]
)
def test_running_times(minutes, text):
    assert words.running_time(minutes) == text


def test_countries_and_directions():
    assert words.country("SE") == "Sweden"
    assert words.country("ZZ") == "ZZ"
    assert words.country(None) == "Anywhere"
    assert [words.direction(tag) for tag in ("he-IL", "AR", "sv", None)] == ["rtl", "rtl", "ltr", "ltr"]
