"""A small simulated service: the same seed gives the same files, and a workspace takes all of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app
from frontrow.workspace import Workspace

TABLES = ("titles.parquet", "profiles.parquet", "events.parquet")


def simulate(folder: Path, seed: int) -> Path:
    asked = ["simulate", "history", "--out", str(folder), "--seed", str(seed)]
    done = CliRunner().invoke(app, [*asked, "--titles", "120", "--profiles", "60", "--days", "12"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> Path:
    return simulate(tmp_path_factory.mktemp("simulated") / "one", 3)


def test_the_same_seed_gives_the_same_files_and_another_seed_others(tables, tmp_path):
    again, other = simulate(tmp_path / "again", 3), simulate(tmp_path / "other", 4)
    for name in TABLES:
        assert (tables / name).read_bytes() == (again / name).read_bytes()
        assert (tables / name).read_bytes() != (other / name).read_bytes()


def test_a_workspace_takes_every_record_and_answers_a_personal_page(tables, tmp_path):
    with Workspace.init(tmp_path / "workspace") as workspace:
        report = workspace.import_tables(tables, strict=True)
        assert report.rejected == 0
        assert report.titles.accepted == pl.read_parquet(tables / "titles.parquet").height
        assert report.events.accepted == pl.read_parquet(tables / "events.parquet").height
        workspace.train(quick=True)
        busiest = pl.read_parquet(tables / "events.parquet")["profile_id"].value_counts(sort=True)["profile_id"][0]
        page = workspace.home(busiest)
        assert page.model != "none"
        assert "top_picks" in {row.kind for row in page.rows}


def test_events_name_known_titles_and_profiles_in_order_of_time(tables):
    events = pl.read_parquet(tables / "events.parquet")
    titles = set(pl.read_parquet(tables / "titles.parquet")["title_id"])
    profiles = set(pl.read_parquet(tables / "profiles.parquet")["profile_id"])
    assert set(events["title_id"].drop_nulls()) <= titles
    assert set(events["profile_id"]) <= profiles
    assert events["event_id"].is_unique().all()
    assert events["at"].is_sorted()
