"""A title without a view is judged as the watched ones that are most like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.features.velocity import Velocity
from frontrow.models.learning.train import fit_models
from frontrow.models.lending import COUNTED, LEARNED, MOST, NEIGHBOURS, Kept, Lending
from frontrow.models.names import FEATURES, ROW
from frontrow.models.query import Query
from frontrow.models.sources import Sources
from worlds import START, training, world

LENT = COUNTED + LEARNED


def unit(*rows: list[float]) -> np.ndarray:
    content = np.array(rows, np.float32)
    length = np.linalg.norm(content, axis=1, keepdims=True)
    return np.divide(content, length, out=np.zeros_like(content), where=length > 0)


def test_shares_are_by_likeness():
    content = unit([1, 0], [0, 1], [-1, 0], [3, 4], [0, 0])
    lending = Lending.of(content, np.array([0, 1, 2], np.int32), 5, None)
    assert lending.borrowers.tolist() == [3]  # of the last nothing is known
    shares = dict(zip(lending.lenders[0].tolist(), lending.share[0].tolist(), strict=True))
    assert shares == pytest.approx({0: 3 / 7, 1: 4 / 7, 2: 0})
    rows = np.zeros((len(FEATURES), 5), np.float32)
    rows[:, :3] = [1, 2, 100]
    lending.lend(rows)
    assert rows[LEARNED, 3] == pytest.approx(np.full(len(LEARNED), 11 / 7), rel=1e-5)
    assert not rows[:, 4].any()
    assert not rows[ROW["content"], 3:].any()


def test_how_popular_a_title_is_going_to_be_follows_from_its_content():
    random = np.random.default_rng(0)
    content = unit(*random.standard_normal((500, 8)).tolist())
    rows = np.zeros((len(FEATURES), 500), np.float32)
    rows[COUNTED] = 2 + content @ random.standard_normal(8).astype(np.float32)
    told = rows[COUNTED].copy()
    rows[COUNTED, 400:] = 0
    Lending.of(content, np.arange(400, dtype=np.int32), 500, None).lend(rows)
    for row, truth in zip(rows[COUNTED], told, strict=True):
        assert np.corrcoef(row[400:], truth[400:])[0, 1] > 0.99
        assert truth[:400].min() <= row[400:].min() <= row[400:].max() <= truth[:400].max()


def test_like_nothing_or_nothing_watched_is_lent_nothing():
    content = unit([1, 0], [-1, 0])
    for learned in ([0], []):
        rows = np.zeros((len(FEATURES), 2), np.float32)
        rows[:, 0] = 1
        Lending.of(content, np.array(learned, np.int32), 2, None).lend(rows)
        assert not rows[LENT, 1].any()


def test_of_very_many_the_latest_borrow():
    content = np.ones((MOST + 50, 1), np.float32)
    watched = np.arange(10, dtype=np.int32)
    added = np.arange(MOST + 50)[::-1].copy()
    assert Lending.of(content, watched, MOST + 50, added).borrowers.tolist() == list(range(10, MOST + 10))


def test_unseen_is_what_waits_for_a_view_whether_anything_is_lent_to_it_or_not():
    size = MOST + 50
    able = np.arange(size) % 7 > 0
    lending = Lending.of(np.ones((size, 1), np.float32), np.arange(10, dtype=np.int32), size - 5, None, able=able)
    rows = np.zeros((len(FEATURES), size), np.float32)
    rows[ROW["popular_ever"], :20] = 1  # titles 10 to 19 had a view since, models were told of them
    rows[ROW["popular_ever"], -1] = 1
    assert lending.unseen(rows).tolist() == [title for title in range(20, size) if able[title]]
    nothing = Lending.of(np.zeros((size, 1), np.float32), np.arange(10, dtype=np.int32), size, None)
    assert nothing.unseen(rows).tolist() == list(range(20, size - 1))


def test_what_stands_in_no_row_takes_nobodys_place():
    content = np.ones((MOST + 50, 1), np.float32)
    able = np.arange(MOST + 50) % 5 == 0
    lending = Lending.of(content, np.arange(10, dtype=np.int32), MOST + 50, np.arange(MOST + 50), able=able)
    assert lending.borrowers.tolist() == list(range(10, MOST + 50, 5))


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_what_is_lent_lies_between_what_the_lenders_have(seed, titles):
    random = np.random.default_rng(seed)
    content = unit(*random.random((titles, 4)).tolist())
    watched = random.random(titles) < 0.5
    lending = Lending.of(content, np.flatnonzero(watched).astype(np.int32), titles, None)
    rows = random.random((len(FEATURES), titles)).astype(np.float32)
    rows[ROW["popular_ever"], ~watched] = 0
    kept = rows[:, watched].copy()
    lending.lend(rows)
    assert np.array_equal(rows[:, watched], kept)
    assert lending.lenders.shape[1] <= NEIGHBOURS
    if len(lending.borrowers):
        assert (rows[LENT][:, lending.borrowers] <= kept[LENT].max(axis=1, keepdims=True) + 1e-5).all()


def test_what_is_counted_is_lent_until_the_first_view_what_is_learned_until_a_training():
    content = unit([1, 0], [1, 0], [1, 0])
    lending = Lending.of(content, np.array([0], np.int32), 2, None)  # models were told of two titles
    rows = np.zeros((len(FEATURES), 3), np.float32)
    rows[:, 0] = 1
    rows[ROW["popular_ever"], 1:] = 0.5
    assert [(features, titles.tolist()) for features, titles in lending.lend(rows)] == [(LEARNED, [2])]
    assert not rows[LEARNED, 1].any()
    assert rows[COUNTED, 2].tolist() == rows[COUNTED, 1].tolist()
    assert (rows[LEARNED, 2] == 1).all()


def test_a_title_that_nobody_watched_is_ranked_by_those_most_like_it():
    data = training(world(titles=29), 30)
    data.content[29] = data.content[4]
    trained = fit_models(data)
    query = Query(np.array([2, 3], np.int32), np.array([START, START + 1]), np.ones(2, np.float32), data.until)
    velocity = Velocity.of_interactions(data.interactions, 30)
    rows, failed = Sources(trained.models, data.content, velocity, data.added_at).score(query, 30)
    assert not failed
    others = np.setdiff1d(np.arange(29), [2, 3, 4])
    assert rows[ROW["follow"], 29] > 0.1 * rows[ROW["follow"], others].max()


@given(st.integers(0, 2**32))
def test_what_is_kept_changes_nothing(seed):
    """Titles change, come and go as lenders: the same as when looked for anew."""
    random = np.random.default_rng(seed)
    content, kept = unit(*random.standard_normal((30, 4)).tolist()), Kept()
    learned = np.arange(15, dtype=np.int32)
    for _ in range(6):
        content = content.copy()
        content[random.integers(30)] = unit(random.standard_normal(4).tolist())[0]
        if random.random() < 0.3:
            learned = np.sort(random.permutation(30)[:15]).astype(np.int32)
        size = int(random.integers(20, 31))
        told = Lending.of(content[:size], learned, size, None, kept)
        anew = Lending.of(content[:size], learned, size, None)
        assert np.array_equal(told.borrowers, anew.borrowers)
        for place in range(len(told.borrowers)):
            ours = dict(zip(told.lenders[place].tolist(), told.share[place].tolist(), strict=True))
            theirs = dict(zip(anew.lenders[place].tolist(), anew.share[place].tolist(), strict=True))
            assert {title: share for title, share in ours.items() if share} == pytest.approx(
                {title: share for title, share in theirs.items() if share}, rel=1e-4
            )
