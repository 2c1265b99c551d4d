"""What models cost a page: the engine's own, all by default, and all with the sequence model, in one run.

    python benchmarks/page/models.py [--titles 4000] [--pages 200] [--rounds 3]

The same world for each (world.py), trained with other settings and served by one worker: `engine` has neither ranker
nor what suits a moment nor a running session's part; `default` is what `frontrow train` makes of a log too short for
the sequence model; `sequence` has it too, after one epoch (how long it was trained changes nothing in what it costs).
Rounds take turns; a page is asked right after an event of its profile, as bench.py does. Told are page and scoring (all
sources over all titles, features of the best, ranking) in milliseconds and as multiples of the floor of the same round:
the median of the rounds, and the lowest and highest. Writes models.json.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from bench import HERE, VIEWERS, measure
from world import write_world

from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from frontrow.recommend.tuning import Tuning
from frontrow.settings import Settings
from frontrow.workspace import Workspace

NONE = SequenceSettings(epochs=0)
SETTINGS = {
    "engine": Settings(
        models=ModelSettings(ranker=False, context_pairs=0, sequence=NONE), tuning=Tuning(session_intent=0)
    ),
    "default": Settings(models=ModelSettings(sequence=NONE)),
    "sequence": Settings(models=ModelSettings(sequence=SequenceSettings(epochs=1, least_interactions=0))),
}


def main() -> None:
    """Builds all, asks in turns, and tells."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--titles", type=int, default=4_000)
    asked.add_argument("--pages", type=int, default=200)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="frontrow-models-"))
    load = os.getloadavg()[0]
    try:
        write_world(folder / "tables", options.titles, VIEWERS)
        for name, settings in SETTINGS.items():
            with contextlib.closing(Workspace.init(folder / name, settings)) as workspace:
                workspace.import_tables(folder / "tables")
                workspace.train()
        rounds = [
            {name: measure(folder / name, options.titles, 1, options.pages, str(number)) for name in SETTINGS}
            for number in range(options.rounds)
        ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = {name: summary([each[name] for each in rounds]) for name in SETTINGS}
    told["page, times the engine's"] = {
        name: spread([each[name]["page_ms"]["p50"] / each["engine"]["page_ms"]["p50"] for each in rounds])
        for name in ("default", "sequence")
    }
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": round(load, 2)}
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine,
        "asked": {"titles": options.titles, "pages": options.pages, "rounds": options.rounds}, **told,
    }  # fmt: skip
    (HERE / "models.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Pages and scoring, over all rounds; each stage's median of medians."""
    scoring = [run["stages_ms_p50"]["score"] for run in runs]
    return {
        "page_ms_p50": spread([run["page_ms"]["p50"] for run in runs]),
        "page_per_floor": spread([run["page_per_floor"]["p50"] for run in runs]),
        "scoring_ms_p50": spread(scoring),
        "scoring_per_floor": spread([ms / run["floor_ms"]["p50"] for ms, run in zip(scoring, runs, strict=True)]),
        "stages_ms_p50": {
            stage: round(float(np.median([run["stages_ms_p50"][stage] for run in runs])), 3)
            for stage in runs[0]["stages_ms_p50"]
        },
    }


def spread(values: list[float]) -> dict[str, float]:
    """Median, lowest and highest."""
    return {"median": round(float(np.median(values)), 2), "low": round(min(values), 2), "high": round(max(values), 2)}


if __name__ == "__main__":
    main()
