"""What models cost a page: the engine's own, all by default, and all with the sequence model, in one run.

    python benchmarks/page/models.py [--titles 4000] [--pages 200] [--rounds 5] [--keep FOLDER]

The same world for each (world.py), trained with other settings and served by one worker: `engine` has neither ranker
nor what suits a moment nor a running session's part; `default` is what `frontrow train` makes of a log too short for
the sequence model; `sequence` has it too, after one epoch (how long it was trained changes nothing in what it costs).
In each round the servers are started anew and asked twice: `alone`, one server after the other, each with the machine
and its caches to itself; and `in_turns`, all three running, a page of each, who comes first changing from page to page,
so that a machine that is slower for a second is so for all, but none finds its arrays in the cache. A page is asked
right after an event of its profile, as bench.py does. Told are page and scoring (all sources over all titles, features
of the best, ranking) in milliseconds and as multiples of the floor of the same round: the median of the rounds, and the
lowest and highest. Writes models.json.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is there: the floor is one core's
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import contextlib
import json
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from bench import HERE, VIEWERS, WARM, connections, of_pages, page_after_event, serving
from floor import floor_ms
from world import write_world

from frontrow.models.artifact import current_version
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from frontrow.recommend.tuning import Tuning
from frontrow.settings import Settings
from frontrow.wiring import MODELS_FOLDER
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
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--keep", type=Path, metavar="FOLDER", help="where the worlds stay, or lie from before")
    options = asked.parse_args()
    load = os.getloadavg()[0]
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontrow-models-")))
        build(folder, options.titles)
        stamp = datetime.now(UTC).strftime("%H%M%S")  # events of an earlier run in a folder that was kept are others
        rounds = [a_round(folder, options.pages, f"{stamp}-{number}") for number in range(options.rounds)]
    told = {way: compared([each[way] for each in rounds]) for way in ("alone", "in_turns")}
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": round(load, 2)}
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine,
        "asked": {"titles": options.titles, "pages": options.pages, "rounds": options.rounds}, **told,
    }  # fmt: skip
    (HERE / "models.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def build(folder: Path, titles: int) -> None:
    """A trained workspace for each of SETTINGS, of those that are not there, whole."""
    missing = [name for name in SETTINGS if current_version(folder / name / MODELS_FOLDER) is None]
    if missing:
        write_world(folder / "tables", titles, VIEWERS)
    for name in missing:
        shutil.rmtree(folder / name, ignore_errors=True)
        with contextlib.closing(Workspace.init(folder / name, SETTINGS[name])) as workspace:
            workspace.import_tables(folder / "tables")
            workspace.train()


def a_round(folder: Path, pages: int, run: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Pages of every server, alone and in turns."""
    alone: dict[str, dict[str, Any]] = {}
    for name in SETTINGS:
        alone |= asked_in_turns(folder, [name], pages, f"{run}-alone")
    return {"alone": alone, "in_turns": asked_in_turns(folder, list(SETTINGS), pages, run)}


def asked_in_turns(folder: Path, names: list[str], pages: int, run: str) -> dict[str, dict[str, Any]]:
    """Pages of these servers, which run at once."""
    before = floor_ms()
    asked: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        links = {name: connections(stack.enter_context(serving(folder / name, 1)), 1) for name in names}
        for number in range(WARM + pages):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                asked[name].append(page_after_event(links[name], number, f"{run}-{number}"))
        for each in links.values():
            each[0].close()
    after = floor_ms()
    if wrong := sum(page["degraded"] or page["stale"] for each in asked.values() for page in each):
        sys.exit(f"{wrong} pages were degraded or stale")
    return {name: of_pages(each[WARM:], before, after) for name, each in asked.items()}


def compared(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, Any]:
    """Every server's pages over the rounds, and how many times the engine's they took."""
    told: dict[str, Any] = {name: summary([each[name] for each in rounds]) for name in SETTINGS}
    return told | {"page, times the engine's": {
        name: spread([each[name]["page_ms"]["p50"] / each["engine"]["page_ms"]["p50"] for each in rounds])
        for name in ("default", "sequence")
    }}  # fmt: skip


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
