"""frontrow experiment analyze: a planted effect is found, and every bad table ends in a message."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app

BASE = ("--unit", "viewer", "--arm", "arm", "--control", "control")
METRICS = ("--metric", "minutes", "--metric", "kept:proportion", "--metric", "minutes:ratio/plays",
           "--metric", "minutes:quantile=.9")  # fmt: skip


def units(count: int = 4_000, effect: float = 0.1, seed: int = 1) -> pl.DataFrame:
    """Half the viewers get the arm `new`, and with it `effect` more minutes."""
    rng = np.random.default_rng(seed)
    treated = np.arange(count) % 2
    before = rng.gamma(4.0, 5.0, count)
    return pl.DataFrame(
        {
            "viewer": [f"v{at}" for at in range(count)],
            "arm": np.where(treated, "new", "control"),
            "minutes": (0.8 * before + rng.gamma(4.0, 2.0, count)) * (1 + effect * treated),
            "before": before,
            "plays": 1 + rng.poisson(3, count),
            "kept": (rng.random(count) < 0.3).astype(int),
            "latency": rng.normal(100.0, 10.0, count),
            "country": np.array(["NO", "SE"])[rng.integers(0, 2, count)],
        }
    )


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "units.csv"
    units().write_csv(path)
    return path


def run(*arguments: object):
    words = ["experiment", "analyze", *map(str, arguments)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"})


def read(*arguments: object) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_planted_effect_ships(table: Path) -> None:
    done = run(table, *BASE, *METRICS, "--covariate", "before", "--planned-units", 2000)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("new against control: SHIP\n")
    for name in ("minutes", "kept:proportion", "minutes:ratio/plays", "minutes:quantile=0.9", "CUPED"):
        assert name in done.stdout


def test_json_has_the_decision_and_the_effect(table: Path) -> None:
    said = read(table, *BASE, *METRICS, "--covariate", "before", "--segment", "country")
    assert said["decision"] == "ship"
    first = said["effects"][0]
    assert first["metric"] == "minutes"
    assert first["lift_interval"]["low"] < 0.1 < first["lift_interval"]["high"]
    assert first["variance_reduction"] > 0.5
    assert {item["segment"]["level"] for item in said["segments"]} == {"NO", "SE"}


def test_parquet_says_what_csv_says(table: Path, tmp_path: Path) -> None:
    pl.read_csv(table).write_parquet(tmp_path / "units.parquet")
    assert read(tmp_path / "units.parquet", *BASE, *METRICS) == read(table, *BASE, *METRICS)


def test_no_effect_keeps_running_and_a_worse_one_stops(tmp_path: Path) -> None:
    for effect, decision in ((0.0, "keep running"), (-0.1, "stop")):
        units(effect=effect).write_csv(tmp_path / "units.csv")
        assert read(tmp_path / "units.csv", *BASE, "--metric", "minutes")["decision"] == decision


def test_less_is_better_where_it_is_said_to_be(table: Path) -> None:
    assert read(table, *BASE, "--metric", "minutes", "--lower-is-better", "minutes")["decision"] == "stop"


def test_a_guardrail_that_is_harmed_stops_what_would_ship(table: Path) -> None:
    slower = pl.read_csv(table).with_columns(
        latency=pl.when(pl.col("arm") == "new").then(pl.col("latency") * 1.1).otherwise(pl.col("latency"))
    )
    slower.write_csv(table)
    guarded = (*BASE, "--metric", "minutes", "--guardrail", "latency=.02", "--lower-is-better", "latency")
    said = read(table, *guarded)
    assert (said["decision"], said["guardrails"][0]["state"]) == ("stop", "harmed")
    quantile = read(table, *BASE, "--metric", "minutes", "--guardrail", "latency:quantile=.5=.5")
    assert (quantile["guardrails"][0]["metric"], quantile["decision"]) == ("latency:quantile=0.5", "ship")


def test_a_fixed_horizon_waits_for_its_sample(table: Path) -> None:
    plan = (*BASE, "--metric", "minutes", "--method", "fixed", "--planned-units")
    assert read(table, *plan, 5000)["decision"] == "keep running"
    assert read(table, *plan, 2000)["decision"] == "ship"


def test_intended_shares_are_what_sizes_are_held_against(table: Path) -> None:
    shares = ("--share", "control=.9", "--share", "new=.1")
    assert read(table, *BASE, "--metric", "minutes")["mismatch"]["broken"] is False
    said = read(table, *BASE, "--metric", "minutes", *shares)
    assert (said["decision"], said["mismatch"]["broken"]) == ("broken", True)


def test_a_verdict_is_not_withdrawn_at_the_next_look(table: Path, tmp_path: Path) -> None:
    first = run(table, *BASE, "--metric", "minutes", "--json")
    (tmp_path / "look1.json").write_text(first.stdout)
    units(8_000, effect=0.0, seed=2).write_csv(table)
    assert read(table, *BASE, "--metric", "minutes")["decision"] == "keep running"
    again = read(table, *BASE, "--metric", "minutes", "--previous", tmp_path / "look1.json")
    assert (again["decision"], again["looks"]) == ("ship", 2)
    assert "decided at an earlier look: ship" in again["verdicts"][0]["reasons"]
    changed = run(table, *BASE, "--metric", "plays", "--previous", tmp_path / "look1.json")
    assert changed.exit_code == 2
    assert "previous look had another primary metric" in changed.stderr


class Loads(HTMLParser):
    """What a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(tag, value) for name, value in attrs if name in ("src", "href", "xlink:href", "data")]
        if tag in ("script", "link", "iframe", "img"):
            self.found.append((tag, None))


