"""A disk that fills: what does not fit is refused whole, nothing accepted is lost, and it heals when space returns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FILL = Path(__file__).with_name("fill_disk.py")


@pytest.mark.parametrize("limit", [1_500_000, 2_345_678, 4_000_000])
def test_a_disk_that_fills_refuses_loses_nothing_and_heals(tmp_path: Path, limit: int) -> None:
    done = subprocess.run(
        [sys.executable, FILL, tmp_path / "w", str(limit)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["acknowledged"]
    assert told["refused"] == 3
    assert told["full"] == {"held": len(told["acknowledged"]), "damage": []}
    assert told["healed"] == 1
    assert told["held"] == [*told["acknowledged"], "after"]
    assert told["damage"] == []
