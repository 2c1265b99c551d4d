"""frontrow experiment read and plan, as typed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from frontrow.cli.main import app

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "experiments" / "reading"))
from living_service import LivingService


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli")
    living = LivingService(path / "w")
    living.start()
    living.live(days=2, lift=1.3)
    living.opened._parts.store.keep_clock("data")  # now is the newest event, not this machine's time
    living.opened.close()
    return path


def run(folder, *words):
    return CliRunner().invoke(app, ["experiment", *words, "--workspace", str(folder / "w")])


def test_read_says_what_to_do_first(folder):
    done = run(folder, "read", "x", "--report", str(folder / "report.html"))
    assert done.exit_code == 0, done.output
    assert "fewer against control: SHIP" in done.stdout.splitlines()[0]
    page = (folder / "report.html").read_text()
    assert "fewer rows, more watched" in page
    assert "viewing_time (minutes a unit; up is better)" in page
    assert "per playback the largest" in page


def test_read_as_json_is_an_analysis_and_knows_the_look_before(folder):
    looks = [json.loads(run(folder, "read", "x", "--segment", "country", "--json").stdout) for _ in range(2)]
    assert looks[0]["decision"] == "ship"
    assert looks[0]["segments"]
    assert looks[1]["looks"] == looks[0]["looks"] + 1


def test_plan_needs_no_experiment(folder):
    words = ["plan", "--metric", "viewing_time", "--effect", ".05", "--covariate-days", "7"]
    done = run(folder, *words, "--report", str(folder / "plan.svg"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("viewing_time: to find +5.0 % with 80% power")
    assert (folder / "plan.svg").read_text().startswith("<svg")
    plan = json.loads(run(folder, *words, "--json").stdout)
    assert plan["curve"][0]["days"] == 1
    assert run(folder, *words, "--html", str(folder / "plan.html")).exit_code == 0
    assert "</html>" in (folder / "plan.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("read", "y"), 1, "there is no experiment y"),
        (("read", "x", "--segment", "shoes"), 2, "there is no segment shoes"),
        (("read", "x", "--report", "report.txt"), 2, "is an .html file"),
        (("plan", "--metric", "viewing_tme", "--effect", ".02"), 2, "there is no metric viewing_tme"),
        (("plan", "--metric", "viewing_time", "--effect", "-1"), 2, "effect must lie above 0"),
        (("plan", "--metric", "nps", "--effect", ".1", "--covariate-days", "1"), 1, "never moved"),
        (("plan", "--metric", "viewing_time", "--effect", ".1", "--report", "p.png"), 2, ".html or .svg"),
    ],
)
def test_mistakes_are_named_with_the_mend(folder, words, code, says):
    done = run(folder, *words)
    assert done.exit_code == code, done.output
    assert says in " ".join(done.output.split())
    assert "Traceback" not in done.output
