"""Verdicts, guardrails, segments, several arms, and looks that follow each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from unit_tables import simulated

from frontrow.core.errors import UsageError
from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.metric import Metric


def analyze(table: pl.DataFrame, **other: Any) -> Analysis:
    asked = {"unit": "unit", "arm": "arm", "control": "control", "metrics": ["minutes"], "planned_units": 2_000}
    return analyze_table(table, **(asked | other))


def test_a_clear_gain_ships_and_a_clear_loss_stops() -> None:
    assert analyze(simulated(effect=0.3)).decision == "ship"
    assert analyze(simulated(effect=-0.3)).decision == "stop"
    assert analyze(simulated(effect=-0.3), metrics=[Metric(column="minutes", better="down")]).decision == "ship"


def test_no_effect_keeps_running_until_the_minimal_one_is_ruled_out() -> None:
    table = simulated(effect=0.0)
    assert analyze(table).decision == "keep running"
    stopped = analyze(table, minimal_effect=0.5)
    assert stopped.decision == "stop"
    assert "an effect of +50.0 % is ruled out" in stopped.verdicts[0].reasons[0]


def test_a_mismatch_is_broken_whatever_the_effect() -> None:
    table = simulated(effect=0.3).filter((pl.col("arm") == "b") | (pl.col("unit") % 5 > 0))
    found = analyze(table)
    assert found.decision == "broken"
    assert "sample-ratio mismatch" in found.verdicts[0].reasons[0]
    assert analyze(table, shares={"control": 0.8, "b": 1}).decision == "ship"


def test_of_few_units_no_guardrail_is_called_safe() -> None:
    alike = pl.DataFrame({
        "unit": range(36), "arm": ["control", "b"] * 18, "minutes": np.arange(36.0), "plays": np.full(36, 0.95),
    })  # fmt: skip
    found = analyze(alike, metrics=["minutes", Metric(column="plays", margin=0.02)]).guardrails[0]
    assert found.state == "undecided"
    assert found.text == "only 18 units in the smaller arm; nothing is told below 100"


def test_guardrails_hold_back_stop_or_let_pass() -> None:
    table = simulated(effect=0.3)
    hurt = pl.when(pl.col("arm") == "b").then(pl.col("plays") * 0.8).otherwise(pl.col("plays"))
    guard = Metric(column="plays", margin=0.05)
    safe = analyze(table, metrics=["minutes", guard])
    assert (safe.decision, safe.guardrails[0].state) == ("ship", "safe")
    harmed = analyze(table.with_columns(plays=hurt), metrics=["minutes", guard])
    assert (harmed.decision, harmed.guardrails[0].state) == ("stop", "harmed")
    waiting = analyze(table, metrics=["minutes", Metric(column="plays", margin=0.0001)])
    assert (waiting.decision, waiting.guardrails[0].state) == ("keep running", "undecided")
    slower = Metric(column="plays", margin=0.05, better="down")
    assert analyze(table.with_columns(plays=hurt), metrics=["minutes", slower]).guardrails[0].state == "safe"


def test_covariates_narrow_the_interval_as_much_as_they_say() -> None:
    table = simulated(20_000)
    plain, adjusted = analyze(table).effects[0], analyze(table, covariates=["before"]).effects[0]
    assert plain.variance_reduction is None
    assert adjusted.variance_reduction is not None
    rho = float(np.corrcoef(table["minutes"], table["before"])[0, 1])
    assert adjusted.variance_reduction == pytest.approx(rho**2, abs=0.02)
    assert plain.difference_interval is not None
    assert adjusted.difference_interval is not None
    widths = [item.high - item.low for item in (plain.difference_interval, adjusted.difference_interval)]
    assert widths[1] == pytest.approx(widths[0] * (1 - adjusted.variance_reduction) ** 0.5, rel=1e-3)


def test_a_covariate_without_variance_or_twice_changes_nothing() -> None:
    table = simulated().with_columns(one=pl.lit(1.0), again=pl.col("before") * 3)
    alone = analyze(table, covariates=["before"]).effects[0]
    more = analyze(table, covariates=["before", "one", "again"]).effects[0]
    assert more.difference == pytest.approx(alone.difference, rel=1e-6)
    assert more.p_value == pytest.approx(alone.p_value, rel=1e-4)


def test_winsorisation_caps_at_the_pooled_quantile() -> None:
    table = simulated(400)
    found = analyze(table, metrics=[Metric(column="minutes", winsor=0.9)]).effects[0]
    cap = float(np.quantile(table["minutes"], 0.9))
    capped = table.with_columns(pl.col("minutes").clip(upper_bound=cap))
    assert found.difference == pytest.approx(analyze(capped).effects[0].difference)


def test_other_metrics_and_segments_are_corrected_for_their_number() -> None:
    found = analyze(simulated(effect=0.3), metrics=["minutes", "plays", "kept:proportion"], segments=["country"])
    primary, *others = found.effects
    assert primary.adjusted_p_value is None
    assert primary.found
    assert all(item.adjusted_p_value is not None and item.adjusted_p_value >= item.p_value for item in others)
    assert not any(item.found for item in others)
    assert len(found.segments) == 9
    assert {item.segment.level for item in found.segments if item.segment and item.found} == {"NO", "SE", "DK"}
    assert sum(item.control_units for item in found.segments if item.metric == "minutes") == primary.control_units


def test_three_arms_share_the_error() -> None:
    found = analyze(simulated(6_000, effect=0.2, arms=3))
    assert [item.arm for item in found.verdicts] == ["b", "c"]
    assert found.effects[0].confidence == pytest.approx(0.975)
    assert found.verdicts[1].decision == "ship"


def test_a_fixed_horizon_is_read_at_its_end_only() -> None:
    table = simulated(effect=0.3)
    early = analyze(table, method="fixed", planned_units=50_000)
    assert early.decision == "keep running"
    assert "fixed horizon is read at its end only" in early.verdicts[0].reasons[0]
    assert analyze(table, method="fixed", planned_units=1_500).decision == "ship"
    assert "no effect found" in analyze(simulated(), method="fixed", planned_units=1_500).verdicts[0].reasons[0]


def test_later_looks_never_take_back_what_was_said() -> None:
    table = simulated(8_000, effect=0.25)
    # the effect turns round after the first units: the worst that can happen to an early verdict
    turned = table.with_columns(
        minutes=pl.when((pl.col("unit") > 2_500) & (pl.col("arm") == "b")).then(0.1).otherwise("minutes")
    )
    previous = None
    said, lows, p_values = [], [], []
    for end in range(500, 8_001, 500):
        previous = analyze(turned.head(end), previous=previous)
        said.append(previous.decision)
        interval = previous.effects[0].difference_interval
        assert interval is not None
        lows.append(interval.low)
        p_values.append(previous.effects[0].p_value)
    first = said.index("ship")
    assert said == ["keep running"] * first + ["ship"] * (len(said) - first)
    assert lows == sorted(lows)
    assert p_values == sorted(p_values, reverse=True)
    assert previous is not None
    assert previous.looks == 16
    assert any("moved out of an earlier look's interval" in text for text in previous.warnings)
    assert any("decided at an earlier look" in text for text in previous.verdicts[0].reasons)


def test_a_metric_that_could_not_be_read_at_first_joins_at_a_later_look() -> None:
    first = analyze(simulated(500))
    later = analyze(simulated(500), metrics=["minutes", "plays"], previous=first)
    assert [item.metric for item in later.effects] == ["minutes", "plays"]
    with pytest.raises(UsageError, match="previous look"):
        analyze(simulated(500), metrics=["minutes"], previous=later)


def test_a_look_with_another_plan_is_no_further_look() -> None:
    first = analyze(simulated(500))
    for change in ({"planned_units": 10}, {"alpha": 0.01}, {"metrics": ["plays"]}):
        with pytest.raises(UsageError, match="previous look"):
            analyze(simulated(), previous=first, **change)


def test_a_control_near_zero_has_no_lift() -> None:
    table = simulated().with_columns(minutes=pl.col("minutes") - pl.col("minutes").mean())
    found = analyze(table, metrics=[Metric(column="minutes", margin=0.1)])
    assert found.effects[0].lift is None
    assert found.guardrails[0].state == "undecided"
    assert found.effects[0].difference_interval is not None
