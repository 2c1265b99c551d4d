"""A title without a view is judged as the watched ones that are most like it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from frontrow.features.velocity import Velocity
from frontrow.models.learning.train import fit_models
from frontrow.models.lending import COUNTED, LEARNED, MOST, NEIGHBOURS, Kept, Lending, Waiting
from frontrow.models.names import FEATURES, ROW
from frontrow.models.query import Query
from frontrow.models.sources import Sources
from worlds import START, training, world

LENT = COUNTED + LEARNED


def unit(*rows: list[float]) -> np.ndarray:
    content = np.array(rows, np.float32)
    length = np.linalg.norm(content, axis=1, keepdims=True)
    return np.divide(content, length, out=np.zeros_like(content), where=length > 0)


def waiting_of(content: np.ndarray, learned, added_at=None, able=None) -> Waiting:
    """Of models that learned from all that they met."""
    return Waiting(content, np.array(learned, np.int32), np.array(learned, np.int64), added_at, able=able)


def lending_of(content: np.ndarray, learned) -> Lending:
    """Where it does not matter when."""
    return waiting_of(content, learned).at(0)


def test_shares_are_by_likeness():
    content = unit([1, 0], [0, 1], [-1, 0], [3, 4], [0, 0])
    lending = lending_of(content, [0, 1, 2])
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
    lending_of(content, range(400)).lend(rows)
    for row, truth in zip(rows[COUNTED], told, strict=True):
        assert np.corrcoef(row[400:], truth[400:])[0, 1] > 0.99
        assert truth[:400].min() <= row[400:].min() <= row[400:].max() <= truth[:400].max()


def test_like_nothing_or_nothing_watched_is_lent_nothing():
    content = unit([1, 0], [-1, 0])
    for learned in ([0], []):
        rows = np.zeros((len(FEATURES), 2), np.float32)
        rows[:, 0] = 1
        lending_of(content, learned).lend(rows)
        assert not rows[LENT, 1].any()


def test_of_very_many_the_latest_that_are_there_borrow():
    added = np.arange(MOST + 50)[::-1].copy()
    waiting = waiting_of(np.ones((MOST + 50, 1), np.float32), range(10), added)
    assert waiting.at(MOST + 50).borrowers.tolist() == list(range(10, MOST + 10))
    early = waiting.at(MOST + 20)  # the 19 that are yet to come take nobody's place
    assert early.borrowers.tolist() == list(range(29, MOST + 29))
    assert [waiting.at(now) is early for now in (MOST + 19, MOST + 20, MOST + 21)] == [False, True, False]


def test_of_what_is_yet_to_come_the_soonest_borrow_after_all_that_is_there():
    added = np.concatenate([np.zeros(10), np.full(MOST - 5, -9_000), 100 + np.arange(20)]).astype(np.int64)
    waiting = waiting_of(np.ones((MOST + 25, 1), np.float32), range(10), added)
    assert waiting.at(50).borrowers.tolist() == list(range(10, MOST + 10))
    assert [waiting.at(now) is waiting.at(50) for now in (-9_001, 99, 100)] == [False, True, False]


def test_what_is_yet_to_come_borrows_where_there_is_room():
    waiting = waiting_of(np.ones((20, 1), np.float32), range(10), np.arange(20))
    assert waiting.at(5).borrowers.tolist() == list(range(10, 20))
    assert waiting.at(-5) is waiting.at(5)


@given(st.integers(0, 2**32), st.integers(0, 2 * MOST))
@settings(max_examples=40, deadline=None)
def test_who_borrows_is_told_by_the_moment_alone_whatever_was_asked_before(seed, now):
    """Against the rule as it reads: the newest there, then the soonest to come; among those of one moment the first."""
    random = np.random.default_rng(seed)
    size = MOST + int(random.integers(200))
    added = random.integers(0, int(random.choice([4, 2 * MOST])), size)
    waiting = waiting_of(np.ones((size, 1), np.float32), range(3), added)
    for before in random.integers(0, 2 * MOST, 3).tolist():
        waiting.at(before)
    order = sorted(range(3, size), key=lambda title: (added[title] > now, abs(added[title] - now), title))
    assert waiting.at(now).borrowers.tolist() == sorted(order[:MOST])


def test_all_that_models_have_not_met_waits_whether_anything_is_lent_to_it_or_not():
    size = MOST + 50
    able = np.arange(size) % 7 > 0
    learned, met = np.arange(10, dtype=np.int32), np.arange(20)
    waiting = Waiting(np.ones((size, 1), np.float32), learned, met, able=able)
    assert waiting.titles.tolist() == [title for title in range(20, size) if able[title]]
    assert set(waiting.at(0).borrowers) <= set(waiting.titles)
    nothing = Waiting(np.zeros((size, 1), np.float32), learned, met)
    assert nothing.titles.tolist() == list(range(20, size))
    assert not len(nothing.at(0).borrowers)


def test_what_stands_in_no_row_takes_nobodys_place():
    able = np.arange(MOST + 50) % 5 == 0
    waiting = waiting_of(np.ones((MOST + 50, 1), np.float32), range(10), np.arange(MOST + 50), able)
    assert waiting.at(0).borrowers.tolist() == list(range(10, MOST + 50, 5))


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_what_is_lent_lies_between_what_the_lenders_have(seed, titles):
    random = np.random.default_rng(seed)
    content = unit(*random.random((titles, 4)).tolist())
    watched = random.random(titles) < 0.5
    lending = lending_of(content, np.flatnonzero(watched))
    rows = random.random((len(FEATURES), titles)).astype(np.float32)
    rows[np.ix_(COUNTED, ~watched)] = 0
    kept = rows[:, watched].copy()
    lending.lend(rows)
    assert np.array_equal(rows[:, watched], kept)
    assert lending.lenders.shape[1] <= NEIGHBOURS
    if len(lending.borrowers):
        assert (rows[LENT][:, lending.borrowers] <= kept[LENT].max(axis=1, keepdims=True) + 1e-5).all()


def test_until_a_training_views_add_to_what_is_lent_and_take_nothing_from_it():
    content = unit([1, 0], [1, 0], [1, 0], [1, 0])
    lending = lending_of(content, [0])
    rows = np.zeros((len(FEATURES), 4), np.float32)
    rows[:, 0] = 1
    rows[COUNTED, 2], rows[COUNTED, 3] = 0.5, 2.0
    rows[COUNTED[1], 3] = 0.5
    lent = {tuple(features): titles.tolist() for features, titles in lending.lend(rows)}
    assert lent.pop(tuple(LEARNED)) == lent.pop((COUNTED[1],)) == [1, 2, 3]
    assert lent == {(row,): [1, 2] for row in (COUNTED[0], *COUNTED[2:])}  # of the last more was counted
    assert (rows[LEARNED, 1:] == 1).all()
    assert rows[COUNTED[0], 1:].tolist() == [1, 1, 2]


def test_a_title_that_nobody_watched_is_ranked_by_those_most_like_it():
    data = training(world(titles=29), 30)
    data.content[29] = data.content[4]
    trained = fit_models(data)
    query = Query(np.array([2, 3], np.int32), np.array([START, START + 1]), np.ones(2, np.float32), data.until)
    velocity = Velocity.of_interactions(data.interactions, 30)
    reading = Sources(trained.models, data.content, velocity, data.added_at).read(query, 30)
    assert not reading.failed
    rows = reading.rows
    others = np.setdiff1d(np.arange(29), [2, 3, 4])
    assert rows[ROW["follow"], 29] > 0.1 * rows[ROW["follow"], others].max()


@example(92928354)  # a likeness of nearly 0, which two products round otherwise
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
        told = Waiting(content[:size], learned, learned, kept=kept).at(0)
        anew = Waiting(content[:size], learned, learned).at(0)
        assert np.array_equal(told.borrowers, anew.borrowers)
        assert np.array_equal(told.all_lenders, anew.all_lenders)
        np.testing.assert_allclose(told.regression, anew.regression, rtol=1e-4, atol=1e-6)
        for place in range(len(told.borrowers)):
            ours = dict(zip(told.lenders[place].tolist(), told.share[place].tolist(), strict=True))
            theirs = dict(zip(anew.lenders[place].tolist(), anew.share[place].tolist(), strict=True))
            assert {title: share for title, share in ours.items() if share} == pytest.approx(
                {title: share for title, share in theirs.items() if share}, rel=1e-4, abs=1e-6
            )
