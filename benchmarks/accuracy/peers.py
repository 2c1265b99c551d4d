"""Peers on the same split: implicit's ALS and BM25, RecTools' item neighbours, EASE and transformer (eSASRec).

    python3 -m venv PEERS && PEERS/bin/pip install -r benchmarks/accuracy/requirements-peers.txt
    python benchmarks/accuracy/peers.py --python PEERS/bin/python [--only ml-1m] [--peers als,bm25,item-knn,ease,sasrec]
        [--keep FOLDER] [--fit-only] [--without-sequence] [--budget SECONDS]

Peers run in an environment of their own (`peers_fit.py`), get what Frontrow's floors get of a split (`last-event` of
both data sets, `time-split` of MovieLens-1M) and give scores of all titles; who is asked, candidates, ties and metrics
are `frontrow evaluate`'s, and differences are paired by viewer. Settings of peers (GRID, and how many of the latest
titles they are fed) are chosen by NDCG@10 on validation events alone: for `last-event` the event before the last,
asked of those fitted without both (1,000 viewers by hash); for `time-split` what came after the .8 quantile of the
training part. Seed 0. The transformer is fitted for `last-event` alone, and for as many epochs as fit into --budget,
which on processors is fewer than its published training: the best of every EVERY epochs counts. With --keep what was
fitted stays, and --fit-only asks nothing about test events. Each look at them is appended to test-runs.jsonl.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from run import LARGE, SMALL, commit, imported, log, settings_of, without

from frontrow.core.clock import SECOND
from frontrow.core.random import stream
from frontrow.evaluate.evaluation import evaluate
from frontrow.evaluate.floors import Floor
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of
from frontrow.evaluate.protocols import task_of
from frontrow.evaluate.task import Task
from frontrow.training import training_data
from frontrow.wiring import UNFINISHED_FOLDER, assemble

HERE = Path(__file__).resolve().parent
NAMES = {
    "als": "implicit ALS", "bm25": "implicit BM25", "item-knn": "RecTools ItemKNN", "ease": "RecTools EASE",
    "sasrec": "RecTools eSASRec",
}  # fmt: skip
GRID: dict[str, dict[str, tuple[Any, ...]]] = {
    "als": {"factors": (32, 64, 128), "regularization": (0.1,), "alpha": (10.0,), "iterations": (15,)},
    "bm25": {"K": (20, 100, 500), "K1": (0.2, 1.2), "B": (0.75,)},
    "item-knn": {"K": (20, 100, 500)},
    "ease": {"regularization": (100.0, 300.0, 1000.0)},
    "sasrec": {"n_factors": (64,), "n_blocks": (2,), "n_heads": (2,), "dropout_rate": (0.2,), "session_max_len": (200,),
               "batch_size": (64,), "lr": (0.001,)},
}  # fmt: skip
LATEST = (0, 10, 3)
"""How many of a viewer's latest titles a peer without order may be fed; 0 for all."""
EVERY, EPOCHS = 4, 200
ASKED = 1_000
JOBS = (
    ("ml-latest-small", "last-event"),
    ("ml-1m", "last-event"),
    ("ml-1m", "time-split"),
)


