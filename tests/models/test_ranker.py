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
from frontrow.models.blend import HORIZONS, SETTLED, Blend, mixture, weights_of
from frontrow.models.cases.asked import hold_out_last, sources_of
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.names import FEATURES
from frontrow.models.outcomes.model import log_sum
from frontrow.models.query import Query
from frontrow.models.ranker.columns import COLUMNS
from frontrow.models.ranker.fit import LENGTH, Ranking, RankList, _slopes, fit_ranker, list_of
from frontrow.models.ranker.inputs import table_of
from frontrow.models.ranker.lists import lists_of, questions_after
from frontrow.models.ranker.network import CLIP, SHORTLIST, Ranker, shortlist
from frontrow.models.settings import ModelSettings
from frontrow.models.sources import Sources
from frontrow.recommend.scoring import Scorer
from worlds import START, interactions, training, world

MANY = SHORTLIST + 100
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
def test_the_shortlist_is_the_best_of_those_among_which_is_asked(seed, most, known, titles):
    rng = np.random.default_rng(seed)
    blended = rng.normal(size=titles).astype(np.float32)
    blended[rng.random(titles) < 0.3] = -np.inf
    among = np.ones(titles, bool)
    among[rng.integers(0, titles, known)] = False
    chosen = shortlist(blended, among, most)
    open_titles = np.flatnonzero(np.isfinite(blended) & among)
    assert chosen.tolist() == sorted(open_titles[np.argsort(-blended[open_titles])][:most].tolist())


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
    trained = fit_models(training(world(viewers=120, titles=MANY, each=12), MANY), seed=1)
    assert trained.counts["ranked_lists"] > 200
    return replace(trained.models, ranker=replace(ranking.ranker, trust=np.ones(3, np.float32)))


def test_it_orders_the_best_alone_and_can_be_left_out(large):
    assert fit_models(training(world(), 30), ModelSettings(ranker=False)).models.ranker is None
    scorer, plain = scorers(large, None)
    with_it, without = (each.score(asked(), (NEXT,), np.ones(MANY, bool)).blended[NEXT] for each in (scorer, plain))
    changed = np.flatnonzero(with_it != without)
    assert 100 < len(changed) <= SHORTLIST
    assert not np.isin(changed, asked().titles).any()
    others = np.setdiff1d(large.met, np.append(changed, asked().titles))
    assert len(others) > 50
    assert without[others].max() <= without[changed].min()


def test_only_what_is_compared_is_ordered_anew(large):
    """Whatever else is scored beside it stands as the blend has it, and moves nothing."""
    scorer, plain = scorers(large, None)
    compared = np.arange(MANY) % 3 > 0
    alone = scorer.score(asked(), (NEXT,), compared).blended[NEXT]
    both = scorer.score(asked(), (NEXT,), np.ones(MANY, bool), compared=compared).blended[NEXT]
    np.testing.assert_array_equal(both[compared], alone[compared])
    without = plain.score(asked(), (NEXT,), np.ones(MANY, bool)).blended[NEXT]
    np.testing.assert_array_equal(both[~compared], without[~compared])
    assert (both != without).any()


def test_all_that_it_orders_stand_together_where_the_blend_had_them(large):
    scorer, plain = scorers(large, None)
    with_it, without = (each.score(asked(), (NEXT,), np.ones(MANY, bool)).blended[NEXT] for each in (scorer, plain))
    changed = np.flatnonzero(with_it != without)
    assert np.abs(with_it - without).max() > 0.1
    assert log_sum(with_it[changed]) == pytest.approx(log_sum(without[changed]), abs=1e-3)


def test_it_says_nothing_of_titles_that_models_know_nothing_of(large):
    data = training(interactions([]), MANY + 40)
    data.content[MANY:] = data.content[:40]
    blend = replace(large.blend, unseen=np.full(len(FEATURES), 0.3, np.float32), levels=(3.0, 3.0))
    told = []
    for ranker in (large.ranker, None):
        models = replace(large, ranker=ranker, blend=blend)
        scorer = Scorer(models, data.content, Velocity(MANY + 40), data.added_at)
        told.append(scorer.score(asked(), (NEXT,), np.ones(MANY + 40, bool)).blended[NEXT])
    changed = np.flatnonzero(told[0] != told[1])
    assert len(changed) > 0
    assert changed.max() < MANY


@pytest.mark.parametrize(("stage", "heard"), [(8, 0.0), (1, np.log(6) / np.log(SETTLED))])
def test_of_a_newcomer_it_is_heard_as_far_as_they_are_settled(large, stage, heard):
    """It learned from settled viewers. Newcomers' weights are the settled ones here, so that it alone tells."""

    def added(newcomers: dict[str, dict[int, np.ndarray]]) -> np.ndarray:
        models = replace(large, blend=replace(large.blend, newcomers=newcomers))
        scorer, plain = scorers(models, None)
        with_it, without = (each.score(asked(), (SESSION,), np.ones(MANY, bool)) for each in (scorer, plain))
        told: np.ndarray = with_it.blended[SESSION] - without.blended[SESSION]
        return told

    full, part = added({}), added({"session": {stage: large.blend.by_horizon["session"]}})
    some = np.flatnonzero(full)
    np.testing.assert_allclose(part[some] - part[some[0]], heard * (full[some] - full[some[0]]), atol=1e-3)
    assert np.ptp(full[some]) > 0.1


