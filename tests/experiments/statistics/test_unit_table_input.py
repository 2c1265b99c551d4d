"""What is wrong with a table is said clearly, before any number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from unit_tables import simulated

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.analysis import Analysis
from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.metric import Metric, parse_metric
from frontrow.experiments.statistics.table_file import read_unit_table


def analyze(table: pl.DataFrame, **other: Any) -> Analysis:
    asked = {"unit": "unit", "arm": "arm", "control": "control", "metrics": ["minutes"]} | other
    return analyze_table(table, **asked)


TABLE = simulated(400)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": ["minuts"]}, "no column minuts.*Did you mean minutes"),
        ({"covariates": ["befor"]}, "no column befor.*Did you mean before"),
        ({"segments": ["county"]}, "no column county.*Did you mean country"),
        ({"unit": "zzz"}, "no column zzz.*Columns: unit, arm"),
        ({"control": "kontrol"}, "no unit has kontrol in column arm.*b, control"),
        ({"metrics": ["country"]}, "column country holds String, not numbers"),
        ({"metrics": ["minutes:proportion"]}, "column minutes holds more than 0 and 1"),
        ({"metrics": []}, "no metric given"),
        ({"metrics": ["minutes", "minutes:mean"]}, "given twice"),
        ({"metrics": ["before"], "covariates": ["before"]}, "both a metric and a covariate"),
        ({"alpha": 1.5}, "alpha"),
        ({"planned_units": 0}, "planned units"),
        ({"minimal_effect": -0.1}, "minimal effect"),
        ({"shares": {"control": 1, "b": 1, "c": 1}}, "arm c has no units"),
        ({"shares": {"control": 1}}, "shares must give every arm"),
    ],
)
def test_wrong_calls_say_what_and_how_to_mend(change: dict[str, Any], message: str) -> None:
    with pytest.raises(FrontrowError, match=message):
        analyze(TABLE, **change)


def test_no_rows_or_one_arm_is_no_experiment() -> None:
    with pytest.raises(FrontrowError, match="no rows"):
        analyze(TABLE.head(0))
    with pytest.raises(FrontrowError, match="only the arm control"):
        analyze(TABLE.filter(pl.col("arm") == "control"))


def test_a_repeated_unit_is_refused_with_an_example() -> None:
    with pytest.raises(FrontrowError, match=r"1 units have more than one row, for example unit 0.*sum its values"):
        analyze(pl.concat([TABLE, TABLE.head(1)]))


def test_few_units_in_two_arms_are_left_out_many_break_the_experiment() -> None:
    table = simulated(3_000)
    other = pl.when(pl.col("arm") == "b").then(pl.lit("control")).otherwise(pl.lit("b"))
    few = analyze(pl.concat([table, table.head(2).with_columns(arm=other)]))
    assert few.warnings[0] == "2 of 3000 units are in two arms of arm and are left out"
    assert sum(item.units for item in few.arms) == 2_998
    many = analyze(pl.concat([table, table.head(30).with_columns(arm=other)]))
    assert many.decision == "broken"
    assert "30 of 3000 units are in two arms" in many.verdicts[0].reasons[0]


def test_missing_values_leave_units_out_of_that_metric_only() -> None:
    gaps = TABLE.with_columns(minutes=pl.when(pl.col("unit") < 40).then(float("nan")).otherwise("minutes"))
    found = analyze(gaps, metrics=["minutes", "plays"])
    assert "40 units have no minutes" in found.warnings[0]
    assert "more often in one arm" not in found.warnings[0]
    first, second = found.effects
    assert first.control_units + first.arm_units == 360
    assert second.control_units + second.arm_units == 400


def test_values_missing_in_one_arm_only_are_called_out() -> None:
    lost = (pl.col("arm") == "b") & (pl.col("unit") < 200)
    found = analyze(TABLE.with_columns(minutes=pl.when(lost).then(None).otherwise("minutes")))
    assert "more often in one arm" in found.warnings[0]


def test_units_without_an_arm_are_left_out_and_without_a_name_refused() -> None:
    nobody = TABLE.with_columns(arm=pl.when(pl.col("unit") < 5).then(None).otherwise("arm"))
    assert analyze(nobody).warnings[0] == "5 units have no arm and are left out"
    with pytest.raises(FrontrowError, match="3 rows have no unit"):
        analyze(TABLE.with_columns(unit=pl.when(pl.col("unit") < 3).then(None).otherwise("unit")))


def test_infinite_and_empty_columns_are_refused() -> None:
    with pytest.raises(FrontrowError, match="column minutes holds infinite values"):
        analyze(TABLE.with_columns(minutes=pl.col("minutes") / (pl.col("unit") > 0).cast(pl.Float64)))
    with pytest.raises(FrontrowError, match="column minutes holds no values"):
        analyze(TABLE.with_columns(minutes=pl.lit(None, pl.Float64)))


def test_negative_viewing_time_is_refused_where_declared() -> None:
    negative = TABLE.with_columns(minutes=pl.col("minutes") - 3)
    assert analyze(negative).effects
    with pytest.raises(FrontrowError, match="column minutes is negative for"):
        analyze(negative, metrics=[Metric(column="minutes", non_negative=True)])


def test_bots_are_flagged_with_the_rule_and_left_out_when_asked() -> None:
    bots = TABLE.with_columns(minutes=pl.when(pl.col("unit") < 2).then(1e5).otherwise("minutes"))
    kept = analyze(bots)
    assert any("2 units look like bots: minutes above" in text and "kept" in text for text in kept.warnings)
    dropped = analyze(bots, drop_bots=True)
    assert any("left out" in text for text in dropped.warnings)
    assert dropped.effects[0].control_units + dropped.effects[0].arm_units == 398
    declared = analyze(TABLE, metrics=[Metric(column="minutes", ceiling=100.0)])
    assert any("above 100, more than a unit can do, as declared" in text for text in declared.warnings)


def test_no_variance_gives_no_interval() -> None:
    found = analyze(TABLE.with_columns(minutes=pl.lit(3.0)))
    assert found.effects[0].difference_interval is None
    assert found.effects[0].p_value == 1
    assert "no variance" in found.warnings[0]
    assert found.decision == "keep running"


def test_too_few_units_decide_nothing() -> None:
    tiny = pl.DataFrame({"unit": [1, 2, 3], "arm": ["control", "control", "b"], "minutes": [1.0, 2.0, 3.0]})
    with pytest.raises(FrontrowError, match="too few units"):
        analyze(tiny)
    small = analyze(simulated(100, effect=20.0), shares={"control": 0.5, "b": 0.5})
    assert small.decision == "keep running"
    assert "nothing is decided below 100" in small.verdicts[0].reasons[0]


def test_a_covariate_that_differs_before_is_called_out() -> None:
    leaking = simulated().with_columns(before=pl.col("before") + (pl.col("arm") == "b"))
    found = analyze(leaking, covariates=["before"])
    assert any("before differs between b and control" in text for text in found.warnings)
    gaps = simulated().with_columns(before=pl.when(pl.col("unit") < 9).then(None).otherwise("before"))
    assert "9 units have no before; they count as average" in analyze(gaps, covariates=["before"]).warnings[0]


def test_numbers_and_flags_name_arms_too() -> None:
    numbered = TABLE.with_columns(arm=(pl.col("arm") == "b").cast(pl.Int8))
    assert analyze(numbered, control="0").arms[1].arm == "1"
    flagged = TABLE.with_columns(arm=pl.col("arm") == "b")
    assert analyze(flagged, control="False").arms[1].arm == "true"


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("a", Metric(column="a")),
        ("a:mean", Metric(column="a")),
        ("a:proportion", Metric(column="a", kind="proportion")),
        ("a:ratio/b", Metric(column="a", kind="ratio", denominator="b")),
        ("a:quantile=.9", Metric(column="a", kind="quantile", quantile=0.9)),
        ("odd:name", Metric(column="odd:name")),
        ("odd:name:mean", Metric(column="odd:name")),
    ],
)
def test_metrics_are_written_as_the_command_line_takes_them(text: str, metric: Metric) -> None:
    assert parse_metric(text) == metric
    assert parse_metric(metric.name) == metric


@pytest.mark.parametrize("text", ["", ":mean", "a:quantile=2", "a:quantile=x", "a:quantile="])
def test_other_metrics_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_metric(text)


def test_files_are_read_or_refused(tmp_path: Path) -> None:
    TABLE.write_parquet(tmp_path / "t.parquet")
    TABLE.write_csv(tmp_path / "t.csv")
    assert analyze(read_unit_table(tmp_path / "t.csv")).effects[0].difference == pytest.approx(
        analyze(read_unit_table(tmp_path / "t.parquet")).effects[0].difference
    )
    (tmp_path / "bad.parquet").write_bytes(b"no")
    for name, message in (("no.csv", "does not exist"), ("t.xlsx", "neither"), ("bad.parquet", "cannot be read")):
        with pytest.raises(FrontrowError, match=message):
            read_unit_table(tmp_path / name)
