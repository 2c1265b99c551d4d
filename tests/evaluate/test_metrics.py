"""Metrics against hand-made cases, and against trec_eval's golden values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.errors import FrontrowError
from frontrow.evaluate.bootstrap import interval, paired_difference, resampled_means
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of
from frontrow.evaluate.trec import read_qrels, read_run, trec_metrics

NAMES = ("map", "recip_rank", "P_", "recall_", "ndcg_cut_")


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


@pytest.mark.shared
def test_equal_to_trec_eval_to_the_printed_digits(shared: Path):
    folder = shared / "data" / "trec-eval" / "test"
    told = trec_metrics(read_qrels(folder / "qrels.test"), read_run(folder / "results.test"))
    compared = 0
    for line in (folder / "out.test.aq").read_text().splitlines():
        name, query, value = line.split()
        if name.startswith(NAMES) and name in told["all"]:
            assert f"{told[query][name]:.4f}" == value, (name, query)
            compared += 1
    assert compared == 4 * (2 + 3 * 9)


def test_trec_files_that_are_malformed_are_named_by_line(tmp_path):
    path = tmp_path / "run"
    path.write_text("1 Q0 a 1 0.5 tag\n\n1 Q0 b 2\n")
    with pytest.raises(FrontrowError, match=r"run:3: 4 fields instead of 6"):
        read_run(path)
    with pytest.raises(FrontrowError, match="no query"):
        trec_metrics({"1": {"a": 1}}, {"2": {"a": 0.5}})


def test_graded_relevance_and_ties_by_name_backwards():
    told = trec_metrics({"q": {"a": 2, "b": 1}}, {"q": {"a": 1.0, "b": 1.0}})
    assert told["q"]["ndcg_cut_5"] == pytest.approx((1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3)))


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
