"""The scorer: every source heard, a broken one left out, and reasons that are true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.horizon import MONTH, NEXT, SESSION
from frontrow.features.velocity import Velocity
from frontrow.models.dense import TitleMatrix
from frontrow.models.learning.train import fit_models
from frontrow.models.names import FEATURES, SOURCES
from frontrow.models.query import Query, nobody
from frontrow.recommend.scoring import Scored, Scorer, unscored
from worlds import START, training, world

N = 30
INSIDE = world()
DATA = training(INSIDE, N)
MODELS = fit_models(DATA).models
VELOCITY = Velocity.of_interactions(INSIDE, N)
HORIZONS = (NEXT, SESSION, MONTH)
ALL = np.ones(N, bool)


def query(titles: list[int], weights: float = 1.0) -> Query:
    at = START + np.arange(len(titles), dtype=np.int64)
    return Query(np.array(titles, np.int32), at, np.full(len(titles), weights, np.float32), DATA.until)


def scorer(models=MODELS) -> Scorer:
    return Scorer(models, DATA.content, VELOCITY, DATA.added_at)


def because_of(scored: Scored, candidates, open_titles=ALL):
    """The title of the history that spoke most for each, on the horizon `next`."""
    return scored.reasons(candidates, np.zeros(len(candidates), np.int64), open_titles)[1]


def test_it_guesses_the_next_title_of_a_circle():
    scored = scorer().score(query([3, 4, 5]), HORIZONS, ALL)
    scores = scored.blended[NEXT].copy()
    scores[[3, 4, 5]] = -np.inf
    assert scores.argmax() == 6
    assert set(scored.raw) == set(FEATURES)


def test_the_blended_score_is_the_sum_of_its_evidence():
    scored = scorer().score(query([3, 4, 5]), HORIZONS, ALL)
    for title in (0, 6, 29):
        told = scored.evidence(title, SESSION, ALL)
        assert sum(share for _, share, _ in told) == pytest.approx(float(scored.blended[SESSION][title]), abs=1e-4)
        assert told[0][0] == scored.leading(np.array([title]), SESSION)[0] or told[0][1] <= 0


def test_because_names_a_title_of_the_history_that_is_not_itself():
    history = [3, 4, 5, 17]
    scored = scorer().score(query(history), HORIZONS, ALL)
    candidates = np.arange(N)
    because = because_of(scored, candidates)
    assert set(because.tolist()) <= {-1, *history}
    assert (because != candidates).all()
    assert because[6] == 5
    leading = scored.leading(candidates, NEXT)
    assert set(leading) <= set(SOURCES)
    assert all(because[place] == -1 for place, name in enumerate(leading) if name.startswith("popular"))


@given(st.sets(st.integers(0, N - 1)), st.booleans())
def test_what_the_gate_keeps_shut_is_never_named(shut, trained):
    scored = scorer(MODELS if trained else None).score(query([3, 4, 5, 17, N + 3]), HORIZONS, ALL)
    open_titles = ~np.isin(np.arange(N), list(shut))
    named = because_of(scored, np.arange(N), open_titles)
    told = {because for title in range(N) for _, _, because in scored.evidence(title, NEXT, open_titles)}
    assert (set(named.tolist()) | told) <= {-1, 3, 4, 5, 17} - shut
    assert not trained or ((named >= 0).any() or {3, 4, 5, 17} <= shut)


def test_without_models_content_and_popularity_serve():
    scored = scorer(None).score(query([3]), HORIZONS, ALL)
    assert not scored.raw["linear"].any()
    assert scored.raw["content"].argmax() == 3
    assert np.ptp(scored.blended[SESSION]) > 0


def test_nobody_gets_what_is_popular():
    scored = scorer().score(nobody(DATA.until), HORIZONS, ALL)
    assert because_of(scored, np.arange(N)).tolist() == [-1] * N
    assert scored.raw["popular_7"][scored.blended[NEXT].argmax()] > np.median(scored.raw["popular_7"])


def test_disliked_titles_say_nothing_for_others():
    first = scorer().score(query([3, 4], 0.0), HORIZONS, ALL)
    assert np.array_equal(first.blended[NEXT], scorer().score(nobody(DATA.until), HORIZONS, ALL).blended[NEXT])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_source_with_values_that_are_not_finite_is_left_out_and_said(value):
    weights = np.full_like(MODELS.follow.weights, value)
    broken = replace(MODELS, follow=TitleMatrix(MODELS.follow.titles, MODELS.follow.place, weights))
    with np.errstate(invalid="ignore"):
        scored = scorer(broken).score(query([3, 4]), HORIZONS, ALL)
    assert set(scored.failed) == {"follow"}
    assert all(np.isfinite(scores).all() for scores in scored.blended.values())


def test_a_source_that_raises_is_left_out_and_said():
    broken = replace(MODELS, transitions=None)
    scored = scorer(broken).score(query([3, 4]), HORIZONS, ALL)
    assert set(scored.failed) == {"transitions"}
    assert np.isfinite(scored.blended[NEXT]).all()


def test_titles_beyond_what_models_know_are_scored_by_the_others():
    content = np.concatenate([DATA.content, DATA.content[3:4]])
    added = np.append(DATA.added_at, DATA.until - 1)
    scored = Scorer(MODELS, content, VELOCITY, added).score(query([3]), HORIZONS, np.ones(N + 1, bool))
    assert scored.raw["content"][N] > 0.9
    assert scored.raw["fresh"][N] > 0.9
    assert scored.raw["transitions"][N] == 0
    assert scored.raw["follow"][N] != 0  # lent by those most like it, and so said for its content
    assert scored.leading(np.array([N]), NEXT)[0] in {"content", "fresh"}
    told = scored.evidence(N, NEXT, np.ones(N + 1, bool))
    assert {source for source, _, _ in told} <= {"content", "fresh", "transitions"}
    assert np.isfinite(scored.blended[NEXT]).all()


@given(st.lists(st.integers(0, N + 5), max_size=40), st.sets(st.integers(0, N - 1)), st.booleans())
def test_only_rankable_titles_have_a_score_and_all_of_them(titles, shown, trained):
    rankable = np.isin(np.arange(N), list(shown))
    scored = scorer(MODELS if trained else None).score(query(titles), HORIZONS, rankable)
    assert not scored.failed
    for scores in scored.blended.values():
        assert np.array_equal(np.isfinite(scores), rankable)
    candidates = np.flatnonzero(rankable)
    assert len(scored.leading(candidates, MONTH)) == len(because_of(scored, candidates)) == len(candidates)


def test_an_empty_catalogue_is_scored():
    empty = Scorer(None, np.zeros((0, 128), np.float32), Velocity(), np.zeros(0, np.int64))
    assert len(empty.score(query([0, 1]), HORIZONS, np.zeros(0, bool)).blended[NEXT]) == 0


def test_unscored_says_nothing():
    scored = unscored(ALL, HORIZONS)
    assert scored.leading(np.array([1, 2]), NEXT) == ["popular", "popular"]
    assert because_of(scored, np.array([1, 2])).tolist() == [-1, -1]
    assert scored.evidence(1, NEXT, ALL) == []
