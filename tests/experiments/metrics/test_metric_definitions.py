"""Each metric, from the events that it is defined on to a unit's number."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from viewer_events import START, event, page, totals_of, watch

from frontrow.core.clock import DAY
from frontrow.core.errors import UsageError
from frontrow.experiments.metrics.definitions import METRICS, metric_named

HOUR, ONE_DAY = 3600, 86_400
DOCS = Path(__file__).resolve().parents[3] / "docs" / "experiments.md"


def value(name, totals):
    """A unit's value of a metric."""
    columns = metric_named(name).columns
    return totals[columns[0]] if len(columns) == 1 else totals[columns[0]] / totals[columns[1]]


def test_viewing_time_is_the_largest_seconds_of_each_playback():
    events = [
        event("play", 0, 1, playback=7),
        event("progress", 600, 1, playback=7, seconds=600.0, fraction=0.2),
        event("progress", 700, 1, playback=7, seconds=500.0, fraction=0.1),  # fewer than before: nothing is added
        event("stop", 900, 1, playback=7, seconds=900.0, fraction=0.3),
        *watch(2 * HOUR, 2, 300),
    ]
    assert value("viewing_time", totals_of(*events)) == pytest.approx(20)


def test_viewing_time_across_midnight_falls_on_the_day_on_which_it_was_watched():
    night = ONE_DAY - 600
    events = [
        event("play", night, 1, playback=7),
        event("progress", night + 500, 1, playback=7, seconds=500.0, fraction=0.1),
        event("stop", night + 1100, 1, playback=7, seconds=1100.0, fraction=0.2),
    ]
    assert totals_of(*events, days=1)["viewing_minutes"] == pytest.approx(500 / 60)
    assert totals_of(*events, days=2)["viewing_minutes"] == pytest.approx(1100 / 60)


def test_without_a_playback_id_a_playback_ends_at_its_stop_or_after_four_hours():
    events = [
        event("play", 0, 1),
        event("stop", 300, 1, seconds=300.0, fraction=0.1),
        event("progress", 400, 1, seconds=200.0, fraction=0.1),  # another playback: 200 more
        event("progress", 5 * HOUR, 1, seconds=150.0, fraction=0.1),  # over 4 hours later: 150 more
    ]
    totals = totals_of(*events)
    assert totals["viewing_minutes"] == pytest.approx(650 / 60)
    assert value("qualified_plays", totals) == 3


def test_qualified_plays_last_more_than_two_minutes():
    assert value("qualified_plays", totals_of(*watch(0, 1, 120), *watch(600, 2, 121), *watch(9000, 2, 500))) == 2


def test_time_to_select_goes_from_session_start_to_the_first_play_that_lasts():
    events = [
        event("session_start", 0),
        *watch(60, 1, 30),
        *watch(200, 2, 900),
        *watch(2000, 3, 900),
        event("session_start", ONE_DAY),
        event("session_end", ONE_DAY + 50),
        *watch(ONE_DAY + 60, 1, 900),  # after the end: of no session that has a start
        event("session_start", 2 * ONE_DAY, session=5),
        *watch(2 * ONE_DAY + 100, 1, 900, session=6),  # another session
        *watch(2 * ONE_DAY + 2 * HOUR, 1, 900, session=5),
    ]
    totals = totals_of(*events)
    assert totals["selections"] == 2
    assert value("time_to_select", totals) == pytest.approx(100 + HOUR)


def test_a_session_without_an_id_ends_after_thirty_minutes_without_an_event():
    assert totals_of(event("session_start", 0), *watch(1801, 1, 900))["selections"] == 0
    assert totals_of(event("session_start", 0), *watch(1799, 1, 900))["selections"] == 1


def test_top_picks_accuracy_counts_pages_from_which_a_pick_was_played():
    pages = [
        page("named", 0, picks=[1, 2]),
        page("seen", 1000, picks=[3]),
        page("other", 2000, picks=[3]),  # a play came from it, of a title that was not among its picks
        page("nothing", 3000, picks=[1, 2, 3]),
        page("late", 4000, picks=[5]),
        page("without", 5000),  # no Top Picks on it: does not count
    ]
    events = [
        *watch(10, 2, 300, page="named"),
        *watch(500, 1, 300, page="named"),
        event("impression", 1100, 3, page="seen"),
        *watch(1200, 3, 300),
        *watch(2100, 4, 300, page="other"),
        *watch(3100, 1, 100, page="nothing"),
        *watch(4000 + 25 * HOUR, 5, 300, page="late"),
    ]
    totals = totals_of(*events, pages=pages)
    assert (totals["pick_hits"], totals["pick_pages"]) == (2, 5)
    assert value("top_picks_accuracy", totals) == pytest.approx(0.4)


