"""frontrow compact and frontrow verify from the command line: reports, retention, and errors that say the mend."""

from __future__ import annotations

import json
import subprocess
import sys
from random import Random

import pytest
from typer.testing import CliRunner

from frontrow import Workspace
from frontrow.cli.main import app
from frontrow.core.clock import DAY, format_time, wall_clock
from frontrow.core.errors import FrontrowError


def run(*arguments: str):
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert "Traceback" not in done.output
    return done


@pytest.fixture
def folder(tmp_path):
    with Workspace.init(tmp_path / "w") as workspace:
        workspace.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(30)])
        now = wall_clock()
        workspace.ingest(
            [
                {"event_id": f"e{n}", "type": "stop", "profile_id": f"p{n % 5}", "title_id": f"t{n % 30}",
                 "seconds": 900.0, "fraction": 0.95, "at": format_time(now - n * DAY)}
                for n in range(60)
            ]
        )  # fmt: skip
    return tmp_path / "w"


def findings(folder, check: str) -> list[tuple[str, str]]:
    told = json.loads(run("doctor", "--workspace", str(folder), "--json").stdout)["findings"]
    return [(each["level"], each["message"]) for each in told if each["check"] == check]


def test_compact_reports_and_doctor_tells(folder):
    assert findings(folder, "lake")[0][1].startswith("there is none yet")
    done = run("compact", "--workspace", str(folder))
    assert done.exit_code == 0
    assert "60 events taken over; the lake stands at offset 60" in done.output
    again = json.loads(run("compact", "--workspace", str(folder), "--json").stdout)
    assert (again["retired"], again["lake"]["rows"], again["lake"]["offset"]) == (0, 0, 60)
    ((level, message),) = findings(folder, "lake")
    assert level == "ok"
    assert message.startswith("60 events up to offset 60 in 1 files of 1 days")


def test_what_the_lake_lacks_or_has_twice_is_found_and_mended(folder):
    run("compact", "--workspace", str(folder))
    with Workspace.open(folder) as workspace:
        table = workspace._parts.store.lake.table
        state = table.state()
        rows = table.read(state.files[0])
        table.commit(state, [table.write(state, rows.head(4), state.files[0].day)], [], 60, new_rows=True)
    assert findings(folder, "lake") == [("fail", "up to offset 60 the lake has 4 too many of the log's events")]
    done = run("compact", "--anew", "--workspace", str(folder))
    assert "the lake was made anew: asked for" in done.output
    assert findings(folder, "lake")[0][0] == "ok"
    with Workspace.open(folder) as workspace:
        state = table.state()
        table.commit(state, [], [state.files[0]], 60, new_rows=True)
    assert findings(folder, "lake") == [("fail", "up to offset 60 the lake lacks 60 of the log's events")]


def test_retention_is_a_setting_that_may_not_break_the_promise_of_30_days(folder):
    (folder / "frontrow.toml").write_text("[events]\nkeep_days = 7\n")
    done = run("compact", "--workspace", str(folder))
    assert done.exit_code != 0
    assert "keep_days must be 0 (for ever) or at least 31" in done.output
    (folder / "frontrow.toml").write_text("[events]\nkeep_days = 31\n")
    assert "events taken over" in run("compact", "--workspace", str(folder)).output
    with Workspace.open(folder, wall=lambda: wall_clock() + 40 * DAY) as later:
        later.home("p0")
        with pytest.raises(FrontrowError, match="All events are older") as error:
            later.compact()  # or the clock is wrong
        assert "--let-all-go" in error.value.mend
        assert len(later.export_profile("p0")["events"]) == 12
        one = {"event_id": "now", "type": "session_start", "profile_id": "p1", "at": format_time(later.now())}
        later.ingest([one])
        report = later.compact()
        assert (report.retired, report.lake.dropped_days) == (60, 1)
        assert later.export_profile("p0")["events"] == []
        assert len(later.export_profile("p1")["events"]) == 1
        assert later.verify().different == 0
    with Workspace.open(folder, wall=lambda: wall_clock() + 80 * DAY) as later:
        assert later.compact(let_all_go=True).retired == 1


def test_training_is_the_same_with_a_lake_and_without(folder):
    with Workspace.open(folder) as workspace:
        plain = workspace.train(quick=True)
        workspace.compact()
        laid = workspace.train(quick=True)
    assert (plain.counts, plain.validation) == (laid.counts, laid.validation)


def test_a_disk_without_space_leaves_the_lake_as_it_was(folder):
    run("compact", "--workspace", str(folder))
    with Workspace.open(folder) as workspace:
        random = Random(1)
        big = {"type": "search", "profile_id": "p9", "at": format_time(wall_clock())}
        workspace.ingest([big | {"event_id": f"s{n}", "query": random.randbytes(900).hex()} for n in range(900)])
    limited = 'ulimit -f 117; exec "$@"'  # 120 KB a file, by the shell: a fork of this process may hold JAX's threads
    full = subprocess.run(
        ["/bin/bash", "-c", limited, "bash", sys.executable, "-m", "frontrow", "compact", "--workspace", folder],
        capture_output=True, text=True, check=False, env={"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert full.returncode == 1
    assert "cannot be" in full.stderr
    assert "Traceback" not in full.stderr
    assert findings(folder, "lake")[0][0] == "ok"
    done = run("compact", "--workspace", str(folder))
    assert "900 events taken over" in done.output
    assert findings(folder, "lake")[0][0] == "ok"


def test_verify_says_what_it_compared(folder):
    (folder / "frontrow.toml").write_text("[pages]\nvalues_share = 1.0\n")
    with Workspace.open(folder) as workspace:
        workspace.home("p0")
        workspace.home("p1")
    done = run("verify", "--workspace", str(folder))
    assert done.exit_code == 0
    assert "2 of 2 sampled pages computed again" in done.output
    assert "no difference" in done.output
    with Workspace.open(folder) as workspace:
        workspace._parts.store.writer.transact(
            lambda connection: connection.execute("UPDATE events SET fraction = 0.1")
        )
    wrong = run("verify", "--workspace", str(folder))
    assert wrong.exit_code == 1
    assert "DIFFERS" in wrong.output
    assert json.loads(run("verify", "--workspace", str(folder), "--json").stdout)["different"] > 0
    assert run("verify", "--pages", "0", "--workspace", str(folder)).exit_code == 2
