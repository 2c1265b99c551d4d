"""A plan from a past whose mean and variance are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from frontrow.core.clock import DAY
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.metrics.definitions import metric_named
from frontrow.experiments.metrics.tables import nothing_yet
from frontrow.experiments.metrics.unit_days import DAYS, shaped
from frontrow.experiments.reading.plan import Wanted, make_plan
from frontrow.experiments.reading.plan_chart import plan_html, plan_lines, plan_svg
from frontrow.experiments.statistics.power import sample_plan

UNITS, PAST, TODAY = 4_000, 60, 20_000
GENRES = pl.DataFrame(schema={"title": pl.Int32, "genre": pl.Int32, "share": pl.Float64})
VIEWING = metric_named("viewing_time")


@pytest.fixture(scope="module")
def past():
    """Everybody is there every day, for 30 ± 20 minutes (by chance) around a level of their own."""
    random = np.random.default_rng(5)
    level = np.repeat(random.gamma(25.0, 1.2, UNITS), PAST)
    minutes = np.clip(level + random.normal(0, 20, UNITS * PAST), 0, None)
    days = pl.DataFrame(
        {
            "profile": np.repeat(np.arange(UNITS), PAST),
            "day": np.tile(np.arange(TODAY - PAST, TODAY), UNITS),
            "viewing_seconds": 60 * minutes,
            "active": 1,
        }
    )
    members = pl.DataFrame({"profile": np.arange(UNITS), "unit": [str(n) for n in range(UNITS)], "consents": True})
    return replace(nothing_yet(), days=shaped(days, DAYS)), members


def planned(past, metric=VIEWING, effect=0.01, **wanted):
    return make_plan(Wanted(metric, effect, **wanted), "profile", *past, GENRES, TODAY * DAY + 5)


def test_the_minimal_effect_is_the_textbooks(past):
    plan = planned(past, covariate_days=0)
    day = past[0].days.filter(pl.col("day") >= TODAY - 14).group_by("profile").agg(pl.col("viewing_seconds").sum() / 60)
    mean, variance = float(day["viewing_seconds"].mean()), float(day["viewing_seconds"].var())
    point = next(each for each in plan.curve if each.days == 14)
    assert point.mean == pytest.approx(mean)
    assert point.units == UNITS / 2
    needed = sample_plan(variance, point.fixed_effect * mean)
    assert needed.fixed_units == pytest.approx(UNITS / 2)
    needed = sample_plan(variance, point.sequence_effect * mean)
    assert needed.sequence_units == pytest.approx(UNITS / 2)


def test_the_days_are_where_the_curve_crosses_the_effect(past):
    plan = planned(past, effect=0.03, covariate_days=0)
    before = max((each for each in plan.curve if each.sequence_effect > 0.03), key=lambda each: each.days)
    after = min((each for each in plan.curve if each.sequence_effect <= 0.03), key=lambda each: each.days)
    assert before.days <= plan.sequence_days <= after.days
    assert plan.fixed_days < plan.sequence_days
    assert plan.expected_days < plan.sequence_days


def test_what_was_known_before_shortens_it(past):
    without, with_ = planned(past, covariate_days=0), planned(past, covariate_days=28)
    last = with_.curve[-1]
    assert last.variance_reduction > 0.45
    same = next(each for each in without.curve if each.days == last.days)
    assert last.fixed_effect == pytest.approx(same.fixed_effect * np.sqrt(1 - last.variance_reduction), rel=0.02)


def test_more_arms_and_less_coverage_take_longer(past):
    one = planned(past).curve[-1]
    assert planned(past, arms=3).curve[-1].fixed_effect > one.fixed_effect
    half = planned(past, coverage=0.5).curve[-1]
    assert half.units == one.units / 2
    assert half.fixed_effect == pytest.approx(one.fixed_effect * np.sqrt(2))


def test_an_effect_that_the_past_never_finds_has_no_days(past):
    plan = planned(past, effect=0.0001)
    assert plan.sequence_days is None  # everybody has come already: no more units arrive
    assert plan.sequence_units > UNITS
    assert "not within a year at this pace" in "\n".join(plan_lines(plan))


def test_the_figure_and_the_page_stand_alone(past):
    plan = planned(past)
    svg, page = plan_svg(plan), plan_html(plan)
    assert svg.startswith("<svg xmlns")
    assert svg.count("<polyline") == 2
    assert page.count("<svg") == 1
    assert "viewing_time" in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"effect": 0.0}, "effect must lie above 0"),
        ({"effect": float("nan")}, "effect must lie above 0"),
        ({"arms": 1}, "2 to 50 arms"),
        ({"coverage": 0.0}, "coverage must lie above 0"),
        ({"power": 1.0}, "alpha must lie between"),
        ({"covariate_days": -1}, "cannot be negative"),
    ],
)
def test_what_cannot_be_planned_is_refused(past, change, says):
    with pytest.raises(UsageError, match=says):
        planned(past, **{"effect": 0.02} | change)


def test_a_past_that_is_too_short_says_how_short(past):
    with pytest.raises(FrontrowError, match="reaches back 60 days; 60 of them"):
        planned(past, covariate_days=60)
    with pytest.raises(FrontrowError, match="no events before today"):
        make_plan(Wanted(VIEWING, 0.02), "profile", nothing_yet(), past[1], GENRES, TODAY * DAY)
    with pytest.raises(FrontrowError, match="hides never moved"):
        planned(past, metric=metric_named("hides"))
