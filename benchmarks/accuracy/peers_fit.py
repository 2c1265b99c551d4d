"""Runs in the environment of the peers (requirements-peers.txt): fits them on a split and scores its questions.

    python peers_fit.py FOLDER JOBS.json

`peers.py` writes both and reads what comes back; nothing of Frontrow is imported here. FOLDER holds `fit-NAME.npz`
(user, item, at in seconds, count of titles; users are numbered from 0, sorted by user and time) and `asked-NAME.npz`
(`start` int64[questions + 1] into `item` and `at`: what each question is fed, oldest first). A job is {peer, params,
fit, asked: [names], latest: [numbers], label}: float32[questions, titles] is written to `LABEL,latest=N@ASKED.npy`, N
being how many of the latest titles were fed, 0 for all (of the transformer `LABEL,epochs=N@ASKED.npy`).
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import scipy.sparse

SEED = 0
Scores = Callable[[scipy.sparse.csr_matrix], np.ndarray]


class Asked:
    """Questions of one name."""

    def __init__(self, path: Path, titles: int) -> None:
        with np.load(path) as file:
            self.start, self.item, self.at = file["start"], file["item"], file["at"]
        self.titles = titles

    def __len__(self) -> int:
        return len(self.start) - 1

    def fed(self, latest: int) -> scipy.sparse.csr_matrix:
        """float32[questions, titles]: 1 for what is fed of each."""
        length = np.diff(self.start)
        age = np.repeat(self.start[1:], length) - np.arange(len(self.item))
        kept = age <= latest if latest else np.ones(len(age), bool)
        question = np.repeat(np.arange(len(self)), length)[kept]
        cells = (np.ones(len(question), np.float32), (question, self.item[kept]))
        table = scipy.sparse.csr_matrix(cells, shape=(len(self), self.titles))
        table.data[:] = 1
        return table


def als(fit: dict[str, Any], params: dict[str, Any]) -> Scores:
    """implicit's alternating least squares; whoever asks is folded in by what is fed."""
    from implicit.als import AlternatingLeastSquares

    table = matrix(fit)
    model = AlternatingLeastSquares(**params, random_state=SEED, num_threads=1, use_gpu=False)
    model.fit(table, show_progress=False)
    return lambda fed: model.recalculate_user(np.arange(fed.shape[0]), fed) @ model.item_factors.T


def bm25(fit: dict[str, Any], params: dict[str, Any]) -> Scores:
    """implicit's nearest neighbours, weighted by BM25."""
    from implicit.nearest_neighbours import BM25Recommender

    model = BM25Recommender(**params, num_threads=1)
    model.fit(matrix(fit), show_progress=False)
    return lambda fed: (fed @ model.similarity).toarray()


def item_knn(fit: dict[str, Any], params: dict[str, Any]) -> Scores:
    """RecTools' item neighbours: its wrapper of implicit's, weighted by TF-IDF."""
    from implicit.nearest_neighbours import TFIDFRecommender
    from rectools.models import ImplicitItemKNNWrapperModel

    data = dataset(fit)
    model = ImplicitItemKNNWrapperModel(model=TFIDFRecommender(**params, num_threads=1)).fit(data)
    like, items = model.model.similarity.tocsr(), data.item_id_map.external_ids.astype(np.int64)
    return lambda fed: spread((fed[:, items] @ like).toarray(), items, fed.shape[1])


def ease(fit: dict[str, Any], params: dict[str, Any]) -> Scores:
    """RecTools' EASE."""
    from rectools.models import EASEModel

    data = dataset(fit)
    model = EASEModel(**params).fit(data)
    items = data.item_id_map.external_ids.astype(np.int64)
    return lambda fed: spread(fed[:, items] @ model.weight, items, fed.shape[1])


