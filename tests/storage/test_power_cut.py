"""A power cut at any moment loses no event that was answered 202: a served workspace's system calls, replayed.

The measure itself and its model of a disk lie in benchmarks/durability/; this is its short form.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = Path(__file__).parents[2] / "benchmarks" / "durability" / "power_cut.py"


def test_the_sync_comes_before_the_202_and_no_cut_loses_doubles_or_tears() -> None:
    seed = secrets.randbelow(2**32)
    command = [sys.executable, MEASURE, "--posts", "20", "--size", "10", "--cuts", "25", "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode == 3:
        pytest.skip(f"not looked at: {done.stderr.strip()}")
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["answered"] == told["as_it_is"]["cuts_before_a_202"] == 20
    bad = {kind: told["as_it_is"][kind] for kind in ("lost", "doubled", "torn", "damaged")}
    assert not any(bad.values()), f"seed {seed}: {bad}"
    assert told["without_syncs"]["lost"], "the measure sees what a missing sync loses"
    assert done.returncode == 0, done.stderr
