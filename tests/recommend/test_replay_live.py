"""Two workers answer pages while events of the same viewers arrive: every page computes again, none differs.

The measure lies in benchmarks/page/; this is its short form.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MEASURE = Path(__file__).parents[2] / "benchmarks" / "page" / "replay.py"


def test_pages_of_two_workers_compute_again_whatever_arrived_meanwhile() -> None:
    done = subprocess.run(
        [sys.executable, MEASURE, "--seconds", "3", "--viewers", "8"],
        capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip
    told = json.loads(done.stdout[done.stdout.index("{\n") :])
    assert told["differences"] == []
    assert told["compared"] == told["pages"] == told["pages_served"] > 0
    assert told["skipped"] == {}
    assert done.returncode == 0, done.stderr
