"""How far what a session has opened and played should move its scores, and what that is worth.

    python benchmarks/intent/run.py [--seeds 401,402,403] [--titles N] [--profiles N] [--days N]

A service is simulated as it is and `--without session` (sessions then have no intent of their own); models are fitted
on the first 0.8 of its events. After that, before every play, and before its own title was opened (BEFORE), where the
running session had opened or played something else, the engine orders all titles that may be shown for the horizon
`session` from what was stored by then: the viewer's state, and the feature `session_intent` as of that offset (the
training view). For each weight of WEIGHTS the rank of what was played gives NDCG@10, a mean over each viewer's plays.

The weight is chosen on half of the viewers (by a hash of the id), over the services that have the effect; what it is
worth is stated on the other half, against no intent, paired by viewer, with 95 % intervals. Writes result.json.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import platform
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from frontrow.core.clock import format_time
from frontrow.core.horizon import SESSION
from frontrow.core.random import stable_hash
from frontrow.evaluate.bootstrap import paired_difference
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of
from frontrow.features.batch import Batch
from frontrow.features.history import History
from frontrow.recommend.gate import Gate
from frontrow.recommend.intent import lifted, wanted
from frontrow.recommend.request import HomeRequest
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings
from frontrow.workspace import Workspace

HERE = Path(__file__).resolve().parent
WEIGHTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)
CUT = 0.8
BEFORE = 6_000_000
"""Microseconds before a play at which is asked: the simulated viewer opens what it will play 5 seconds before."""
NDCG = METRICS.index("ndcg@10")


def main() -> None:
    """Runs all services, chooses, and states."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="401,402,403", help="seeds not used in making any of it")
    parser.add_argument("--titles", type=int, default=1_500)
    parser.add_argument("--profiles", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--most", type=int, default=4_000, help="plays asked about in each service")
    asked = parser.parse_args()
    found: dict[tuple[int, bool], dict[str, np.ndarray]] = {}
    for seed in map(int, asked.seeds.split(",")):
        for effect in (True, False):
            started = time.perf_counter()
            without = frozenset() if effect else frozenset({"session"})
            settings = WorldSettings(seed, asked.titles, asked.profiles, asked.days, without)
            with tempfile.TemporaryDirectory(prefix="frontrow-intent-") as folder:
                found[seed, effect] = run(settings, Path(folder), asked.most)
            print(f"seed {seed}, {'with' if effect else 'without'}: {time.perf_counter() - started:.0f} s", flush=True)
    on = [each for (_, effect), each in found.items() if effect]
    chosen = int(np.concatenate([each["chosen on"] for each in on]).mean(0).argmax())
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "asked": vars(asked), "weights": WEIGHTS, "chosen": WEIGHTS[chosen],
        "services": [told(seed, effect, each, chosen) for (seed, effect), each in found.items()],
    }  # fmt: skip
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def told(seed: int, effect: bool, found: dict[str, np.ndarray], chosen: int) -> dict[str, Any]:
    """One service's line: of the viewers that nothing was chosen on."""
    stated = found["stated"]
    gained = paired_difference(stated[:, chosen], stated[:, 0], 0)
    return {
        "seed": seed, "sessions have intents": effect, "viewers": len(stated), "plays": int(found["plays"]),
        "ndcg@10 by weight, chosen on": np.round(found["chosen on"].mean(0), 4).tolist(),
        "ndcg@10 by weight": np.round(stated.mean(0), 4).tolist(),
        "gained": {name: round(value, 5) for name, value in gained._asdict().items()},
        "gained, share": round(gained.value / float(stated[:, 0].mean()), 4),
    }  # fmt: skip


def run(settings: WorldSettings, folder: Path, most: int) -> dict[str, np.ndarray]:
    """NDCG@10 by viewer and weight, of the two halves of the viewers."""
    tables, past = folder / "tables", folder / "past"
    simulate_history(settings, tables, lambda share, text: None)
    events = pl.read_parquet(tables / "events.parquet")
    cut = events["at"].quantile(CUT, "nearest")
    past.mkdir()
    for name in ("titles", "profiles"):
        (tables / f"{name}.parquet").rename(past / f"{name}.parquet")
    with Workspace.init(folder / "w") as workspace:
        events.filter(pl.col("at") < cut).write_parquet(past / "events.parquet")
        assert not workspace.import_tables(past, strict=True).rejected
        workspace.train(quick=True)
        events.filter(pl.col("at") >= cut).write_parquet(past / "events.parquet")
        assert not workspace.import_tables(past, strict=True).rejected
    with Workspace.open(folder / "w") as workspace:
        return asked_of(workspace, int(cut.timestamp() * 1e6), most)


def asked_of(workspace: Workspace, cut: int, most: int) -> dict[str, np.ndarray]:
    """Asks about plays after `cut`."""
    rooms, store = workspace.engine.rooms, workspace._parts.store
    workspace.engine.refresh()
    views = rooms.views.fresh()
    catalogue = views.catalogue
    space = rooms.features.space(catalogue)
    history = History(store.signals.signals())
    columns = store.log.columns()
    named = {each.number: each.profile.profile_id for each in store.people.everyone()}
    by_profile = np.lexsort((columns.offset, columns.at, columns.profile))
    mine = np.searchsorted(columns.profile[by_profile], np.arange(max(named) + 2))
    play = np.flatnonzero((columns.type == _type("play")) & (columns.at > cut) & (columns.title >= 0))
    play = np.random.default_rng(0).permutation(play)
    halves: dict[str, dict[str, list[np.ndarray]]] = {"chosen on": defaultdict(list), "stated": defaultdict(list)}
    cases = []
    for place in play.tolist():
        profile, at = int(columns.profile[place]), int(columns.at[place]) - BEFORE
        own = by_profile[mine[profile] : mine[profile + 1]]
        before = own[: np.searchsorted(columns.at[own], at, side="right")]
        if not len(before):
            continue
        case = np.array([[profile], [int(columns.offset[before].max())], [at]])
        intent = wanted(Batch.as_of(history, *case, space))
        title = int(catalogue.series_of[columns.title[place]])
        if intent and title >= 0:
            cases.append((at, profile, title, intent))
        if len(cases) == most:
            break
    for at, profile, title, intent in sorted(cases, key=lambda each: each[0]):
        viewer = rooms.viewer(rooms.asking(HomeRequest(profile_id=named[profile], at=format_time(at))), views)
        fresh = Gate(catalogue, viewer).showable(seen=False)
        if title >= len(fresh) or not fresh[title]:
            continue
        open_titles = np.flatnonzero(fresh)
        relevant = np.searchsorted(open_titles, [title])
        scores = rooms.score(views, viewer, (SESSION,), fresh)
        row, last = [], 0.0
        for weight in WEIGHTS:
            scores = lifted(scores, intent, weight - last, catalogue)
            last = weight
            row.append(metrics_of(ranks_of(scores.blended[SESSION][open_titles], relevant))[NDCG])
        half = "stated" if stable_hash("intent", named[profile]) % 2 else "chosen on"
        halves[half][named[profile]].append(np.array(row))
    whole = {half: np.array([np.mean(rows, axis=0) for rows in viewers.values()]) for half, viewers in halves.items()}
    plays = sum(len(rows) for viewers in halves.values() for rows in viewers.values())
    return whole | {"plays": np.array(plays)}


def _type(name: str) -> int:
    from frontrow.events.event import TYPE_NUMBER

    return TYPE_NUMBER[name]


if __name__ == "__main__":
    main()