def test_a_play_of_an_episode_is_one_of_its_series():
    pages = [page("p", 0, picks=[1])]
    assert totals_of(*watch(10, 2, 300, page="p"), pages=pages, series_of=[0, 1, 1, 3])["pick_hits"] == 1


def test_completion_is_of_titles_however_many_playbacks_they_take():
    events = [
        *watch(0, 1, 1000, fraction=0.4),
        *watch(ONE_DAY, 1, 1000, fraction=0.95),
        *watch(2 * ONE_DAY, 1, 1000, fraction=0.99),
        *watch(3 * ONE_DAY, 2, 1000, fraction=0.5),
        *watch(4 * ONE_DAY, 3, 60, fraction=0.9),  # short, but to its end
        *watch(5 * ONE_DAY, 4, 60, fraction=0.1),  # not started
    ]
    totals = totals_of(*events)
    assert (totals["finished"], totals["started"]) == (2, 3)
    assert value("completion", totals) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], 1),
        (watch(10 * ONE_DAY, 1, 300, fraction=0.15), 1),  # touched again, and left again
        (watch(10 * ONE_DAY, 1, 300, fraction=0.5), 0),
        (watch(15 * ONE_DAY, 1, 300, fraction=0.95), 1),  # it was abandoned when it was taken up again
        ([event("rate", 10 * ONE_DAY, 1, value=4.0)], 0),
    ],
)
def test_abandonment_is_below_a_fifth_and_untouched_for_14_days(later, expected):
    totals = totals_of(*watch(0, 1, 300, fraction=0.1), *later)
    assert (totals["abandoned"], totals["started_long_ago"]) == (expected, 1)
    assert value("abandonment", totals) == expected


def test_of_a_title_begun_before_nothing_that_becomes_of_it_counts():
    """The share is of titles begun in the time read: what was begun under another arm is not this one's."""
    begun = [*watch(-ONE_DAY, 1, 300, fraction=0.1), *watch(-ONE_DAY + 900, 2, 300, fraction=0.5)]
    ended = [*watch(2 * ONE_DAY, 2, 300, fraction=0.95), *watch(3 * ONE_DAY, 3, 300, fraction=0.95)]
    totals = totals_of(*begun, *ended)
    assert (totals["started"], totals["finished"], totals["abandoned"]) == (1, 1, 0)


def test_before_the_end_of_the_time_read_is_what_counts():
    """So that numbers from before exposure hold nothing of what came after it."""
    events = [*watch(0, 1, 300, fraction=0.5), *watch(5 * ONE_DAY, 1, 300, fraction=0.95)]
    assert totals_of(*events, days=5)["finished"] == 0
    assert totals_of(*events, days=6)["finished"] == 1


def test_abandonment_falls_on_the_day_on_which_the_14_days_are_over():
    assert totals_of(*watch(0, 1, 300, fraction=0.1), days=14)["abandoned"] == 0
    assert totals_of(*watch(0, 1, 300, fraction=0.1), days=15)["abandoned"] == 1


def test_diversity_is_the_effective_number_of_genres_of_viewing_time():
    genres = [(1, 0, 1.0), (2, 1, 1.0), (3, 0, 0.5), (3, 1, 0.5)]
    assert value("diversity", totals_of(*watch(0, 1, 600), *watch(ONE_DAY, 2, 600), genres=genres)) == pytest.approx(2)
    assert value("diversity", totals_of(*watch(0, 3, 600), genres=genres)) == pytest.approx(2)
    assert value("diversity", totals_of(*watch(0, 1, 600), genres=genres)) == pytest.approx(1)
    uneven = totals_of(*watch(0, 1, 900), *watch(ONE_DAY, 2, 300), genres=genres)
    assert value("diversity", uneven) == pytest.approx(math.exp(-0.75 * math.log(0.75) - 0.25 * math.log(0.25)))
    assert value("diversity", totals_of(event("session_start", 0), genres=genres)) == 0


