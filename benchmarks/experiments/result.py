"""Where a benchmark leaves its figures: a JSON file of the same name beside it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def write(script: str, figures: dict[str, Any], began: float) -> None:
    """Figures, the gate's answer to each, and the seconds taken; exit 1 when a gate is missed."""
    figures["seconds"] = round(time.perf_counter() - began, 1)
    path = Path(script).with_suffix(".json")
    path.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(json.dumps(figures, indent=1))
    gates = figures.get("gates", {})
    if not all(gates.values()):
        sys.exit(f"missed: {', '.join(name for name, met in gates.items() if not met)}")
