"""frontrow experiment start and stop, as typed."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from frontrow import Workspace
from frontrow.cli.main import app

ARMS = [{"key": "control", "weight": 0.5}, {"key": "fewer", "weight": 0.5, "overrides": {"tuning.because_rows": 1}}]
DESIGN = {"experiment_id": "rows", "hypothesis": "fewer is more", "arms": ARMS, "primary": "viewing_time"}


@pytest.fixture
def folder(tmp_path):
    Workspace.init(tmp_path / "w").close()
    return tmp_path


def run(folder, *words):
    return CliRunner().invoke(app, ["experiment", *words, "--workspace", str(folder / "w")])


def stated(folder, **fields):
    path = folder / "design.json"
    path.write_text(json.dumps(DESIGN | fields))
    return str(path)


def test_from_a_file_to_running_to_stopped(folder):
    started = run(folder, "start", stated(folder), "--json")
    assert started.exit_code == 0, started.output
    assert json.loads(started.stdout)["state"] == "running"
    with Workspace.open(folder / "w") as opened:
        assert opened.home("ana").experiments.keys() == {"rows"}
        assert opened.show("experiments")[0]["state"] == "running"
    assert "stopped" in run(folder, "stop", "rows").stdout
    assert run(folder, "start", "rows").exit_code == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("stop", "nothing"), "there is no experiment nothing"),
        (("start", "nothing"), "there is no experiment nothing"),
        (("start", "nothing.json"), "cannot be read"),
    ],
)
def test_mistakes_are_named(folder, words, says):
    done = run(folder, *words)
    assert done.exit_code == 1
    assert says in done.output
    assert "Traceback" not in done.output


def test_an_override_of_nothing_is_named_with_the_nearest(folder):
    arms = [ARMS[0], {"key": "b", "weight": 0.5, "overrides": {"tuning.becouse_rows": 1}}]
    done = run(folder, "start", stated(folder, arms=arms))
    assert done.exit_code == 1
    assert "tuning.because_rows" in done.output
    assert "/arms/1/overrides" in done.output
