"""Titles that nobody has watched: weighed by weights of their own, learned from titles that left training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from frontrow.core.clock import DAY
from frontrow.core.horizon import MONTH, NEXT, SESSION, Horizon
from frontrow.features.velocity import Velocity
from frontrow.models.blend import HORIZONS, LONG, SETTLED, SOON, Blend, waited, weights_of
from frontrow.models.blend_fit import Beside, learn_levels
from frontrow.models.cases.asked import SESSION_EVENTS, hold_out_after
from frontrow.models.cases.data import TrainingData
from frontrow.models.cases.unseen import MOST, SHARE, Unseen, hold_out_titles
from frontrow.models.learning import lessons
from frontrow.models.learning.train import fit_models
from frontrow.models.lending import MOST as LENT_TO
from frontrow.models.names import FEATURES, ROW
from frontrow.models.query import Query
from frontrow.recommend.scoring import Scorer
from worlds import START, interactions, training, world

ONES = np.ones(len(FEATURES), np.float32)
BLEND = Blend(dict.fromkeys(HORIZONS, 2 * ONES), {"session": {1: ONES, 8: ONES}}, 6 * ONES, (-1.0, -3.0))
GENRES, TITLES, VIEWERS = 6, 240, 400


@pytest.fixture(scope="module")
def genres() -> TrainingData:
    """Viewers who each keep to one genre, whatever is popular; content tells nothing but the genre."""
    random = np.random.default_rng(0)
    rows = []
    for viewer in range(VIEWERS):
        own = np.arange(viewer % GENRES, TITLES, GENRES)
        watched = random.permutation(own)[:25]
        at = START + np.sort(random.integers(0, 100 * DAY, len(watched)))
        rows += [(viewer, int(title), int(when), 1.0) for title, when in zip(watched, at, strict=True)]
    data = training(interactions(rows), TITLES)
    middle = random.standard_normal((GENRES, 128))
    content = middle[np.arange(TITLES) % GENRES] + 0.2 * random.standard_normal((TITLES, 128))
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    return replace(data, content=content.astype(np.float32))


def test_weights_of_unseen_titles_are_everybodys_and_not_for_the_days():
    for known in (1, 8, SETTLED + 5):
        assert BLEND.of_unseen(SESSION, known)[0][0] == BLEND.of_unseen(NEXT, known)[0][0] == 6
        assert BLEND.of_unseen(SESSION, known)[1].tolist() == [-1, -3]
    assert BLEND.of_unseen(MONTH)[0][0] == 2
    assert not BLEND.of_unseen(MONTH)[1].any()
    assert 2 < BLEND.of_unseen(Horizon("days", 7))[0][0] < 6
    without = replace(BLEND, unseen=None)
    assert np.array_equal(without.of_unseen(SESSION, 3)[0], without.weights(SESSION, 3))


def test_they_are_saved(tmp_path):
    BLEND.save(tmp_path)
    loaded = Blend.load(tmp_path)
    assert np.array_equal(loaded.unseen, BLEND.unseen)
    assert loaded.levels == BLEND.levels
    replace(BLEND, unseen=None).save(tmp_path)
    assert Blend.load(tmp_path).unseen is None


def test_some_watched_titles_with_content_leave():
    data = training(world(viewers=200, titles=99), 100)
    data.content[:10] = 0
    gone = hold_out_titles(data.interactions, data, 1)
    assert len(gone) == int(SHARE * 89) <= MOST
    assert gone.min() >= 10
    assert gone.max() < 99
    assert np.array_equal(gone, hold_out_titles(data.interactions, data, 1))
    assert not len(hold_out_titles(interactions([]), data, 1))


def test_viewers_are_asked_about_titles_that_models_know_nothing_of(genres):
    every, cut = genres.interactions, START + 80 * DAY
    gone = hold_out_titles(every, genres, 0)
    rest, asked = hold_out_after(every, cut, 200, 0)
    rest = rest.take(~np.isin(rest.title, gone))
    models = fit_models(replace(genres, interactions=rest)).models
    asking = Unseen.of(models, rest, genres)
    cases, beside = asking.taken_up(every, cut, 200, 0), asking.stand_beside(every, cut, asked, models.blend)
    assert 50 < len(cases) <= 200
    assert 0 < len(beside) <= len(asked)
    for case in cases:
        assert 1 <= case.hit.sum() == case.relevant <= SESSION_EVENTS
        assert case.features.shape[1] == len(FEATURES)
        assert len(case.hit) <= len(gone)
        assert not np.ptp(case.features[:, ROW["transitions"]])
    assert 0 < np.mean([each.hit.sum() / (each.hit.sum() + each.others_hit) for each in beside]) < 0.3
    unwatched = replace(genres, n_titles=TITLES + 1, rankable=np.ones(TITLES + 1, bool), added_at=np.zeros(TITLES + 1),
                        content=np.concatenate([genres.content, genres.content[:1]]))  # fmt: skip
    waited = Unseen.of(models, rest, unwatched).stand_beside(every, cut, asked, models.blend)
    assert len(waited) == len(beside)
    assert all(each.hit.tolist() == [False] for each in waited)
    nonsense = replace(genres, added_at=np.full(TITLES, genres.until))
    again = Unseen.of(models, rest, nonsense).taken_up(every, cut, 200, 0)
    assert len(again) == len(cases)
    later = np.where(np.isin(np.arange(TITLES), gone), START + 80 * DAY, 0)
    first_at = np.array([every.at[every.title == title].min() for title in gone])
    there = Unseen.of(models, rest, replace(genres, added_at=later)).added_at
    assert ((there[gone] > 0) == (later[gone] <= first_at)).all()


def test_they_are_asked_about_however_many_newer_titles_nobody_ever_watched(genres):
    """Of very many unwatched titles the newest borrow; those that left training are not the newest."""
    many = TITLES + LENT_TO + 50
    more = np.zeros(many - TITLES, np.int64)
    data = replace(
        genres, n_titles=many, content=np.concatenate([genres.content, genres.content[more]]),
        rankable=np.ones(many, bool), added_at=np.concatenate([genres.added_at, more + START]),
    )  # fmt: skip
    every, cut = data.interactions, START + 80 * DAY
    gone = hold_out_titles(every, data, 0)
    assert gone.max() < TITLES
    rest, _ = hold_out_after(every, cut, 200, 0)
    rest = rest.take(~np.isin(rest.title, gone))
    models = fit_models(replace(data, interactions=rest)).models
    cases = Unseen.of(models, rest, data).taken_up(every, cut, 200, 0)
    assert len(cases) > 50


def test_the_levels_make_them_as_frequent_as_they_are_the_new_and_the_old():
    random = np.random.default_rng(0)
    weights, long = random.random(len(FEATURES)).astype(np.float32), np.array([0, 0.2, 0.5, 1, 1], np.float32)
    beside = []
    for _ in range(4_000):
        features = random.standard_normal((5, len(FEATURES))).astype(np.float32)
        others = random.normal(3, 1)
        truth = np.exp([*(features @ weights + 0.5 - 2 * long), others])
        drawn = random.choice(6, 3, p=truth / truth.sum())
        beside.append(Beside(features, np.isin(np.arange(5), drawn), long, others, int((drawn == 5).sum())))
    assert learn_levels(beside, weights) == pytest.approx((0.5, -1.5), abs=0.25)
    never = [replace(each, hit=np.zeros(5, bool), others_hit=1) for each in beside]
    assert max(learn_levels(never, weights)) < -5


def test_a_wait_tells_by_its_logarithm_from_nothing_to_everything():
    ago = np.array([-5 * DAY, 0, SOON, 3 * SOON, 7 * SOON, LONG, 2 * LONG])
    told = waited(START - ago, START)
    assert told[[0, 1, 5, 6]].tolist() == [1, 0, 1, 1]  # what is yet to come nobody can play
    assert np.diff(told[1:5]) == pytest.approx(np.full(3, np.log(2) / np.log1p(LONG / SOON)), rel=1e-5)
    assert waited(np.zeros(1, np.int64), 10).tolist() == [1]


def test_what_is_yet_to_come_is_not_put_before_what_is_there(genres):
    """It stood as what was added just now: where releases rule, tomorrow's filled everybody's first ten."""
    models = fit_models(genres, seed=1).models
    n, now, new = genres.n_titles, genres.until, models.met[-2:]
    models = replace(models, met=models.met[:-2])
    added_at = genres.added_at.copy()
    added_at[new] = now, now + DAY
    content = genres.content.copy()
    content[new[1]] = content[new[0]]
    blend = replace(models.blend, unseen=weights_of({"content": 0.5}), levels=(4.0, -4.0))
    query = Query(genres.interactions.title[:5], genres.interactions.at[:5], np.ones(5, np.float32), now)
    scorer = Scorer(replace(models, blend=blend, ranker=None), content, None, added_at, rankable=genres.rankable)
    scores = scorer.score(query, (SESSION,), np.ones(n, bool)).blended[SESSION]
    assert scores[new[0]] - scores[new[1]] == pytest.approx(8, abs=1e-3)


def test_what_nobody_ever_watches_is_not_held_for_new(genres):
    """Beside the titles that are to be watched stand as many that never are: viewers are offered few of them."""
    dead = TITLES + np.arange(TITLES)
    many = 2 * TITLES
    new = np.arange(TITLES - 3 * GENRES, TITLES)
    every = genres.interactions
    kept = ~np.isin(every.title, new) | (every.at >= START + 80 * DAY)
    added = np.zeros(many, np.int64)
    added[new] = START + 80 * DAY
    data = replace(
        genres, interactions=every.take(kept), n_titles=many, rankable=np.ones(many, bool), added_at=added,
        content=np.concatenate([genres.content, genres.content]),
    )  # fmt: skip
    models = fit_models(data).models
    assert models.blend.unseen is not None
    velocity = Velocity.of_interactions(data.interactions, many)
    scorer = Scorer(models, data.content, velocity, data.added_at)
    offered = []
    for viewer in range(20):
        history = data.interactions.take(data.interactions.profile == viewer)
        asked = Query(history.title, history.at, history.weight, data.until)
        scores = scorer.score(asked, (SESSION,), data.rankable).blended[SESSION].copy()
        scores[history.title] = -np.inf
        offered.append(np.isin(np.argsort(-scores)[:20], dead).mean())
    assert np.mean(offered) < 0.05


def test_what_content_tells_is_believed_of_new_titles_and_they_are_scored_by_it(genres):
    every, new = genres.interactions, np.arange(TITLES - GENRES, TITLES)
    data = replace(genres, interactions=every.take(~np.isin(every.title, new)))
    models = fit_models(data).models
    assert models.blend.unseen is not None
    velocity = Velocity.of_interactions(data.interactions, TITLES)
    scorer = Scorer(models, data.content, velocity, data.added_at)
    history = every.take(every.profile == 3)
    asked = Query(history.title, history.at, history.weight, data.until)
    scored = scorer.score(asked, (SESSION,), genres.rankable)
    assert new[scored.blended[SESSION][new].argmax()] % GENRES == 3
    titles, weights = scored.unseen
    assert titles.tolist() == new.tolist()
    evidence = sum(added for _, added, _ in scored.evidence(int(new[3]), SESSION, genres.rankable))
    assert evidence + models.blend.levels[1] == pytest.approx(float(scored.blended[SESSION][new[3]]), abs=1e-3)
    assert scored.leading(new[3:4], SESSION) == ["content"]
    assert weights.shape == (1, len(FEATURES))


def test_levels_are_learned_beside_the_blend_that_is_published(genres, monkeypatch):
    """Where content tells nothing of taste the published blend does not hear it: nor may the odds of all others."""
    heard = []
    stand_beside = Unseen.stand_beside

    def spied(self, every, cut, asked, blend):
        heard.append(blend.weights(SESSION))
        return stand_beside(self, every, cut, asked, blend)

    monkeypatch.setattr(Unseen, "stand_beside", spied)
    for tells in (True, False):
        heard.clear()
        monkeypatch.setattr(lessons, "content_tells", lambda *_, said=tells: said)
        published = fit_models(genres, seed=2).models.blend.weights(SESSION)
        assert bool(published[ROW["content"]]) == tells
        assert heard
        for weights in heard:
            np.testing.assert_allclose(weights, published, rtol=1e-5)
