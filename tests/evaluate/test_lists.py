"""What lists are like, against cases worked out by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.title import Title
from frontrow.core.clock import MINUTE
from frontrow.evaluate.asking import LATE, WHOLE, heard_late
from frontrow.evaluate.evaluation import evaluate
from frontrow.evaluate.exposure import exposure, exposure_of
from frontrow.evaluate.lists import LIST_METRICS, ListTraits, genres_of, surprise_of
from frontrow.evaluate.protocols import last_event
from frontrow.models.query import Query
from worlds import START, interactions, training, world


def told(traits: ListTraits, best: list[int], history: list[int], weights: list[float]) -> dict[str, float]:
    at = START + np.arange(len(history))
    query = Query(np.array(history, np.int32), at, np.array(weights, np.float32), START)
    return dict(zip(LIST_METRICS, traits.measure(query, np.array(best, np.int64)).tolist(), strict=True))


def test_novelty_distance_and_miscalibration_by_hand():
    content = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], np.float32)
    genres = np.array([[1, 0], [0, 1], [0.5, 0.5], [1, 0]], float)
    traits = ListTraits(content, np.array([1.0, 2.0, 3.0, 6.0]), genres)
    found = told(traits, [0, 1, 2], [0, 1], [1.0, 0.5])
    assert found["novelty@10"] == pytest.approx(2)
    assert found["distance@10"] == pytest.approx(1 - (0 + 0.6 + 0.8) / 3)
    wanted, given = (2 / 3, 1 / 3), (0.99 / 2 + 0.01 * 2 / 3, 0.99 / 2 + 0.01 / 3)
    divergence = sum(p * math.log(p / q) for p, q in zip(wanted, given, strict=True))
    assert found["miscalibration@10"] == pytest.approx(divergence)
    assert told(traits, [0, 1], [0, 1], [1.0, 1.0])["miscalibration@10"] == pytest.approx(0, abs=1e-12)
    assert told(traits, [0], [1], [1.0])["miscalibration@10"] == pytest.approx(math.log(100))
    assert told(traits, [0, 3], [1], [1.0])["distance@10"] == pytest.approx(1)  # nothing is known of one
    assert told(traits, [2], [1], [0.0]) == {
        "novelty@10": 3, "distance@10": 0, "miscalibration@10": pytest.approx(-math.log(0.505)),
    }  # fmt: skip


def test_surprise_counts_viewers_not_views():
    inside = interactions([(1, 0, START, 1), (1, 0, START + 1, 1), (2, 0, START, 1), (2, 1, START + 1, 1)])
    task = last_event(inside, np.ones(3, bool), False)
    task = replace(task, known=inside)
    assert surprise_of(task, 3).tolist() == [0, 1, 1]


def test_genres_share_a_title_and_those_without_have_their_own():
    titles = [Title(title_id="a", name="A", genres=("War", "war", "Drama")), None, Title(title_id="b", name="B")]
    assert genres_of(titles, 4).round(3).tolist() == [[0, 0.667, 0.333], [1, 0, 0], [1, 0, 0], [1, 0, 0]]


def test_coverage_and_gini_by_hand():
    counts = np.array([[2, 2, 2, 2], [8, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]], float)
    assert exposure(counts).tolist() == [[1, 0], [0.25, 0.75], [0.5, 0.625], [0, 0]]
    lists = np.array([[0, 2, -1], [2, 0, -1], [4, 2, -1]])
    candidates = np.array([True, False, True, True, True])
    found = exposure_of(lists, np.array([0, 0, 1]), candidates, np.array([[1, 1], [0, 2]]))
    assert found.value.tolist() == exposure(np.array([[2, 3, 0, 1]], float))[0].tolist()
    assert found.resampled.tolist() == exposure(np.array([[2, 3, 0, 1], [0, 2, 0, 2]], float)).tolist()


@given(st.lists(st.integers(0, 9), min_size=2, max_size=12).filter(any))
def test_gini_is_the_mean_difference_over_twice_the_mean(shown):
    counts = np.array([shown], float)
    apart = np.abs(counts[0][:, None] - counts[0][None]).mean() / (2 * counts.mean())
    assert exposure(counts)[0, 1] == pytest.approx(apart)


def test_hearing_late_leaves_out_what_began_in_the_last_half_hour():
    at = np.array([0, 10, 31, 59], np.int64) * MINUTE
    query = Query(
        np.arange(4, dtype=np.int32), at, np.ones(4, np.float32), 60 * MINUTE, hours=np.arange(4, dtype=np.int16)
    )
    late = heard_late(query)
    assert late.titles.tolist() == [0, 1]
    assert late.hours.tolist() == [0, 1]
    assert heard_late(replace(query, now=60 * MINUTE + 10**12)).titles.tolist() == [0, 1, 2, 3]


def test_every_facet_that_says_something_has_a_row_and_every_row_a_lead():
    report = evaluate(training(world(), 30), "last-event", seed=1)
    rows = {row.system: row for row in report.rows}
    parts = {row.system for row in report.rows if row.kind == "less"}
    assert parts == {LATE, *(f"{WHOLE} less {name}" for name in ("linear", "transitions", "content", "popularity"))}
    assert not rows[WHOLE].lead
    for row in rows.values():
        for metric, lead in row.lead.items():
            difference = rows[WHOLE].metrics[metric].value - row.metrics[metric].value
            assert lead.value == pytest.approx(difference, abs=2e-6)
            assert lead.low <= lead.value <= lead.high
    assert rows[f"{WHOLE} less transitions"].lead["ndcg@10"].low > 0  # what the world is made of
    assert 0 < rows[WHOLE].metrics["coverage@10"].value <= 1


def test_facets_can_be_left_alone():
    report = evaluate(training(world(), 30), "last-event", facets={})
    assert [row.system for row in report.rows if row.kind == "less"] == []
