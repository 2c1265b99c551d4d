"""Title velocity in whole numbers: any cut of the log, late events and moments equal the definition read slowly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from frontrow.core.clock import DAY, HOUR
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.definitions import COUNTRY_FEATURES, TITLE_FEATURES
from frontrow.features.title_trends import SPANS, TitleTrends
from frontrow.features.titles import Asked
from frontrow.features.training_view import title_features

START = 1_770_000_000_000_000 // DAY * DAY
CODES = ("DE", "FR")
SERIES = np.array([0, 1, 1, 3], np.int32)  # 2 is an episode of 1
told = st.tuples(
    st.sampled_from([0, 0, 1, 2, 20, 200]),  # hours after the one before
    st.sampled_from([0, 0, 0, 1, 30, 500, 3000]),  # late by hours
    st.integers(0, 2),  # profile
    st.integers(0, 3),  # title
    st.sampled_from([-1, 0, 1]),  # country
    st.sampled_from([1.0, 4.0, 4.0]),  # stars
)
logs = st.lists(told, max_size=40)


def columns(log: list[tuple]) -> EventColumns:
    n = len(log)
    step, late, profile, title, country, stars = (list(c) for c in zip(*log, strict=True)) if n else [[]] * 6
    at = START + (np.cumsum(np.array(step, np.int64)) - np.array(late, np.int64)) * HOUR
    nothing = np.full(n, np.nan, np.float32)
    return EventColumns(
        np.arange(1, n + 1), at, np.array(profile, np.int64), np.array(title, np.int32),
        np.full(n, TYPE_NUMBER["rate"], np.int8), np.full(n, -1, np.int8), np.array(country, np.int16), nothing,
        nothing, np.array(stars, np.float32), np.zeros(n, np.int64), np.ones(n, bool),
        np.full(n, NO_CLOCK, np.int16), CODES,
    )  # fmt: skip


def part(whole: EventColumns, some: slice) -> EventColumns:
    arrays = [getattr(whole, name) for name in whole.__dataclass_fields__ if name != "countries"]
    return EventColumns(*(array[some] for array in arrays), CODES)


def slowly(whole: EventColumns, now: int, country: int | None) -> np.ndarray:
    table = np.zeros((4, len(SPANS)), np.int32)
    counted, newest = set(), int(whole.at.max()) if len(whole) else now
    hour = max(now, newest) // HOUR
    for at, profile, title, code, stars in zip(
        whole.at.tolist(), whole.profile.tolist(), whole.title.tolist(), whole.country.tolist(), whole.value.tolist(),
        strict=True,
    ):  # fmt: skip
        key = (profile, int(SERIES[title]), at // DAY)
        if stars >= 3 and key not in counted:
            counted.add(key)
            if country is None or code == country:
                for row, span in enumerate(SPANS.values()):
                    table[SERIES[title], row] += hour - span < at // HOUR
    return table


@settings(max_examples=200)
@given(logs, st.lists(st.integers(0, 40), max_size=5), st.integers(-50, 1500))
def test_any_cut_and_any_moment_equal_the_definition(log, cuts, ahead):
    whole = columns(log)
    live, at_once = TitleTrends(), TitleTrends()
    bounds = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    for begin, end in pairwise(bounds):
        live.update(part(whole, slice(begin, end)), SERIES)
    at_once.update(whole, SERIES)
    assert live.same_as(at_once)
    now = (int(whole.at.max()) if len(whole) else START) + ahead * HOUR
    for country in (None, 0, 1):
        code = None if country is None else CODES[country]
        expected = slowly(whole, now, country)
        assert np.array_equal(live.views(np.arange(4), now, code), expected)
        assert np.array_equal(live.total(now, code), expected.sum(0))


@settings(max_examples=60)
@given(logs, st.integers(1, 5))
def test_training_sees_what_serving_saw_page_by_page(log, every):
    whole = columns(log)
    offsets = list(range(0, len(whole) + 1, every))
    now = [START + 300 * HOUR] * len(offsets)
    features = [*TITLE_FEATURES, *COUNTRY_FEATURES]
    titles = np.array([0, 1, 3, 9])
    trained = title_features(features, whole, SERIES, offsets, now, [titles] * len(offsets), ["DE"] * len(offsets))
    live = TitleTrends()
    for page, offset in zip(trained, offsets, strict=True):
        live.update(part(whole, slice(max(0, offset - every), offset)), SERIES)
        for feature in features:
            assert feature.read(Asked(live, titles, now[0], "DE")).tobytes() == page[feature.name].tobytes()


def test_what_is_kept_is_bounded_by_the_month():
    live = TitleTrends()
    for day in range(100):
        live.update(columns([(day * 24, 0, n % 3, n % 4, 0, 4.0) for n in range(2)]), SERIES)
    assert len(live._hours) <= 720
    assert len(live._days) <= 32
