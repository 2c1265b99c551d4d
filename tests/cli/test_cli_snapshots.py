"""frontrow experiment snapshots, as typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two series of ten looks: one in which the arm is better, one without a difference."""
    rows = [
        {"service": "x", "test": test, "day": day, "count_c": 1000 * day, "count_t": 1000 * day, "mean_c": 5.0,
         "mean_t": 5.0 + gain, "variance_c": 4.0, "variance_t": 4.0}
        for test, gain in (("better", 0.3), ("same", 0.001))
        for day in range(1, 11)
    ]  # fmt: skip
    path = tmp_path / "snapshots.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


def run(*words: object):
    return CliRunner().invoke(app, ["experiment", "snapshots", *map(str, words)], env={"NO_COLOR": "1"})


def test_each_series_has_its_verdict(table: Path) -> None:
    done = run(table, "--by", "test", "--column", "time=day")
    assert done.exit_code == 0, done.output
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"better: SHIP since \d; 10 looks, difference 0.3 \(.* to .*\)", first), first
    assert second.startswith("same: KEEP RUNNING; 10 looks")
    series = json.loads(run(table, "--by", "test", "--column", "time=day", "--json").stdout)["series"]
    assert [each["decision"] for each in series] == ["ship", "keep running"]
    worse = json.loads(run(table, "--by", "test", "--column", "time=day", "--lower-is-better", "--json").stdout)
    assert worse["series"][0]["decision"] == "stop"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "no column experiment_id"),
        (("--by", "test"), 2, "no column time_since_start"),
        (("--by", "test", "--column", "when=day"), 2, "Roles: time, control_units"),
        (("--by", "test", "--column", "day"), 2, "--column day is no ROLE=COL"),
        (("--by", "test", "--column", "time=count_c", "--alpha", "7"), 2, "alpha must lie"),
        (("--by", "mean_c", "--column", "time=day"), 2, "column mean_c is named twice"),
        (("--by", "service", "--column", "time=day"), 1, "two snapshots of one time"),
        (("--by", "test", "--column", "time=day", "--planned-units", "0"), 2, "above zero"),
    ],
)
def test_mistakes_are_named(table: Path, words: tuple[str, ...], code: int, says: str) -> None:
    done = run(table, *words)
    assert done.exit_code == code, done.output
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "does not exist" in run(tmp_path / "no.csv").stderr
