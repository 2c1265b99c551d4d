"""The metrics of NIST's trec_eval, on its files: what our own metrics are held against."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError

CUTS = (5, 10, 15, 20, 30, 100, 200, 500, 1000)

Judged = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]


def read_qrels(path: Path) -> Judged:
    """Relevance by query and document, from lines `query iteration document relevance`."""
    judged: Judged = {}
    for query, _, document, relevance in _fields(path, 4):
        judged.setdefault(query, {})[document] = int(relevance)
    return judged


def read_run(path: Path) -> Run:
    """Scores by query and document, from lines `query Q0 document rank score tag`; the rank is not read."""
    run: Run = {}
    for query, _, document, _, score, _ in _fields(path, 6):
        run.setdefault(query, {})[document] = float(score)
    return run


def trec_metrics(judged: Judged, run: Run) -> dict[str, dict[str, float]]:
    """map, recip_rank, P_k, recall_k and ndcg_cut_k by query, and their means under `all`.

    Queries are those of both files. Documents are ordered by score, equal ones by name backwards, as trec_eval does.
    Gains are the judged relevance; unjudged documents have none.
    """
    told = {query: _query(judged[query], run[query]) for query in run if query in judged}
    if not told:
        raise FrontrowError("no query of the run is judged", "Check that both files are of one collection")
    names = next(iter(told.values()))
    return told | {"all": {name: float(np.mean([each[name] for each in told.values()])) for name in names}}


def _query(judged: dict[str, int], scores: dict[str, float]) -> dict[str, float]:
    order = sorted(scores, key=lambda document: (scores[document], document), reverse=True)
    gain = np.array([max(judged.get(document, 0), 0) for document in order], float)
    hit = gain > 0
    ideal = np.sort([max(level, 0) for level in judged.values()])[::-1].astype(float)
    relevant = int((ideal > 0).sum())
    found = np.cumsum(hit)
    rank = np.arange(1, len(order) + 1)
    first = np.flatnonzero(hit)
    told = {
        "map": float((found / rank)[hit].sum() / relevant) if relevant else 0.0,
        "recip_rank": float(1 / rank[first[0]]) if len(first) else 0.0,
    }
    for cut in CUTS:
        hits = float(hit[:cut].sum())
        told[f"P_{cut}"] = hits / cut
        told[f"recall_{cut}"] = hits / relevant if relevant else 0.0
        best = _dcg(ideal[:cut])
        told[f"ndcg_cut_{cut}"] = _dcg(gain[:cut]) / best if best else 0.0
    return told


def _dcg(gain: NDArray[np.float64]) -> float:
    return float((gain / np.log2(np.arange(len(gain)) + 2)).sum())


def _fields(path: Path, count: int) -> Iterable[list[str]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.split()
            if fields and len(fields) != count:
                raise FrontrowError(f"{path}:{number}: {len(fields)} fields instead of {count}")
            if fields:
                yield fields
