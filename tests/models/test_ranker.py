"""The ranker: what it learns, what it reads, and that it is the same wherever it is asked."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import DAY, HOUR
from frontrow.core.horizon import MONTH, NEXT, SESSION, parse_horizon
from frontrow.features.velocity import Velocity
from frontrow.models.artifact import not_finite
from frontrow.models.blend import HORIZONS, mixture, weights_of
from frontrow.models.cases.asked import hold_out_last
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.names import FEATURES
from frontrow.models.query import Query
from frontrow.models.ranker.columns import COLUMNS
from frontrow.models.ranker.fit import LENGTH, Ranking, RankList, _slopes, fit_ranker, list_of
from frontrow.models.ranker.inputs import read
from frontrow.models.ranker.lists import questions_after
from frontrow.models.ranker.network import Ranker, shortlist
from frontrow.models.settings import ModelSettings
from frontrow.models.sources import Sources
from frontrow.recommend.scoring import Scorer
from worlds import START, interactions, training, world

WEIGHTS = [weights_of({"follow": 1.0})] * 3
GAP, FOLLOW, RECENT = COLUMNS.index("gap"), COLUMNS.index("follow"), COLUMNS.index("popular_2")


def planted(count: int = 1_800, seed: int = 0, effect: bool = True) -> list[RankList]:
    """Viewers who come back at once choose by what-follows, those who come back later what is popular: no sum of
    features says that."""
    rng, lists = np.random.default_rng(seed), []
    for viewer in range(count):
        table = rng.normal(size=(LENGTH, len(COLUMNS))).astype(np.float32)
        later = float(viewer % 2)
        table[:, GAP] = 10 * later
        by = RECENT if later and effect else FOLLOW
        odds = np.exp(3 * table[:, by].astype(np.float64))
        chosen = np.zeros(LENGTH, bool)
        chosen[rng.choice(LENGTH, p=odds / odds.sum())] = True
        lists.append(RankList(table, chosen, viewer % 3, viewer))
    return lists


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    found = fit_ranker(planted(), WEIGHTS, seed=1)
    assert found is not None
    return found


def test_it_learns_what_no_weighted_sum_can_say(ranking):
    assert set(ranking.gained) == set(HORIZONS)
    assert min(ranking.gained.values()) > 0.05
    assert (ranking.ranker.trust > 0.7).all()


def test_the_same_lists_and_seed_give_the_same_ranker(ranking):
    again = fit_ranker(planted(), WEIGHTS, seed=1)
    assert again is not None
    for name, array in ranking.ranker.arrays().items():
        np.testing.assert_array_equal(array, again.ranker.arrays()[name])


def test_too_few_lists_give_none():
    assert fit_ranker(planted(50), WEIGHTS) is None
    assert fit_ranker([], WEIGHTS) is None


def test_slopes_are_those_of_the_loss():
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(6, 4)), rng.normal(size=4)), (rng.normal(size=(4, 1)), rng.normal(size=1))]
    entering, blended = rng.normal(size=(3 * 5, 6)), rng.normal(size=(3, 5))
    right = np.zeros((3, 5))
    right[[0, 1, 2], [0, 4, 2]] = 1

    def loss() -> float:
        state = np.maximum(entering @ layers[0][0] + layers[0][1], 0)
        score = blended + (state @ layers[1][0] + layers[1][1]).reshape(3, 5)
        return float((np.log(np.exp(score).sum(axis=1)) - (score * right).sum(axis=1)).mean())

    found = _slopes(layers, entering, blended, right)  # type: ignore[arg-type]  # float64, to tell small differences
    for array, slope in zip((each for layer in layers for each in layer), found, strict=True):
        for place in np.ndindex(array.shape):
            kept, step = array[place], 1e-6
            array[place] = kept + step
            above = loss()
            array[place] = kept - step
            below = loss()
            array[place] = kept
            assert slope[place] == pytest.approx((above - below) / (2 * step), abs=1e-5)


def test_a_list_holds_what_was_chosen_and_the_best_of_the_others():
    rng = np.random.default_rng(0)
    table, blended = np.zeros((400, len(COLUMNS)), np.float32), np.arange(400, dtype=np.float32)
    table[:, 0] = blended
    chosen = np.zeros(400, bool)
    chosen[[3, 399]] = True
    made = list_of(table, blended, chosen, 0, 7, rng)
    assert made is not None
    assert made.table.shape == (LENGTH, len(COLUMNS))
    assert set(made.table[made.chosen][:, 0]) == {3, 399}
    assert set(range(350, 399)) <= set(made.table[:, 0].astype(int))
    assert list_of(table, blended, np.zeros(400, bool), 0, 7, rng) is None
    assert list_of(table[:100], blended[:100], chosen[:100], 0, 7, rng) is None


@given(st.integers(0, 2**32), st.integers(1, 300), st.floats(0, 1))
def test_a_list_has_its_length_however_much_was_chosen(seed, candidates, share):
    rng = np.random.default_rng(seed)
    chosen = rng.random(candidates) < share
    table = np.zeros((candidates, len(COLUMNS)), np.float32)
    made = list_of(table, rng.normal(size=candidates).astype(np.float32), chosen, 0, 7, rng)
    assert (made is None) == (candidates < LENGTH or not chosen.any() or chosen.all())
    if made is not None:
        assert len(made.table) == LENGTH
        assert made.chosen.any()
        assert not made.chosen.all()


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(0, 30), st.integers(1, 60))
def test_the_shortlist_is_the_best_that_the_viewer_does_not_know(seed, most, known, titles):
    rng = np.random.default_rng(seed)
    blended = rng.normal(size=titles).astype(np.float32)
    blended[rng.random(titles) < 0.3] = -np.inf
    watched = rng.integers(0, titles + 5, known).astype(np.int32)
    chosen = shortlist(blended, watched, most)
    unknown = np.setdiff1d(np.flatnonzero(np.isfinite(blended)), watched)
    assert chosen.tolist() == sorted(unknown[np.argsort(-blended[unknown])][:most].tolist())


def test_a_horizon_between_is_a_mixture(ranking):
    assert mixture(NEXT).tolist() == [1, 0, 0]
    assert mixture(SESSION).tolist() == [0, 1, 0]
    assert mixture(MONTH).tolist() == [0, 0, 1]
    between = mixture(parse_horizon("days=7"))
    assert between.sum() == pytest.approx(1)
    assert 0 < between[1] < 1
    table = planted(1)[0].table
    one, two = ranking.ranker.added(table, np.eye(3, dtype=np.float32)[1:])
    assert not np.allclose(one, two)


def test_it_is_kept_with_the_models_and_left_out_when_its_columns_changed(ranking, tmp_path):
    ranking.ranker.save(tmp_path)
    loaded = Ranker.load(tmp_path)
    assert loaded is not None
    table, asked = planted(1)[0].table, np.eye(3, dtype=np.float32)
    np.testing.assert_array_equal(loaded.added(table, asked), ranking.ranker.added(table, asked))
    stated = msgspec.json.decode((tmp_path / "ranker.json").read_bytes())
    (tmp_path / "ranker.json").write_bytes(msgspec.json.encode(stated | {"columns": stated["columns"][1:]}))
    assert Ranker.load(tmp_path) is None
    assert Ranker.load(tmp_path / "none") is None


@pytest.fixture(scope="module")
def large(ranking) -> Models:
    """Models of a world in which lists were made; with a ranker that is trusted, whatever they taught."""
    trained = fit_models(training(world(viewers=120, titles=200, each=12), 200), seed=1)
    assert trained.counts["ranked_lists"] > 200
    return replace(trained.models, ranker=replace(ranking.ranker, trust=np.ones(3, np.float32)))


def test_it_orders_the_shortlist_alone_and_can_be_left_out(large):
    assert fit_models(training(world(), 30), ModelSettings(ranker=False)).models.ranker is None
    scorer, plain = scorers(large, None)
    with_it, without = (each.score(asked(), (NEXT,), np.ones(200, bool)).blended[NEXT] for each in (scorer, plain))
    changed = np.flatnonzero(with_it != without)
    assert 0 < len(changed) < 200
    assert not np.isin(changed, asked().titles).any()


@pytest.mark.parametrize("layers", [(), "nan"])
def test_a_ranker_that_fails_leaves_the_blend_and_says_so(large, layers):
    ranker = large.ranker
    broken = replace(ranker, layers=()) if layers == () else replace(ranker, trust=ranker.trust * np.float32(np.nan))
    scorer, plain = scorers(replace(large, ranker=broken), None)
    told = scorer.score(asked(), (NEXT,), np.ones(200, bool))
    assert set(told.failed) == {"ranker"}
    np.testing.assert_array_equal(told.blended[NEXT], plain.score(asked(), (NEXT,), np.ones(200, bool)).blended[NEXT])


def test_one_that_is_not_finite_is_not_published(large):
    broken = replace(large, ranker=replace(large.ranker, mean=np.full_like(large.ranker.mean, np.inf)))
    assert "ranker mean" in (not_finite(broken) or "")


@given(st.integers(1, 30), st.integers(0, 5), st.integers(0, 100))
def test_what_it_reads_is_finite_and_knows_no_numbers(count, seed, hours):
    data = training(world(), 30)
    rng = np.random.default_rng(seed)
    titles = rng.permutation(30)[:count].astype(np.int32)
    query = Query(titles, START + np.arange(count) * HOUR, np.ones(count, np.float32), START + (count + hours) * HOUR)
    sources = Sources(None, data.content, None, None)
    standardised = rng.normal(size=(len(FEATURES), 30)).astype(np.float32)
    candidates = np.arange(30)
    table = read(sources, query, sources.history(query), standardised, candidates)
    assert table.shape == (30, len(COLUMNS))
    assert np.isfinite(table).all()
    order = rng.permutation(30)
    again = read(sources, query, sources.history(query), standardised[:, order], candidates[order])
    np.testing.assert_array_equal(again, table[order])


def test_questions_hold_nothing_of_their_answer():
    _, asked_ = hold_out_last(world(), 20, seed=0)
    questions = list(questions_after(asked_, seed=0))
    said = 0
    for question in questions:
        assert not np.isin(question.chosen, question.query.titles).any()
        assert (question.query.at <= question.query.now).all()
        said += int(question.query.now > question.query.at[-1])
    following = [question for question in questions if HORIZONS[question.horizon] == "next"]
    assert len(following) == sum(len(one.then) for one in asked_)
    assert 0.3 < said / len(following) < 0.7


def asked() -> Query:
    titles = np.arange(5, 11, dtype=np.int32)
    return Query(titles, START + np.arange(6) * DAY, np.ones(6, np.float32), START + 6 * DAY)


def scorers(models: Models, ranker: Ranker | None) -> tuple[Scorer, Scorer]:
    data = training(interactions([]), 200)
    velocity = Velocity(200)
    return (
        Scorer(models, data.content, velocity, data.added_at),
        Scorer(replace(models, ranker=ranker), data.content, velocity, data.added_at),
    )