class FailsForDays(Ranker):
    def added(self, table, mixture):
        return super().added(table, mixture) * (np.nan if mixture[0][HORIZONS.index("days")] else 1)


def test_where_it_fails_for_one_horizon_it_orders_the_others(large):
    broken = replace(large, ranker=FailsForDays(**vars(large.ranker)))
    (whole, plain), (partly, _) = scorers(large, None), scorers(broken, None)
    told = partly.score(asked(), (SESSION, MONTH), np.ones(MANY, bool))
    assert set(told.failed) == {"ranker"}
    for scorer, horizon in ((whole, SESSION), (plain, MONTH)):
        expected = scorer.score(asked(), (SESSION, MONTH), np.ones(MANY, bool)).blended[horizon]
        np.testing.assert_array_equal(told.blended[horizon], expected)


def test_beyond_eight_deviations_a_feature_says_no_more(ranking):
    """To the network, in training as in serving."""
    ranker = replace(ranking.ranker, scale=np.full_like(ranking.ranker.scale, 0.1), mean=0 * ranking.ranker.mean)
    table = planted(1)[0].table
    told = []
    for far in (CLIP - 2, CLIP, 10 * CLIP):
        table[:, FOLLOW] = far
        told.append(ranker.added(table, np.eye(3, dtype=np.float32)[:1]))
    np.testing.assert_array_equal(told[1], told[2])
    assert not np.allclose(told[0], told[1])
    lists = planted(300)
    for each in lists:
        each.table[0, RECENT] = CLIP
    near = fit_ranker(lists, WEIGHTS, seed=1)
    for each in lists:
        each.table[0, RECENT] = 100 * CLIP
    far_off = fit_ranker(lists, WEIGHTS, seed=1)
    assert near is not None
    assert far_off is not None
    for name, array in near.ranker.arrays().items():
        np.testing.assert_array_equal(array, far_off.ranker.arrays()[name])


def test_lists_hold_what_the_blend_weighs(large):
    """What the ranker is learned beside, told from its lists, is what serving adds it to: no feature is cut off."""
    data = training(world(viewers=120, titles=MANY, each=12), MANY)
    rest, asked_ = hold_out_last(data.interactions, 30, seed=0)
    weights = [np.full(len(FEATURES), 1.0, np.float32)] * 3
    made = lists_of(questions_after(asked_, 0), weights, large, rest, data, 0).ranked
    sources, eligible = sources_of(large, rest, data)
    assert max(np.abs(each.table[:, : len(FEATURES)]).max() for each in made) > CLIP
    one = next(each for each in made if HORIZONS[each.horizon] == "session")
    question = next(each for each in asked_ if each.viewer == one.viewer)
    scorer = Scorer(replace(large, ranker=None), data.content, None, data.added_at, rankable=data.rankable)
    scorer.sources, scorer.blend = sources, Blend(dict(zip(HORIZONS, weights, strict=True)))
    served = scorer.score(question.query, (SESSION,), eligible).blended[SESSION]
    told = one.table[:, : len(FEATURES)] @ weights[0]
    assert np.isin(told.round(2), served.round(2)).mean() > 0.95


@pytest.mark.parametrize("layers", [(), "nan"])
def test_a_ranker_that_fails_leaves_the_blend_and_says_so(large, layers):
    ranker = large.ranker
    broken = replace(ranker, layers=()) if layers == () else replace(ranker, trust=ranker.trust * np.float32(np.nan))
    scorer, plain = scorers(replace(large, ranker=broken), None)
    told = scorer.score(asked(), (NEXT,), np.ones(MANY, bool))
    assert set(told.failed) == {"ranker"}
    np.testing.assert_array_equal(told.blended[NEXT], plain.score(asked(), (NEXT,), np.ones(MANY, bool)).blended[NEXT])


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
    rows = rng.normal(size=(len(FEATURES), 30)).astype(np.float32)
    reading = replace(sources.read(query, 30), rows=rows, mean=rows.mean(axis=1), scale=1 / rows.std(axis=1))
    table = table_of(sources, reading, np.arange(30))
    assert table.shape == (30, len(COLUMNS))
    assert np.isfinite(table).all()
    order = rng.permutation(30)
    np.testing.assert_array_equal(table_of(sources, reading, order), table[order])


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
    data = training(interactions([]), MANY)
    velocity = Velocity(MANY)
    return (
        Scorer(models, data.content, velocity, data.added_at),
        Scorer(replace(models, ranker=ranker), data.content, velocity, data.added_at),
    )
