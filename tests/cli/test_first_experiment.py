"""The recipe "Your first A/B test", followed: its design, its script and its commands, on a small service."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app
from frontrow.workspace import Workspace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments" / "reading"))
from living_service import LivingService

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes.md"


def blocks():
    """(language, text) of the recipe's fenced blocks."""
    text = RECIPES.read_text("utf-8")
    section = text[text.index("## Your first A/B test") : text.index("## Plan, run and read an experiment")]
    return re.findall(r"```(\w+)\n(.*?)```", section, re.S)


def commands():
    """Its `frontrow` commands, as words, but the one that makes the demo."""
    lines = [line for kind, text in blocks() if kind == "sh" for line in text.splitlines()]
    return [line.split()[1:] for line in lines if line.startswith("frontrow ") and " demo " not in line]


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    living = LivingService(tmp_path / "shop", viewers=24)
    living.opened._parts.store.keep_clock("data")
    living.opened.close()
    return tmp_path


def run(words):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, (words, done.output)
    return done.stdout


def test_the_recipe_can_be_followed(shop):
    (design,) = [text for kind, text in blocks() if kind == "json"]
    (script,) = [text for kind, text in blocks() if kind == "python"]
    Path("fewer-rows.json").write_text(design)
    plan, start, read, stop = commands()
    assert [words[1] for words in (plan, start, read, stop)] == ["plan", "start", "read", "stop"]
    assert run(plan).startswith("viewing_time: to find")
    assert "running since" in run(start)
    exec(compile(script, "viewers.py", "exec"), {"__name__": "__main__"})
    assert run(read).startswith("forward against control: ")
    found = json.loads(run([*read, "--json"]))
    assert sum(arm["units"] for arm in found["arms"]) == 24
    assert {"viewing_time", "completion", "top_picks_accuracy"} <= {each["metric"] for each in found["effects"]}
    assert "stopped" in run(stop)
    assert {"plan.html", "report.html"} <= {path.name for path in shop.iterdir()}
    lines = [line for kind, text in blocks() if kind == "sh" for line in text.splitlines()]
    (winner,) = [line for line in lines if line.startswith("sed ")]
    with Workspace.open("shop") as before:
        assert before.settings.tuning.because_rows > 0
    subprocess.run(winner, shell=True, check=True)
    with Workspace.open("shop") as after:
        assert after.settings.tuning.because_rows == 0
