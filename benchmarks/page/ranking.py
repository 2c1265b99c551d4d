"""What scoring costs by itself, in one process on one core, as multiples of the floor loop.

    python benchmarks/page/ranking.py [--titles 4000] [--viewers 300] [--rounds 5] [--keep FOLDER]

The world of world.py, trained with the sequence model. Each viewer is asked once before, so that what is kept of a
history is kept, then plays one title more: `sources` is what every source then says of all titles, `ranking` the
features of 500 candidates and their order by the ranker for one horizon, `sequence` the sequence model's part of
`sources`. Medians over viewers; over the rounds the median, the lowest and the highest. Writes ranking.json.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import contextlib
import json
import platform
import shutil
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from bench import VIEWERS
from floor import floor_ms
from numpy.typing import NDArray
from world import write_world

from frontrow.core.horizon import SESSION
from frontrow.features.moments import Moment
from frontrow.models.artifact import current_version
from frontrow.models.blend import mixture
from frontrow.models.query import Query
from frontrow.models.ranker.inputs import table_of
from frontrow.models.sequence.kept import Kept
from frontrow.models.sequence.model import KEPT_BYTES, SequenceModel
from frontrow.recommend.scoring import Scorer
from frontrow.training import training_data
from frontrow.wiring import MODELS_FOLDER, assemble
from frontrow.workspace import Workspace
from models import SETTINGS, spread

HERE = Path(__file__).resolve().parent
CANDIDATES = 500


def main() -> None:
    """Builds, asks, and tells."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--titles", type=int, default=4_000)
    asked.add_argument("--viewers", type=int, default=300)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--keep", type=Path, metavar="FOLDER", help="where the world stays, or lies from before")
    options = asked.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if current_version(folder / "workspace" / MODELS_FOLDER) is None:
            build(folder, options.titles)
        with Workspace.open(folder / "workspace") as workspace:
            scorer = workspace.engine.rooms.views.fresh().scorer_of(None)
        parts = assemble(folder / "workspace")
        data, _ = training_data(parts, None)
        parts.close()
    queries = []
    for profile in np.unique(data.interactions.profile)[: options.viewers]:
        own = data.interactions.take(data.interactions.profile == profile)
        queries.append(Query(own.title, own.at, own.weight, data.until, country="SE", moment=Moment(20, 1)))
    load = os.getloadavg()[0]
    rounds = [a_round(scorer, queries, data.rankable) for _ in range(options.rounds)]
    names = [name for name in rounds[0] if name != "floor"]
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": round(load, 2)},
        "asked": {"titles": options.titles, "viewers": options.viewers, "rounds": options.rounds},
        "candidates": CANDIDATES,
        "floor_ms": spread([each["floor"] for each in rounds]),
        "ms": {name: spread([each[name] for each in rounds]) for name in names},
        "per_floor": {name: spread([each[name] / each["floor"] for each in rounds]) for name in names},
    }  # fmt: skip
    (HERE / "ranking.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def build(folder: Path, titles: int) -> None:
    """The world in `folder`/workspace, with trained models."""
    shutil.rmtree(folder / "workspace", ignore_errors=True)
    write_world(folder / "tables", titles, VIEWERS)
    with Workspace.init(folder / "workspace", SETTINGS["sequence"]) as workspace:
        workspace.import_tables(folder / "tables")
        workspace.train()


def a_round(scorer: Scorer, queries: list[Query], rankable: NDArray[np.bool_]) -> dict[str, float]:
    """Medians in milliseconds."""
    before = floor_ms()[0]
    took: dict[str, list[float]] = {"sources": [], "ranking": [], "sequence": []}
    content = scorer.sources.content
    forgetting(scorer)
    for query in queries:
        one(scorer, shorter(query), rankable)
        for name, ms in one(scorer, query, rankable).items():
            took[name].append(ms)
    model = forgetting(scorer)
    for query in queries:
        model.score(shorter(query), content, len(rankable))
        started = time.perf_counter()
        model.score(query, content, len(rankable))
        took["sequence"].append((time.perf_counter() - started) * 1e3)
    return {"floor": (before + floor_ms()[0]) / 2} | {name: float(np.median(each)) for name, each in took.items()}


def forgetting(scorer: Scorer) -> SequenceModel:
    """The scorer's sequence model, which keeps nothing yet."""
    models = scorer.sources.models
    assert models is not None
    assert models.sequence is not None
    model = replace(models.sequence, kept=Kept(KEPT_BYTES))
    scorer.sources.models = replace(models, sequence=model)
    return model


def shorter(query: Query) -> Query:
    """Before the latest interaction."""
    return Query(query.titles[:-1], query.at[:-1], query.weights[:-1], query.now, "SE", moment=query.moment)


def one(scorer: Scorer, query: Query, rankable: NDArray[np.bool_]) -> dict[str, float]:
    """Milliseconds of sources and ranking, for one viewer."""
    sources, ranker = scorer.sources, scorer.ranker
    assert ranker is not None
    started = time.perf_counter()
    reading = sources.read(query, len(rankable))
    told = time.perf_counter()
    assert not reading.failed, reading.failed
    blended = (reading.scale * scorer.blend.weights(SESSION, len(reading.history))) @ reading.rows
    candidates = np.sort(np.argpartition(-blended, CANDIDATES)[:CANDIDATES])
    chosen = time.perf_counter()
    ranker.added(table_of(sources, reading, candidates), mixture(SESSION)[None])
    ranked = time.perf_counter()
    return {"sources": (told - started) * 1e3, "ranking": (ranked - chosen) * 1e3}


if __name__ == "__main__":
    main()
