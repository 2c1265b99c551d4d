"""Training: deterministic, useful, and at ease with odd data."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from frontrow.core.clock import DAY, HOUR
from frontrow.core.horizon import MONTH, NEXT, SESSION
from frontrow.features.moments import Moment
from frontrow.features.velocity import Velocity
from frontrow.models.cases.asked import hold_out_after, hold_out_last
from frontrow.models.learning.train import fit_models
from frontrow.models.names import ROW
from frontrow.models.query import Query, nobody
from frontrow.recommend.scoring import Scorer
from worlds import START, interactions, training, world


def test_the_same_data_and_seed_give_the_same_models():
    data = training(world(), 30)
    first, second = fit_models(data, seed=3), fit_models(data, seed=3)
    for name in ("linear", "watched", "follow"):
        np.testing.assert_array_equal(getattr(first.models, name).weights, getattr(second.models, name).weights)
    for horizon in (NEXT, SESSION, MONTH):
        np.testing.assert_array_equal(first.models.blend.weights(horizon), second.models.blend.weights(horizon))
    assert first.validation == second.validation
    assert first.validation["next_ndcg@10"] > 0.3


def test_as_many_threads_as_the_machine_has_give_the_same_models():
    told = """
import hashlib
from frontrow.models.learning.train import fit_models
from worlds import training, world
models = fit_models(training(world(viewers=150, titles=300, each=20), 300), seed=1).models
digest = hashlib.blake2b()
for weights in models.blend.by_horizon.values():
    digest.update(weights.tobytes())
for array in (models.linear.weights, models.watched.weights, models.follow.weights):
    digest.update(array.tobytes())
print(digest.hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", told], check=True, capture_output=True, text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for threads in ("1", "2", "3")
    }  # fmt: skip
    assert len(digests) == 1


def test_progress_rises_to_one():
    told = []
    fit_models(training(world(), 30), progress=lambda share, text: told.append(share), quick=True)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_held_out_is_what_came_last_and_nothing_of_it_is_fed():
    inside = world()
    rest, asked = hold_out_last(inside, 20, seed=0)
    assert len(asked) == 20
    assert len(inside) - len(rest) == 20 * 5
    for one in asked:
        assert 1 <= len(one.then) <= 5
        assert one.query.now == one.query.at[-1]
        assert not set(one.then.title.tolist()) & set(one.known.tolist())


def test_a_session_is_one_sitting_and_its_moment_is_that_of_the_question():
    rows = [
        (viewer, title, START + (title // 3 * 48 + title % 3) * HOUR, 1.0) for viewer in range(9) for title in range(12)
    ]
    inside = interactions(rows)
    inside = replace(inside, hour=np.arange(len(inside), dtype=np.int16) % 168, device=np.ones(len(inside), np.int8))
    _, asked = hold_out_last(inside, 9, seed=0)
    for place, one in enumerate(asked):
        assert one.then.title.tolist() == [7, 8]  # five are held out, 7 to 11; the last three come two days later
        assert one.query.moment == Moment((place * 12 + 7) % 168, 1)
        assert one.query.hours.tolist() == [(place * 12 + each) % 168 for each in range(7)]


def test_a_blend_without_a_source_leaves_it_alone():
    less = {"content": ["content"], "popular": ["popular", "popular_country"], "sequence": ["sequence"]}
    trained = fit_models(training(world(), 30), less=less)
    assert list(trained.less) == ["content", "popular"]  # the sequence model was not trained
    for horizon in (NEXT, SESSION, MONTH):
        assert trained.less["content"].blend.weights(horizon)[ROW["content"]] == 0
        assert not trained.less["popular"].blend.weights(horizon)[[ROW["popular_2"], ROW["popular_ever"]]].any()
        assert trained.less["popular"].blend.weights(horizon).any()


def test_after_a_cut_only_what_came_before_is_fed():
    inside = world()
    cut = int(np.median(inside.at))
    rest, asked = hold_out_after(inside, cut, 10**6, seed=0)
    assert rest.at.max() < cut
    assert asked
    for one in asked:
        assert one.query.at[-1] < cut <= one.query.now


@pytest.mark.parametrize(
    ("rows", "n_titles"),
    [
        ([], 0),
        ([], 5),
        ([(1, 0, START, 1.0)], 1),
        ([(1, t, START, 1.0) for t in range(3)], 3),
        ([(p, t, START + t, 1.0) for p in range(30) for t in range(4)], 4),
        ([(p, t, START + t, 0.0) for p in range(30) for t in range(4)], 4),
        ([(1, t % 40, START + t * DAY, 1.0) for t in range(10_000)], 40),
    ],
    ids=["nothing", "no events", "one of each", "one profile", "all alike", "all disliked", "10,000 of one profile"],
)
def test_odd_data_trains_and_scores(rows, n_titles):
    inside = interactions(rows)
    data = training(inside, n_titles)
    models = fit_models(data).models
    scorer = Scorer(models, data.content, Velocity.of_interactions(inside, n_titles), data.added_at)
    for query in (nobody(data.until), Query(inside.title, inside.at, inside.weight, data.until)):
        scored = scorer.score(query, (NEXT, SESSION, MONTH), data.rankable)
        assert not scored.failed
        assert all(np.isfinite(scores).all() for scores in scored.blended.values())


def test_titles_that_nobody_watched_do_not_hinder():
    data = training(world(), 50)
    assert fit_models(replace(data, rankable=np.arange(50) < 30)).models.n_titles == 50