@dataclass(frozen=True)
class Split:
    """One protocol on one data set, as peers get it. For `last-event` both tasks are asked of the same fit."""

    folder: Path
    test: Task
    validation: Task
    shared: bool

    @classmethod
    def of(cls, folder: Path, rankable: NDArray[np.bool_], test: Task, titles: int) -> Split:
        """With the validation task that the test's leaves room for, written down for `peers_fit.py`."""
        shared = test.protocol == "last-event"
        validation = task_of(test.protocol, test.known if shared else test.fit, rankable, False)
        order = stream(0, "validation of peers").permutation(len(validation.questions))[:ASKED]
        asked = [validation.questions[place] for place in np.sort(order).tolist()]
        split = cls(folder, test, replace(validation, questions=asked), shared)
        folder.mkdir(parents=True, exist_ok=True)
        for name, task in split.tasks.items():
            fit = split.tasks[split.fit_of(name)].floor
            user = np.unique(fit.profile, return_inverse=True)[1]
            np.savez(folder / f"fit-{name}.npz", user=user, item=fit.title, at=fit.at // SECOND, titles=titles)
            fed = [(each.query, each.query.weights >= np.float32(task.positive)) for each in task.questions]
            np.savez(
                folder / f"asked-{name}.npz",
                start=np.concatenate([[0], np.cumsum([some.sum() for _, some in fed])]),
                item=np.concatenate([query.titles[some] for query, some in fed]),
                at=np.concatenate([query.at[some] for query, some in fed]) // SECOND,
            )
        return split

    @property
    def tasks(self) -> dict[str, Task]:
        """Both, by name."""
        return {"validation": self.validation, "test": self.test}

    def fit_of(self, asked: str) -> str:
        """Of which task the fit is that is asked these questions."""
        return "test" if self.shared else asked

    def run(self, jobs: list[dict[str, Any]], python: Path) -> None:
        """Has the peers' environment do what is not there yet."""
        todo = self.folder / "jobs.json"
        todo.write_text(json.dumps(jobs))
        subprocess.run([python, HERE / "peers_fit.py", self.folder, todo], check=True)


def chosen(split: Split, peer: str, options: argparse.Namespace) -> dict[str, Any]:
    """The peer's settings that were best on validation, and how good they all were; kept in the split's folder."""
    kept = split.folder / f"{peer}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    started = time.monotonic()
    jobs = []
    for values in product(*GRID[peer].values()):
        params = dict(zip(GRID[peer], values, strict=True))
        asked = ["validation"]
        if peer == "sasrec":
            params |= {"every": EVERY, "epochs": EPOCHS, "seconds": options.budget}
            asked.append("test")  # whose scores nobody looks at until the best epoch is chosen
        jobs.append(job(split, peer, params, asked, LATEST))
    split.run(jobs, options.python)
    tried = {}
    for path in sorted(split.folder.glob(f"{peer},*@validation.npy")):
        tried[path.name.partition("@")[0]] = round(gain(split.validation, np.load(path, mmap_mode="r")), 5)
        path.unlink()
    best = max(tried, key=lambda label: tried[label])
    for path in split.folder.glob(f"{peer},*@test.npy"):
        if path.name != f"{best}@test.npy":
            path.unlink()
    told = {"chosen": best, "validation_ndcg@10": tried, "seconds": round(time.monotonic() - started, 1)}
    kept.write_text(json.dumps(told, indent=1))
    return told


def job(split: Split, peer: str, params: dict[str, Any], asked: list[str], latest: tuple[int, ...]) -> dict[str, Any]:
    """One fit of a peer for `peers_fit.py`."""
    label = ",".join([peer, *(f"{name}={params[name]}" for name in GRID[peer])])
    return {"peer": peer, "params": params, "fit": split.fit_of(asked[0]), "asked": asked, "latest": latest,
            "label": label}  # fmt: skip


def gain(task: Task, scores: NDArray[np.float32]) -> float:
    """Mean NDCG@10, as `frontrow evaluate` measures it."""
    column, told = METRICS.index("ndcg@10"), []
    for question, row in zip(task.questions, scores, strict=True):
        titles, relevant = task.open_to(question)
        told.append(metrics_of(ranks_of(np.asarray(row[titles]), relevant))[column])
    return float(np.mean(told))


def tested(split: Split, peer: str, best: str, python: Path) -> Floor:
    """The chosen peer as something that `frontrow evaluate` can ask the test's questions."""
    path = split.folder / f"{best}@test.npy"
    if not path.exists():
        told = dict(part.split("=") for part in best.split(",")[1:])
        latest = int(told.pop("latest"))
        params = {name: type(GRID[peer][name][0])(told[name]) for name in told}
        split.run([job(split, peer, params, ["test"], (latest,))], python)
    scores = np.load(path, mmap_mode="r")
    place = {id(question): number for number, question in enumerate(split.test.questions)}
    return lambda question: np.asarray(scores[place[id(question)]])


def measured(name: str, protocol: str, workspace: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All peers and Frontrow on one split."""
    parts = assemble(workspace)
    data, content = training_data(parts, None)
    titles, settings = parts.engine.rooms.views.titles_now().titles, parts.settings.models
    parts.close()
    peers = [peer for peer in options.peers.split(",") if peer != "sasrec" or protocol == "last-event"]
    told: dict[str, Any] = {}

    def beside(task: Task) -> Mapping[str, Floor]:
        split = Split.of(workspace.parent / "peers" / f"{name} {protocol}", data.rankable, task, data.n_titles)
        for peer in peers:
            told[NAMES[peer]] = chosen(split, peer, options)
            print(f"  {NAMES[peer]}: {told[NAMES[peer]]['chosen']}", flush=True)
        if options.fit_only:
            return {}
        return {NAMES[peer]: tested(split, peer, told[NAMES[peer]]["chosen"], options.python) for peer in peers}

    if options.fit_only:
        beside(task_of(protocol, data.interactions, data.rankable, False))
        return told
    report = msgspec.to_builtins(
        evaluate(
            data, protocol, settings=settings, content=content, titles=titles, facets={}, beside=beside,
            unfinished=workspace / UNFINISHED_FOLDER / "evaluate",
        )
    )  # fmt: skip
    log(name, report, settings)
    rows = {row["system"]: row for row in report["rows"]}
    for peer, row in ((NAMES[peer], rows[NAMES[peer]]) for peer in peers):
        told[peer] |= {"metrics": some(row["metrics"]), "frontrow_ahead": some(row["lead"])}
        hit, ahead = row["metrics"]["ndcg@10"], row["lead"]["ndcg@10"]
        print(f"  {peer:<18} NDCG@10 {hit['value']:.4f}, Frontrow {ahead['value']:+.4f} "
              f"({ahead['low']:+.4f} to {ahead['high']:+.4f})", flush=True)  # fmt: skip
    return {"users": report["users"], "frontrow": some(rows["frontrow"]["metrics"]), "peers": told}


def some(metrics: dict[str, Any]) -> dict[str, Any]:
    """Those that are compared."""
    return {name: metrics[name] for name in ("hr@10", "ndcg@10", "coverage@10", "novelty@10")}


def main() -> None:
    """Runs what there is data for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--python", type=Path, required=True, help="the peers' environment's")
    asked.add_argument("--small", type=Path, default=SMALL)
    asked.add_argument("--large", type=Path, default=LARGE)
    asked.add_argument("--only", choices=("ml-latest-small", "ml-1m"), help="this data set alone")
    asked.add_argument("--protocol", choices=("last-event", "time-split"), help="this protocol alone")
    asked.add_argument("--peers", default=",".join(NAMES))
    asked.add_argument("--keep", type=Path, help="folder of workspaces and of what was fitted, which stay")
    asked.add_argument("--fit-only", action="store_true", help="fit and choose; no look at test events")
    asked.add_argument("--without-sequence", action="store_true", help="Frontrow without its sequence model")
    asked.add_argument("--budget", type=float, default=3_600, metavar="SECONDS", help="of the peers' transformer")
    options = asked.parse_args()
    written = HERE / "peers.json"
    result: dict[str, Any] = json.loads(written.read_text()) if written.exists() else {}
    with contextlib.ExitStack() as stack:
        place = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, protocol in JOBS:
            folder = options.small if name == "ml-latest-small" else options.large
            if options.only not in (None, name) or options.protocol not in (None, protocol) or not folder.is_dir():
                print(f"{name}, {protocol}: left out")
                continue
            print(f"{name}, {protocol}", flush=True)
            workspace = place / name
            if not workspace.exists():
                imported(workspace, folder, without(options.without_sequence))
            told = measured(name, protocol, workspace, options)
            if not options.fit_only:
                setting = {"commit": commit(), "settings": msgspec.to_builtins(settings_of(options.without_sequence))}
                result[f"{name} {protocol}"] = setting | told
                written.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
