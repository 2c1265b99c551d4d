"""The gate's rights against a slow, literal reading of the contract."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.rights import Place, Rights
from frontrow.catalog.title import Title, Window
from frontrow.core.clock import format_time, parse_time

DAY = 86_400_000_000
T0 = parse_time("2026-03-01T00:00:00Z")

countries = st.lists(st.sampled_from(["DE", "US", "FR"]), max_size=2)
plans = st.lists(st.sampled_from(["basic", "premium"]), max_size=2)
moments = st.integers(0, 6)
windows = st.builds(
    lambda c, p, a, b: Window(
        c, p, None if a is None else format_time(T0 + a * DAY), None if b is None else format_time(T0 + b * DAY)
    ),
    countries,
    plans,
    st.none() | moments,
    st.none() | moments,
)
titles = st.builds(
    lambda w, m: Title(title_id="t", name="T", windows=w, maturity=m),
    st.lists(windows, max_size=3),
    st.none() | st.integers(0, 21),
)
places = st.builds(
    Place, st.none() | st.sampled_from(["DE", "US"]), st.none() | st.sampled_from(["basic", "premium"]),
    st.none() | st.integers(0, 21),
)  # fmt: skip


def shown(title: Title, place: Place, now: int) -> bool:
    """`from` ≤ now < `until` in one of the windows for the country and the plan; no windows: always; maturity."""
    if place.limit is not None and (21 if title.maturity is None else title.maturity) > place.limit:
        return False
    return not title.windows or any(
        (not w.countries or place.country in w.countries)
        and (not w.plans or place.plan in w.plans)
        and (w.from_ is None or parse_time(w.from_) <= now)
        and (w.until is None or now < parse_time(w.until))
        for w in title.windows
    )


@given(st.lists(titles, max_size=5), places, st.lists(st.tuples(moments, st.sampled_from([-1, 0, 1])), min_size=1))
def test_mask_and_drops_say_what_the_contract_says_at_every_moment(known, place, whens):
    rights = Rights()
    for number, title in enumerate(known):
        rights.set(number, title)
    for day, microseconds in whens:  # asked in any order: kept answers must not outlive an edge
        now = T0 + day * DAY + microseconds
        mask = rights.mask(place, now, len(known))
        for number, title in enumerate(known):
            assert mask[number] == shown(title, place, now)
            assert bool(rights.drops(number, place, now)) != shown(title, place, now)


@given(st.lists(titles, min_size=2, max_size=4), places, moments)
def test_a_replaced_record_leaves_nothing_behind(versions, place, day):
    rights, now = Rights(), T0 + day * DAY
    for title in versions:
        rights.set(0, title)
        assert rights.mask(place, now, 1)[0] == shown(title, place, now)
    rights.set(0, None)
    assert not rights.mask(place, now, 1)[0]


def test_dead_windows_are_swept_away():
    rights = Rights()
    title = Title(title_id="t", name="T", windows=[Window(["DE"])])
    for _ in range(5_000):
        rights.set(0, title)
    assert len(rights._lines) < 3_000
    assert rights.mask(Place("DE", None, None), T0, 1)[0]
    assert not rights.mask(Place("US", None, None), T0, 1)[0]


def test_a_live_title_is_shown_until_it_ends():
    rights = Rights()
    rights.set(0, Title(title_id="t", name="T", kind="live", ends_at=format_time(T0)))
    anyone = Place(None, None, None)
    assert rights.mask(anyone, T0 - 1, 1)[0]
    assert not rights.mask(anyone, T0, 1)[0]
    assert rights.drops(0, anyone, T0)[0][0] == "window"


def test_reasons_name_country_then_plan_then_time():
    rights = Rights()
    german = Window(["DE"], ["premium"], format_time(T0), format_time(T0 + DAY))
    rights.set(0, Title(title_id="t", name="T", windows=[german]))

    def why(country, plan, now):
        return [reason for reason, _ in rights.drops(0, Place(country, plan, None), now)]

    assert why("DE", "premium", T0) == []
    assert why("US", "premium", T0) == ["country"]
    assert why("DE", "basic", T0) == ["plan"]
    assert why("DE", "premium", T0 + DAY) == ["window"]
    assert why("US", None, T0) == ["country", "plan"]  # all that hold: no window anywhere is for this plan
    assert why("US", None, T0 + DAY) == ["window", "country", "plan"]


def test_a_mask_is_read_only():
    rights = Rights()
    rights.set(0, Title(title_id="t", name="T"))
    mask = rights.mask(Place(None, None, None), T0, 1)
    assert not mask.flags.writeable
    assert isinstance(mask, np.ndarray)