def sasrec(fit: dict[str, Any], params: dict[str, Any], asked: dict[str, Asked]) -> Iterator[tuple[int, str, Any]]:
    """RecTools' SASRec with LiGR blocks and softmax loss, as its eSASRec: (epochs, name of the questions, scores) after
    every `every` epochs, until `epochs` or `seconds` are over."""
    import torch
    from pytorch_lightning import seed_everything
    from rectools.models import SASRecModel
    from rectools.models.nn.transformers.ligr import LiGRLayers

    for name in ("pytorch_lightning", "lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    torch.set_num_threads(1)
    seed_everything(SEED)
    own = {name: params[name] for name in params if name not in ("every", "seconds", "epochs")}
    model = SASRecModel(
        **own, loss="softmax", transformer_layers_type=LiGRLayers, epochs=1, deterministic=True, verbose=0,
        recommend_batch_size=128, recommend_torch_device="cpu",
    )  # fmt: skip
    data, started = dataset(fit), time.monotonic()
    for done in range(params["every"], params["epochs"] + 1, params["every"]):
        model.fit_partial(data, min_epochs=params["every"], max_epochs=params["every"])
        print(f"  {done} epochs, {time.monotonic() - started:,.0f} s", flush=True)
        for name, questions in asked.items():
            yield done, name, sequence_scores(model, fit, questions)
        if time.monotonic() - started > params["seconds"]:
            return


def sequence_scores(model: Any, fit: dict[str, Any], asked: Asked) -> np.ndarray:
    """float32[questions, titles] of a RecTools model that reads histories in order."""
    scores = np.full((len(asked), asked.titles), -np.inf, np.float32)
    known = np.unique(fit["item"])
    for first in range(0, len(asked), 256):
        last = min(first + 256, len(asked))
        part = slice(asked.start[first], asked.start[last])
        question = np.repeat(np.arange(first, last), np.diff(asked.start[first : last + 1]))
        data = dataset({"user": question, "item": asked.item[part], "at": asked.at[part]})
        told = model.recommend(
            np.unique(question), data, k=len(known), filter_viewed=False, on_unsupported_targets="ignore"
        )
        scores[told["user_id"].to_numpy(np.int64), told["item_id"].to_numpy(np.int64)] = told["score"]
    return scores


PEERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Scores]] = {
    "als": als, "bm25": bm25, "item-knn": item_knn, "ease": ease,
}  # fmt: skip


def matrix(fit: dict[str, Any]) -> scipy.sparse.csr_matrix:
    """float32[users, titles]: 1 for what was watched."""
    shape = (int(fit["user"].max()) + 1, int(fit["titles"]))
    table = scipy.sparse.csr_matrix((np.ones(len(fit["user"]), np.float32), (fit["user"], fit["item"])), shape=shape)
    table.data[:] = 1
    return table


def dataset(fit: dict[str, Any]) -> Any:
    """RecTools' form. Where several came in one second their order is kept: each is a microsecond later."""
    from rectools import Columns
    from rectools.dataset import Dataset

    first = np.flatnonzero(np.diff(fit["user"], prepend=-1) != 0)
    place = np.arange(len(fit["user"])) - np.repeat(first, np.diff(np.append(first, len(fit["user"]))))
    when = pd.to_datetime(fit["at"], unit="s") + pd.to_timedelta(place, unit="us")
    rows = pd.DataFrame({Columns.User: fit["user"], Columns.Item: fit["item"], Columns.Datetime: when})
    rows[Columns.Weight] = np.float32(1)
    return Dataset.construct(rows)


def spread(scores: Any, items: np.ndarray, titles: int) -> np.ndarray:
    """Scores of `items` at their places among all titles; 0 elsewhere."""
    wide = np.zeros((scores.shape[0], titles), np.float32)
    wide[:, items] = scores
    return wide


def main() -> None:
    """Does all jobs."""
    warnings.simplefilter("ignore")
    folder, jobs = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    for job in jobs:
        with np.load(folder / f"fit-{job['fit']}.npz") as file:
            fit = dict(file)
        asked = {name: Asked(folder / f"asked-{name}.npz", int(fit["titles"])) for name in job["asked"]}
        if job["peer"] == "sasrec":
            for epochs, name, scores in sasrec(fit, job["params"], asked):
                np.save(folder / f"{job['label']},epochs={epochs}@{name}.npy", scores)
            continue
        score = PEERS[job["peer"]](fit, job["params"])
        for name, questions in asked.items():
            for latest in job["latest"]:
                told = np.asarray(score(questions.fed(latest)), np.float32)
                np.save(folder / f"{job['label']},latest={latest}@{name}.npy", told)


if __name__ == "__main__":
    main()
