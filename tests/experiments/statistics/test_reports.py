"""The report stands alone, says the verdict, and is the same as its JSON."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit_tables import simulated

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.analysis import Analysis, analysis_from_json
from frontrow.experiments.statistics.analyze import analyze_table
from frontrow.experiments.statistics.html_page import STYLE
from frontrow.experiments.statistics.html_report import html_report
from frontrow.experiments.statistics.interval_chart import nice_ticks
from frontrow.experiments.statistics.metric import Metric
from frontrow.experiments.statistics.novelty import Novelty, effect_by_day
from frontrow.experiments.statistics.text_report import text_report, told_segments
from frontrow.experiments.statistics.words import number, percent


def days(fading: float, units: int = 2_000, count: int = 10) -> list[Novelty]:
    rng = np.random.default_rng(1)
    unit, day = np.repeat(np.arange(units), count), np.tile(np.arange(count), units)
    arm = unit % 2
    value = rng.lognormal(0, 1, units * count) + arm * np.exp(-fading * day)
    frame = pl.DataFrame({"unit": unit, "day": day, "arm": arm, "minutes": value})
    return effect_by_day(frame, unit="unit", arm="arm", control="0", day="day", value="minutes", days=count)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    found = analyze_table(
        simulated(6_000, effect=0.2, arms=3).rename({"minutes": "<b>&"}),
        unit="unit",
        arm="arm",
        control="control",
        metrics=["<b>&", "kept:proportion", "<b>&:ratio/plays", "<b>&:quantile=.9", Metric(column="plays", margin=0.1)],
        covariates=["before"],
        segments=["country"],
    )
    return msgspec.structs.replace(found, novelty=days(0.4))


def test_the_page_stands_alone_and_is_well_formed(analysis: Analysis) -> None:
    page = html_report(analysis, "Bigger <artwork>", "does it help?")
    assert not re.search(r"https?://|src=|@import|url\(|<script|<link", page)
    body = page[page.index("<body>") : page.index("</html>")]
    root = ElementTree.fromstring(body)
    assert len(root.findall(".//svg")) == 3
    text = "".join(root.itertext())
    assert "Bigger <artwork>" in text
    for verdict in analysis.verdicts:
        assert f"{verdict.arm}: {verdict.decision}" in text
        for reason in verdict.reasons:
            assert reason in text
    for warning in analysis.warnings:
        assert warning in text


def test_json_holds_everything(analysis: Analysis) -> None:
    assert analysis_from_json(analysis.to_json()) == analysis


def test_the_text_names_each_metric_and_the_way_to_read_it(analysis: Analysis) -> None:
    text = text_report(analysis)
    for effect in analysis.effects:
        assert effect.metric in text
    assert "confidence sequences, valid at every look" in text
    assert "CUPED" in text
    assert all(len(line) < 200 for line in text.splitlines())


def test_a_report_without_anything_optional_is_complete() -> None:
    table = simulated(300).with_columns(minutes=pl.lit(1.0))
    bare = analyze_table(table, unit="unit", arm="arm", control="control", metrics=["minutes"], method="fixed")
    assert "one look at a sample fixed ahead" in text_report(bare)
    ElementTree.fromstring(html_report(bare, "x").split("\n", 1)[1].split("</head>", 1)[1].removesuffix("</html>\n"))


def test_names_of_any_kind_do_no_harm() -> None:
    """Markup, right-to-left text and names without end: shown as they are, and nothing runs or breaks out."""
    script, arabic, long = '<script>alert("x")</script>', 'قائمة & "أفضل" <b>', "a-very-long-name-" * 14
    random = np.random.default_rng(1)
    table = pl.DataFrame(
        {
            "unit": np.arange(900),
            "arm": np.array([script, arabic, long])[random.integers(0, 3, 900)],
            "<img src=x onerror=alert(1)>": random.gamma(2.0, 10.0, 900),
            "country": np.array(["<i>SE", "עברית"])[random.integers(0, 2, 900)],
        }
    )
    found = analyze_table(
        table, unit="unit", arm="arm", control=script, metrics=["<img src=x onerror=alert(1)>"], segments=["country"]
    )
    page = html_report(found, script + long, arabic, [(script, arabic)])
    body = page[page.index("<body>") : page.index("</html>")]
    root = ElementTree.fromstring(body)
    assert {each.tag for each in root.iter()}.isdisjoint({"script", "img", "i"})
    said = "".join(root.itertext())
    for name in (script, arabic, long, "<img src=x onerror=alert(1)>", "<i>SE", "עברית"):
        assert name in said
    assert (
        f"<bdi>{arabic.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</bdi>".replace('"', "&quot;")
        in body
    )  # its letters do not turn those of the verdict around
    assert '<td class="long">' in body


def test_every_mark_of_a_figure_has_a_colour() -> None:
    """A line without a stroke is drawn by no browser."""
    for tone in ("good", "bad", "open"):
        for mark in ("line", "polyline"):
            assert re.search(rf"\b{mark}\.{tone}\b[^{{]*{{ stroke: ", STYLE)
        assert re.search(rf"\bcircle\.{tone}\b[^{{]*{{ fill: ", STYLE)


def test_nothing_is_found_in_a_segment_in_which_nobody_did_anything() -> None:
    """What is constant there has no variance, however CUPED and rounding would make it look."""
    random = np.random.default_rng(3)
    count = 2_000
    country = np.array(["SE", "NO"])[random.integers(0, 2, count)]
    table = pl.DataFrame(
        {
            "unit": np.arange(count),
            "arm": np.array(["control", "new"])[random.integers(0, 2, count)],
            "country": country,
            "minutes": random.gamma(2.0, 10.0, count),
            "hides": np.where(country == "SE", 0, random.random(count) < 0.02).astype(float),
            "stayed": np.where(country == "SE", 1, random.random(count) < 0.9).astype(float),
            "before": random.poisson(0.5, count),
        }
    )
    found = analyze_table(
        table, unit="unit", arm="arm", control="control", metrics=["minutes", "hides", "stayed:proportion"],
        covariates=["before"], segments=["country"],
    )  # fmt: skip
    silent = [e for e in found.segments if e.segment and e.segment.level == "SE" and e.metric != "minutes"]
    assert [(e.control_value, e.arm_value, e.difference, e.difference_interval, e.p_value) for e in silent] == [
        (0.0, 0.0, 0.0, None, 1.0), (1.0, 1.0, 0.0, None, 1.0)
    ]  # fmt: skip
    assert {e.metric for e in told_segments(found)} == {"minutes"}
    assert "and 4 more, in which nothing was found" in text_report(found)
    assert "All 6 effects in segments" in html_report(found, "x")


def test_an_effect_that_fades_is_called_so() -> None:
    (fading,) = days(0.4)
    assert fading.state == "fading"
    assert fading.change < 0
    assert [item.day for item in fading.days] == list(range(10))
    assert fading.days[0].difference == pytest.approx(1.0, abs=0.3)
    (steady,) = days(0.0)
    assert steady.state == "steady"
    (growing,) = days(-0.1)
    assert growing.state == "growing"


def test_days_give_the_same_bits_in_any_order_of_rows() -> None:
    random = np.random.default_rng(2)
    frame = pl.DataFrame(
        {
            "u": np.repeat(np.arange(500), 6), "a": np.repeat(np.array(["c", "t"])[np.arange(500) % 2], 6),
            "d": np.tile(np.arange(6), 500), "v": random.lognormal(0, 2, 3_000),
        }
    )  # fmt: skip
    asked = {"unit": "u", "arm": "a", "control": "c", "day": "d", "value": "v", "days": 6}
    assert effect_by_day(frame, **asked) == effect_by_day(frame.sample(fraction=1.0, shuffle=True, seed=4), **asked)


def test_days_without_a_row_are_zero_and_wrong_tables_are_refused() -> None:
    frame = pl.DataFrame({"u": [1, 2, 3, 4], "a": ["c", "c", "t", "t"], "d": [0, 1, 0, 1], "v": [1.0, 3.0, 5.0, 7.0]})
    asked = {"unit": "u", "arm": "a", "control": "c", "day": "d", "value": "v"}
    (found,) = effect_by_day(frame, days=2, **asked)
    assert [item.difference for item in found.days] == pytest.approx([2.0, 2.0])
    assert found.change == pytest.approx(0.0)
    with pytest.raises(FrontrowError, match="two rows for one day"):
        effect_by_day(pl.concat([frame, frame]), days=2, **asked)
    with pytest.raises(FrontrowError, match="in two arms"):
        effect_by_day(frame.with_columns(u=pl.Series([1, 2, 1, 4]), d=pl.Series([0, 1, 1, 1])), days=2, **asked)
    with pytest.raises(UsageError, match="no unit has x"):
        effect_by_day(frame, days=2, **(asked | {"control": "x"}))


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
@example(900719925.8203125, 1.192092896e-07)
def test_scales_hold_what_they_show(low: float, reach: float) -> None:
    ticks = nice_ticks(low, low + reach)
    assert 2 <= len(ticks) <= 9
    slack = 1e-6 * max(abs(low), abs(low + reach), 1e-9)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + reach - slack


def test_numbers_read_well() -> None:
    assert [number(value) for value in (0, 3.14159, 12345.6, 1e-9)] == ["0", "3.142", "12,346", "1.000e-09"]
    assert [percent(value) for value in (0.0, 0.0312, -0.0005, 2.5, -0.00001)] == [
        "0 %", "+3.1 %", "-0.05 %", "+250 %", "0 %",
    ]  # fmt: skip
