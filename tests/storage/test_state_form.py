"""What is written to Valkey comes back as it was."""

from __future__ import annotations

import numpy as np

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.events.log import EventColumns, ProfileEvent
from frontrow.people.profile import Consent, Profile
from frontrow.people.store import KnownProfile
from frontrow.storage.valkey.form import (
    Header,
    Told,
    decode_header,
    decode_told,
    encode,
    events_bytes,
    events_of,
    feed_changed,
    feed_columns,
    feed_part,
    known_bytes,
    known_of,
    place_of,
    title_bytes,
    title_of,
)

NAN = float("nan")


def columns(profiles: list[int], countries: list[int]) -> EventColumns:
    count = len(profiles)
    random = np.random.default_rng(count)
    return EventColumns(
        offset=np.arange(10, 10 + 2 * count, 2),
        at=random.integers(0, 2**60, count),
        profile=np.array(profiles, np.int64),
        title=random.integers(-1, 2**31 - 1, count).astype(np.int32),
        type=random.integers(0, 18, count).astype(np.int8),
        device=random.integers(-1, 6, count).astype(np.int8),
        country=np.array(countries, np.int16),
        seconds=np.where(random.random(count) < 0.5, np.nan, 3.5).astype(np.float32),
        fraction=random.random(count).astype(np.float32),
        value=np.full(count, np.nan, np.float32),
        playback=random.integers(-(2**63), 2**63 - 1, count),
        learn=random.random(count) < 0.5,
        clock=random.integers(-32_768, 32_767, count).astype(np.int16),
        countries=("SE", "DE"),
    )


def rows(told: EventColumns) -> list[tuple[object, ...]]:
    country = [None if number < 0 else told.countries[number] for number in told.country.tolist()]
    names = ("offset", "at", "profile", "title", "type", "device", "seconds", "fraction", "value", "playback", "learn",
             "clock")  # fmt: skip
    return [*zip(*(map(repr, getattr(told, name).tolist()) for name in names), country, strict=True)]


def test_events_of_all_come_back_with_their_countries():
    told = columns([1, 2, 1, 3, 2], [0, 1, -1, 1, 0])
    part = feed_part(told)
    assert place_of(part) == 18
    assert rows(feed_columns([part])) == rows(told)
    assert rows(feed_columns([part], after=12)) == rows(told)[2:]
    at = int(np.sort(told.at)[2])
    assert len(feed_columns([part], until=at)) == 2
    assert len(feed_columns([])) == 0


def test_a_part_keeps_its_place_whoever_leaves_it():
    told = columns([1, 2, 1, 3, 2], [0, 1, -1, 1, 0])
    part = feed_part(told)
    erased = feed_changed(part, 2, None)
    assert place_of(erased) == 18
    assert rows(feed_columns([erased])) == [row for row in rows(told) if row[2] != "2"]
    merged = feed_changed(part, 2, 1)
    assert feed_columns([merged]).profile.tolist() == [1, 1, 1, 3, 1]
    assert feed_changed(part, 9, None) == part
    nobody = feed_changed(feed_changed(feed_changed(part, 1, None), 2, None), 3, None)
    assert len(feed_columns([nobody, part])) == 5
    assert place_of(nobody) == 18


def test_events_of_one_come_back_in_their_order():
    late = ProfileEvent(7, 50, 3, 2, 900.0, 0.5, NAN, "a playback", -1, None, True)
    first = ProfileEvent(5, 99, 0, -1, NAN, NAN, NAN, None, 2, -300, False)
    parts = [events_bytes([first]), events_bytes([late])]
    assert repr(events_of(parts, 0)) == repr([late, first])
    assert repr(events_of(parts, 5)) == repr([late])


def test_records_come_back():
    known = KnownProfile(3, 1, Profile(profile_id="ann", consent=Consent(personalization=False), maturity_limit=7))
    assert known_of(known_bytes(known)) == known
    for title in (None, Title(title_id="t", name="T", genres=["a"], tags={"x": 0.5}, maturity=16)):
        entry = NumberedTitle(4, "t", title)
        assert title_of(title_bytes(entry)) == entry
    header = Header(2, 2**52, "Europe/Stockholm", 2**62)
    assert decode_header(encode(header)) == header
    told = Told("w" * 32, 1, "data", "epoch", 2**40, None, 3)
    assert decode_told(encode(told)) == told
    assert told.head.newest_at is None
