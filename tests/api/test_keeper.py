"""The keeper runs its command again and again, survives a run that fails, and ends what is running."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from frontrow.api.keeper import Keeper, compacting


def wait_for(done) -> None:
    until = time.monotonic() + 120  # a busy machine takes its time to start an interpreter
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_runs_again_and_again_though_runs_fail(tmp_path):
    script = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit('it failed')"
    keeper = Keeper([sys.executable, "-c", script, str(tmp_path / "runs")], 0.001)
    keeper.start()
    wait_for(lambda: (tmp_path / "runs").exists() and len((tmp_path / "runs").read_text()) >= 3)
    keeper.stop()
    runs = (tmp_path / "runs").read_text()
    time.sleep(0.3)
    assert (tmp_path / "runs").read_text() == runs


def test_it_ends_a_run_that_is_going_on(tmp_path):
    script = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(600)"
    keeper = Keeper([sys.executable, "-c", script, str(tmp_path / "begun")], 0.001)
    keeper.start()
    wait_for((tmp_path / "begun").exists)
    keeper.stop()
    assert keeper._running is not None
    assert keeper._running.wait(10) != 0


def test_the_command_is_frontrows_own(tmp_path):
    from frontrow.workspace import Workspace

    with Workspace.init(tmp_path / "w") as workspace:
        workspace.ingest([{"event_id": "e", "type": "session_start", "profile_id": "p", "at": "2026-03-01T00:00:00Z"}])
    keeper = Keeper(compacting(tmp_path / "w"), 0.001)
    keeper.start()
    wait_for((Path(tmp_path) / "w" / "lake" / "_delta_log" / f"{1:020}.json").exists)
    keeper.stop()
    with Workspace.open(tmp_path / "w") as workspace:
        assert {each.check: each.level for each in workspace.doctor()}["lake"] == "ok"
