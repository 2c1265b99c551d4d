"""The sequence model alone on MovieLens-1M's validation events, beside the linear what-follows model.

    python benchmarks/sequence/run.py [--folder FOLDER] [--epochs N]

Both are fitted on all interactions but each viewer's last two (what-follows on those that say something for their
title), fed all but the last two, and asked for the last but one: never for a test event. Full ranking over the rated
titles less the history; ties count half. Once with the time of the question unknown, once known. About 18 minutes on
two cores; needs the training extra. Writes result.json beside this file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow import Workspace
from frontrow.evaluate.bootstrap import paired_difference
from frontrow.features.interactions import Interactions
from frontrow.models.cases.asked import runs
from frontrow.models.follow import fit_follow
from frontrow.models.query import Query
from frontrow.models.sequence.fit import fit_sequence
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from frontrow.training import training_data
from frontrow.wiring import assemble

HERE = Path(__file__).resolve().parent
LARGE = Path.home() / ".cache" / "frontrow" / "ml-1m"
LEAST, CUT, STEPS = 4, 10, 30


def ranked(scores: NDArray[np.float32], open_titles: NDArray[np.bool_], answer: int) -> tuple[float, float]:
    """Hit and gain at 10."""
    better = (scores[open_titles] > scores[answer]).sum() + ((scores[open_titles] == scores[answer]).sum() - 1) / 2
    return (1.0, 1 / np.log2(better + 2)) if better < CUT else (0.0, 0.0)


def asked(every: Interactions, rated: NDArray[np.bool_], known: bool, score: Any) -> NDArray[np.float64]:
    """float64[viewers, 2]: hits and gains of `score(query)`."""
    found = []
    for first, last in zip(*runs(every.profile), strict=True):
        if last - first < LEAST:
            continue
        cut = last - 2
        now = int(every.at[cut if known else cut - 1])
        query = Query(every.title[first:cut], every.at[first:cut], every.weight[first:cut], now, timed=known)
        open_titles = rated.copy()
        open_titles[query.titles] = False
        answer = int(every.title[cut])
        open_titles[answer] = True
        found.append(ranked(score(query), open_titles, answer))
    return np.array(found)


def main() -> None:
    """Fits both, asks everybody, and tells."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=LARGE)
    options.add_argument("--epochs", type=int, default=24)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        with Workspace.init(Path(place) / "ws") as workspace:
            workspace.import_movielens(chosen.folder)
        parts = assemble(Path(place) / "ws")
        data, _ = training_data(parts, None)
        parts.close()
    every = data.interactions
    rated = np.bincount(data.interactions.title, minlength=data.n_titles) > 0
    fit = np.ones(len(every), bool)
    for _, last in zip(*runs(every.profile), strict=True):
        fit[last - 2 : last] = False
    rest, settings = every.take(fit), SequenceSettings(epochs=chosen.epochs)
    linear = ModelSettings()
    follow = fit_follow(
        rest.take(rest.weight > 0), data.n_titles,
        regularization=linear.follow_regularization, decay=linear.follow_decay,
        ahead=linear.follow_ahead, max_bytes=linear.max_bytes,
    )  # fmt: skip
    started = time.perf_counter()
    model = fit_sequence(rest, data.content, settings, 0, lambda share, text: print(f"{share:4.0%} {text}", end="\r"))
    told: dict[str, Any] = {
        "settings": msgspec.to_builtins(settings), "fit_seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip

    def following(query: Query) -> NDArray[np.float32]:
        query = Query(*(each[query.weights > 0] for each in (query.titles, query.at, query.weights)), query.now)
        fading = (linear.follow_decay ** np.arange(min(STEPS, len(query)) - 1, -1, -1)).astype(np.float32)
        return follow.score(query.titles[-STEPS:], fading[None], data.n_titles)[0]

    for known in (False, True):
        ours = asked(every, rated, known, lambda query: model.score(query, data.content, data.n_titles)[0])
        floor = asked(every, rated, known, following)
        told["time known" if known else "time unknown"] = {
            "viewers": len(ours),
            "sequence": dict(zip(("hr@10", "ndcg@10"), ours.mean(axis=0).round(4).tolist(), strict=True)),
            "what follows": dict(zip(("hr@10", "ndcg@10"), floor.mean(axis=0).round(4).tolist(), strict=True)),
            "lead, ndcg@10": [round(each, 4) for each in paired_difference(ours[:, 1], floor[:, 1], 0)],
        }
    (HERE / "result.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
