"""frontrow demo: what an interruption left undone is completed, and what is not its own is left alone."""

from __future__ import annotations

import json
import socket

import pytest
from typer.testing import CliRunner

from frontrow.cli import demo
from frontrow.cli.main import app
from frontrow.core.errors import FrontrowError
from frontrow.simulate import settings
from frontrow.simulate.settings import WorldSettings

TINY = WorldSettings(titles=60, profiles=40, days=8)


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setattr(settings, "QUICK", TINY)


def told(path):
    lines = []
    return demo.make(path, True, lines.append), lines


def test_from_nothing_to_a_workspace_that_serves_and_again_at_once(tmp_path):
    took, lines = told(tmp_path / "demo")
    assert list(took) == ["simulate", "import", "train"]
    assert lines[0].startswith("1/3")
    assert not (tmp_path / "demo" / demo.TABLES).exists()
    took, lines = told(tmp_path / "demo")
    assert not took
    assert not lines


@pytest.mark.parametrize("step", ["_simulate", "_import", "_train"])
@pytest.mark.parametrize("late", [False, True])
def test_interrupted_in_any_step_the_second_start_completes_it(tmp_path, monkeypatch, step, late):
    done = getattr(demo, step)

    def interrupted(*arguments):
        if late:
            done(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(demo, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            told(tmp_path)
    told(tmp_path)
    from frontrow.workspace import Workspace

    with Workspace.open(tmp_path) as workspace:
        assert workspace.home("p-00001").model != "none"
    assert told(tmp_path)[0] == {}


def test_the_other_size_is_told(tmp_path):
    told(tmp_path)
    lines = []
    demo.make(tmp_path, False, lines.append)
    assert "holds the quick demo" in lines[0]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(FrontrowError, match="no demo's"):
        told(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_broken_mark_says_how_to_start_afresh(tmp_path):
    (tmp_path / demo.MARK).write_text("{")
    with pytest.raises(FrontrowError, match="cannot be read"):
        told(tmp_path)


def test_a_port_in_use_is_told_before_the_work(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = CliRunner().invoke(app, ["demo", "--port", str(port), "--workspace", str(tmp_path / "w")])
    assert done.exit_code == 1
    assert "in use" in done.output
    assert not (tmp_path / "w").exists()


def test_for_machines_stdout_is_json_alone(tmp_path):
    done = CliRunner().invoke(app, ["demo", "--quick", "--no-serve", "--json", "--workspace", str(tmp_path / "w")])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)["seconds"]) == {"simulate", "import", "train"}