def test_new_title_discovery_is_within_thirty_days_of_joining():
    added = [0, START - 29 * DAY, START - 31 * DAY, START + DAY, START]
    events = [*watch(0, 1, 300), *watch(9000, 1, 300), *watch(18000, 2, 300), *watch(27000, 3, 300)]
    assert value("new_title_discovery", totals_of(*events, added_at=added)) == 1
    episodes = [*watch(0, 1, 300), *watch(9000, 2, 300)]
    assert totals_of(*episodes, series_of=[0, 4, 4, 3, 4], added_at=added)["new_titles"] == 1


@pytest.mark.parametrize(("day", "expected"), [(0.2, 0), (1, 1), (7, 1), (8.5, 0)])
def test_return_rate_is_of_the_seven_days_after_the_first(day, expected):
    assert value("return_rate", totals_of(*watch(0, 1, 60), event("session_start", day * ONE_DAY))) == expected


def test_return_rate_leaves_out_who_was_observed_for_less():
    assert totals_of(*watch(0, 1, 60), days=7)["returned"] is None
    assert totals_of(*watch(0, 1, 60), days=8)["returned"] == 0


@pytest.mark.parametrize(
    ("types", "expected"), [((), 0), (("cancel",), 1), (("cancel", "rejoin"), 0), (("cancel", "rejoin", "cancel"), 1)]
)
def test_churn_is_a_cancel_without_a_later_rejoin(types, expected):
    events = [event(type_, at * 10 * ONE_DAY) for at, type_ in enumerate(types)]
    assert value("churn", totals_of(*events, *watch(5, 1, 60))) == expected


def test_the_account_churns_whichever_profile_says_so():
    events = [*watch(0, 1, 600), event("cancel", 5, profile=2), *watch(9, 1, 600, profile=3)]
    found = totals_of(*events, members={"profile": [1, 2, 3], "unit": ["a", "a", "b"]})
    assert (found["a"]["churned"], found["b"]["churned"]) == (1, 0)
    assert found["a"]["viewing_minutes"] == found["b"]["viewing_minutes"] == pytest.approx(10)


def test_list_adds_and_hides_are_counted():
    events = [event("list_add", 0, 1), event("list_add", 9, 2), event("hide", 20, 3), event("unhide", 30, 3)]
    totals = totals_of(*events)
    assert (value("list_adds", totals), value("hides", totals)) == (2, 1)


def test_survey_score_and_nps_by_topic():
    said = [("nps", 10), ("nps", 9), ("NPS", 8), ("nps", 6), ("home", 7), ("home", 4)]
    totals = totals_of(*(event("survey", at, topic=topic, value=float(v)) for at, (topic, v) in enumerate(said)))
    assert value("nps", totals) == pytest.approx(25)
    assert value("survey_score", totals) == pytest.approx(5.5)


def test_page_latency_and_degraded_pages():
    pages = [page("a", 0, took_ms=20.0), page("b", 9, took_ms=40.0, degraded=True), page("c", 20, took_ms=None)]
    totals = totals_of(event("session_start", 0), pages=pages)
    assert value("page_latency", totals) == pytest.approx(30)
    assert value("degraded_pages", totals) == pytest.approx(1 / 3)


def test_a_unit_to_which_nothing_happened_counts_with_zeros():
    totals = totals_of(*watch(0, 1, 600, profile=2), members={"profile": [1], "unit": ["1"]})["1"]
    assert {totals[metric.value] for metric in METRICS} == {0}


def test_an_unknown_metric_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="there is no metric viewing_tine") as caught:
        metric_named("viewing_tine")
    assert "viewing_time" in caught.value.mend


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_complete_documented_and_tested(metric):
    assert metric.meaning.endswith(".")
    assert metric.unit
    assert (
        f"| `{metric.name}` | {metric.meaning} | {metric.unit} | {metric.better} | {metric.kind} |" in DOCS.read_text()
    )
    assert f'"{metric.name}"' in Path(__file__).read_text()
    assert set(metric.columns) <= set(totals_of(event("session_start", 0)))
    assert metric.metric().name == metric.name
