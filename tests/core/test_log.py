"""What a program that opens a workspace writes to stdout is its own."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from frontrow import Workspace
with Workspace.init(sys.argv[1]) as opened:
    opened.put_titles([{"title_id": f"t{n}", "name": f"T{n}"} for n in range(5)])
    opened.log([{"event_id": f"e{n}", "type": "rate", "profile_id": "p", "title_id": f"t{n}", "value": 5,
                 "at": f"2026-01-0{n + 1}T00:00:00Z"} for n in range(5)])
    opened.train(quick=True)
    assert opened.home("p").model != "none"
    (opened.path / "models" / "current").write_text("nothing")
    opened.train(quick=True)
    opened.home("p")
print("mine")
"""


def test_logs_leave_stdout_to_the_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "w")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "mine\n"), done.stderr
    assert "model taken up" not in done.stderr  # nothing was wrong