def test_the_report_is_one_file_that_loads_nothing(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    done = run(table, *BASE, *METRICS, "--segment", "country", "--report", out, "--title", "Rows & <b>columns</b>")
    assert done.exit_code == 0, done.output
    page = out.read_text("utf-8")
    loads = Loads()
    loads.feed(page)
    assert loads.found == []
    for word in ("http", "url(", "@import", "<b>columns"):
        assert word not in page
    assert "Rows &amp; &lt;b&gt;columns" in page
    assert "<svg" in page
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "units.csv"]


def test_a_report_that_fails_leaves_the_old_one(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report.html"
    out.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run(table, *BASE, "--metric", "minutes", "--report", out)
    assert (done.exit_code, out.read_text()) == (1, "old")
    assert done.stderr == f"error: cannot write {out}: No space left on device\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "units.csv"]


# Bad tables. Each is (a change of the good one, options, exit code, what is said).


def doubled(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.head(1)])


def negative(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(minutes=pl.col("minutes") - 10)


def mistyped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(minutes=pl.lit("many"))


def infinite(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(minutes=pl.lit(float("inf")))


def too_early(frame: pl.DataFrame) -> pl.DataFrame:
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    at = [begin + timedelta(minutes=row) for row in range(frame.height)]
    shift = pl.when(pl.col("viewer") == "v7").then(pl.duration(minutes=-5)).otherwise(pl.duration(minutes=5))
    times = frame.with_columns(exposed=pl.Series(at)).with_columns(first=pl.col("exposed") + shift)
    form = "%Y-%m-%dT%H:%M:%S%:z"
    return times.with_columns(pl.col("exposed", "first").dt.strftime(form))


MINUTES = ("--metric", "minutes")
REFUSED = {
    "a column that is not there": (None, ("--metric", "minuts"), 2, "no column minuts in the table\n  Did you mean"),
    "a unit's column that is not there": (None, (*MINUTES, "--segment", "planet"), 2, "no column planet"),
    "one unit repeated": (doubled, MINUTES, 1, "1 units have more than one row, for example viewer v0"),
    "a control that nobody has": (None, (*MINUTES, "--control", "old"), 2, "no unit has old in column arm"),
    "an arm with no units": (
        None, (*MINUTES, "--share", "control=1", "--share", "new=1", "--share", "c=1"), 1, "arm c has no units"),
    "one arm": (lambda frame: frame.filter(pl.col("arm") == "control"), MINUTES, 1, "has only the arm control"),
    "no rows": (lambda frame: frame.head(0), MINUTES, 1, "has no rows"),
    "text": (mistyped, MINUTES, 1, "column minutes holds String, not numbers"),
    "infinite": (infinite, MINUTES, 1, "column minutes holds infinite values"),
    "negative viewing time": (negative, (*MINUTES, "--non-negative", "minutes"), 1, "column minutes is negative for"),
    "an outcome before exposure": (
        too_early, (*MINUTES, "--exposed-at", "exposed", "--outcome-at", "first"), 1,
        "1 units have an outcome from before their exposure, for example viewer v7"),
    "exposure without outcome": (None, (*MINUTES, "--exposed-at", "before"), 2, "go together"),
    "times that are none": (
        None, (*MINUTES, "--exposed-at", "country", "--outcome-at", "country"), 1, "country does not hold times"),
    "a proportion of more than yes and no": (None, ("--metric", "plays:proportion"), 1, "holds more than 0 and 1"),
    "an unknown quantile": (None, ("--metric", "minutes:quantile=2"), 2, "quantile must lie between 0 and 1"),
    "arm and unit exchanged": (None, (*MINUTES, "--arm", "viewer", "--unit", "arm"), 2, "4,000 different values"),
    "arm and unit alike": (None, (*MINUTES, "--arm", "viewer"), 2, "both name viewer"),
    "alpha": (None, (*MINUTES, "--alpha", "5"), 2, "alpha must lie between"),
    "a plan of nothing": (None, (*MINUTES, "--planned-units", "0"), 2, "planned units must be above zero"),
    "a guardrail without margin": (None, (*MINUTES, "--guardrail", "latency"), 2, "Write COL=MARGIN"),
    "a guardrail in percent": (None, (*MINUTES, "--guardrail", "latency=2"), 2, "margin must lie between 0 and 1"),
    "a winsor quantile": (None, (*MINUTES, "--winsor", "minutes=99"), 2, "must lie between .5 and 1"),
    "a direction of nothing": (None, (*MINUTES, "--lower-is-better", "hides"), 2, "Metrics here: minutes"),
    "a metric as covariate": (None, (*MINUTES, "--covariate", "minutes"), 2, "both a metric and a covariate"),
    "a missing last look": (None, (*MINUTES, "--previous", "no.json"), 1, "no.json does not exist"),
    "a last look that is none": (None, (*MINUTES, "--previous", "units.csv"), 1, "does not hold an analysis"),
    "a report in no folder": (None, (*MINUTES, "--report", "no/r.html"), 1, "does not exist"),
    "a report over the table": (None, (*MINUTES, "--report", "units.csv"), 2, "the report is an .html file"),
    "a method that is none": (None, (*MINUTES, "--method", "bayes"), 2, "bayes"),
    "no metric": (None, (), 2, "--metric"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_said(case: str, table: Path) -> None:
    change, options, code, message = REFUSED[case]
    if change is not None:
        change(pl.read_csv(table)).write_csv(table)
    done = run(table, *BASE, *options)
    assert done.exit_code == code, done.output
    assert message in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("none.csv", None, 1, "none.csv does not exist"),
        ("units.xlsx", b"PK", 2, "neither .csv nor .parquet"),
        ("empty.csv", b"", 1, "cannot be read"),
        ("broken.parquet", b"PAR1 and no more", 1, "cannot be read"),
        ("ragged.csv", b"viewer,arm,minutes\n1,control,1\n2,new,2,3,4\n", 1, "cannot be read"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes | None, code: int, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = run(tmp_path / name, *BASE, *MINUTES)
    assert (done.exit_code, message in done.stderr) == (code, True), done.output
    as_json = run(tmp_path / name, *BASE, *MINUTES, "--json")
    assert message in json.loads(as_json.stdout)["error"] + str(json.loads(as_json.stdout).get("mend"))


def test_a_column_of_lists_is_refused_without_a_traceback(tmp_path: Path) -> None:
    frame = units(100).with_columns(country=pl.lit([1, 2]))
    frame.write_parquet(tmp_path / "units.parquet")
    done = run(tmp_path / "units.parquet", *BASE, *MINUTES, "--segment", "country")
    assert (done.exit_code, "cannot be analysed" in done.stderr) == (1, True), done.output


# Tables that can be read, with something to say.


def test_units_in_two_arms_break_the_experiment(table: Path) -> None:
    frame = pl.read_csv(table)
    crossed = frame.head(200).with_columns(
        arm=pl.when(pl.col("arm") == "new").then(pl.lit("control")).otherwise(pl.lit("new"))
    )
    pl.concat([frame, crossed]).write_csv(table)
    said = read(table, *BASE, *MINUTES)
    assert said["decision"] == "broken"
    assert "200 of 4000 units are in two arms" in said["verdicts"][0]["reasons"][0]


def test_no_variance_says_so_and_decides_nothing(table: Path) -> None:
    pl.read_csv(table).with_columns(minutes=pl.lit(3.0)).write_csv(table)
    said = read(table, *BASE, *MINUTES)
    assert said["decision"] == "keep running"
    assert "no variance" in " ".join(said["warnings"])


def test_missing_values_are_counted(table: Path) -> None:
    frame = pl.read_csv(table)
    frame.with_columns(minutes=pl.when(pl.col("viewer") == "v3").then(float("nan")).otherwise("minutes")).write_csv(
        table
    )
    said = read(table, *BASE, *MINUTES)
    assert said["warnings"] == ["1 units have no minutes and are left out of its metrics"]


def test_a_few_negative_minutes_are_warned_of_where_they_were_not_ruled_out(table: Path) -> None:
    frame = pl.read_csv(table)
    frame.with_columns(minutes=pl.when(pl.col("viewer") == "v3").then(-5.0).otherwise("minutes")).write_csv(table)
    (warning,) = read(table, *BASE, *MINUTES)["warnings"]
    assert warning.startswith("1 units have minutes below zero (down to -5): if it never can be, say --non-negative")
    frame.with_columns(minutes=pl.col("minutes") - 20).write_csv(table)  # a metric that has both signs
    assert read(table, *BASE, *MINUTES)["warnings"] == []


def test_bots_are_kept_and_named_or_left_out(table: Path) -> None:
    frame = pl.read_csv(table)
    frame.with_columns(minutes=pl.when(pl.col("viewer") == "v3").then(1e6).otherwise("minutes")).write_csv(table)
    kept = read(table, *BASE, *MINUTES)
    dropped = read(table, *BASE, *MINUTES, "--drop-bots")
    assert kept["warnings"][0].endswith("; kept")
    assert dropped["warnings"][0].endswith("; left out")
    assert (kept["decision"], dropped["decision"]) == ("keep running", "ship")
    capped = read(table, *BASE, *MINUTES, "--winsor", "minutes=.999")
    assert capped["decision"] == "ship"
