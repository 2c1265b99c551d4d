"""Metrics against hand-made cases, and against trec_eval's golden values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.evaluate.bootstrap import interval, paired_difference, resampled_means
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of


def measured(ranks: list[float]) -> dict[str, float]:
    return dict(zip(METRICS, metrics_of(np.array(ranks, float)).tolist(), strict=True))


def test_the_first_place_is_perfect():
    assert measured([0]) == {"hr@10": 1, "ndcg@10": 1, "recall@10": 1, "precision@10": 0.1, "mrr": 1, "map": 1}


def test_the_ideal_is_cut_at_what_is_relevant():
    assert measured(list(range(10)))["ndcg@10"] == pytest.approx(1)
    assert measured(list(range(25)))["ndcg@10"] == pytest.approx(1)
    told = measured([1, 20])
    assert told["ndcg@10"] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))
    assert told["recall@10"] == 0.5
    assert told["map"] == pytest.approx((1 / 2 + 2 / 21) / 2)


def test_ties_count_half():
    scores = np.array([1, 1, 1, 0], np.float32)
    assert ranks_of(scores, np.array([1])).tolist() == [1]
    assert ranks_of(scores, np.array([3])).tolist() == [3]
    assert ranks_of(np.zeros(21, np.float32), np.array([4])).tolist() == [10]


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=30), st.data())
def test_one_and_many_targets_are_ranked_alike(values, data):
    scores = np.array(values, np.float32)
    targets = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=2, max_size=5, unique=True))
    together = ranks_of(scores, np.array(targets))
    apart = sorted(float(ranks_of(scores, np.array([target]))[0]) for target in targets)
    assert together.tolist() == apart


TREC = {"map": "map", "mrr": "recip_rank", "precision@10": "P_10", "recall@10": "recall_10", "ndcg@10": "ndcg_cut_10"}


@pytest.mark.shared
def test_equal_to_trec_eval_to_the_printed_digits(shared: Path):
    """NIST's own run and judgements: what the product measures with, against the values that trec_eval printed."""
    folder = shared / "data" / "trec-eval" / "test"
    judged: dict[str, set[str]] = {}
    for query, _, document, relevance in fields(folder / "qrels.test"):
        if relevance == "1":
            judged.setdefault(query, set()).add(document)
    run: dict[str, list[tuple[float, str]]] = {}
    for query, _, document, _, score, _ in fields(folder / "results.test"):
        run.setdefault(query, []).append((float(score), document))
    golden = {(query, name): value for name, query, value in fields(folder / "out.test.aq")}
    told = {}
    for query, scored in run.items():
        documents = [document for _, document in sorted(scored, reverse=True)]  # equal ones by name backwards
        found = np.array([place for place, each in enumerate(documents) if each in judged[query]], np.int64)
        ranks = ranks_of(-np.arange(len(documents), dtype=np.float32), found)
        unfound = np.full(len(judged[query]) - len(found), np.inf)
        told[query] = measured([*ranks, *unfound])
        for ours, theirs in TREC.items():
            assert f"{told[query][ours]:.4f}" == golden[query, theirs], (ours, query)
    assert len(told) == 3
    for ours, theirs in TREC.items():
        assert f"{np.mean([each[ours] for each in told.values()]):.4f}" == golden["all", theirs], ours


def fields(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text().splitlines() if line.strip()]


def test_intervals_cover_and_are_seeded():
    random = np.random.default_rng(0)
    values = random.normal(0.3, 1, 500)
    found = paired_difference(values, np.zeros(500), seed=1)
    assert found == paired_difference(values, np.zeros(500), seed=1)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 500**0.5, rel=0.1)


def test_pairs_share_their_viewers():
    values = np.random.default_rng(0).random((50, 1))
    means = resampled_means(np.concatenate([values, values + 1], axis=1), seed=3)
    np.testing.assert_allclose(means[:, 1] - means[:, 0], 1)


def test_nobody_asked_gives_zero():
    assert interval(np.zeros(0), np.zeros(3)) == (0.0, 0.0, 0.0)
