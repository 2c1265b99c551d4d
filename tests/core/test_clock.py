"""Time in and out: RFC 3339 with an offset, microseconds UTC inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import format_time, parse_time
from frontrow.core.errors import InvalidRecord


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)), st.integers(-14 * 60, 14 * 60))
def test_any_offset_is_the_same_instant(moment, offset):
    zone = timezone(timedelta(minutes=offset))
    at = parse_time(moment.replace(tzinfo=UTC).astimezone(zone).isoformat())
    assert datetime.fromisoformat(format_time(at)) == moment.replace(tzinfo=UTC)
    assert parse_time(format_time(at)) == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:01z", 1_000_000),
        ("1970-01-01 01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("1969-12-31T23:59:59.5Z", -500_000),
    ],
)
def test_spellings(text, expected):
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "now", "2026-03-18", "2026-03-18T20:00:00", "2026-03-18T20:00Z", "2026-02-30T00:00:00Z", None, 5,
        "2026-03-18T24:01:00Z", "0000-99-99T99:99:99Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
        "2026-03-18T20:00:00+0100", "2026-03-18T20:00:00Z\n", "２026-03-18T20:00:00Z",
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_its_place(text):
    with pytest.raises(InvalidRecord) as caught:
        parse_time(text, "/windows/0/from")
    assert caught.value.pointer == "/windows/0/from"
    assert caught.value.message.startswith("from ")


def test_what_lies_outside_all_years_is_told_as_their_edge():
    last = parse_time("9999-12-31T23:59:59.999999Z")
    assert format_time(last + 30 * 60 * 1_000_000) == "9999-12-31T23:59:59.999999Z"
    assert format_time(parse_time("0001-01-01T00:00:00Z") - 1) == "0001-01-01T00:00:00Z"


def test_a_plus_that_became_a_space_in_an_address_is_told():
    with pytest.raises(InvalidRecord, match=r"not 2026-03-01T20:00:00 01:00 \(in an address \+ is written %2B\)"):
        parse_time("2026-03-01T20:00:00 01:00", "/at")
    with pytest.raises(InvalidRecord) as plain:
        parse_time("yesterday", "/at")
    assert "%2B" not in plain.value.message
