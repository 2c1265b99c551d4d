"""The sequence model: what it learns, that both its forms answer alike, and that what is kept changes no answer."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.clock import DAY, MINUTE
from frontrow.core.random import stream
from frontrow.features.interactions import Interactions
from frontrow.features.moments import CELLS, Moment, cells_of_one
from frontrow.models.query import Query
from frontrow.models.sequence.fit import fit_sequence
from frontrow.models.sequence.forward import Past, Shape, ask, embed, encode, further
from frontrow.models.sequence.kept import Kept
from frontrow.models.sequence.model import SequenceModel
from frontrow.models.sequence.parameters import initial_parameters
from frontrow.models.sequence.rows import SESSION_EVENTS, Histories, batches
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.sequence.tokens import FIRST, HORIZONS, gap_bucket, strength_bucket

TITLES = 12
SMALL = SequenceSettings(epochs=40, dimension=16, context=16, rows=8, negatives=TITLES, learning_rate=1e-2)
SHAPE = Shape(SMALL.blocks, SMALL.heads)


def content(n: int = TITLES) -> np.ndarray:
    """A direction of its own for each title."""
    vectors = stream(1, "content").normal(size=(n, 128)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rounds(viewers: int = 30, plays: int = 20, seed: int = 0) -> Interactions:
    """Everybody watches the titles in their order, round after round, each beginning somewhere else."""
    start = stream(seed, "rounds").integers(TITLES, size=viewers)
    title = ((start[:, None] + np.arange(plays)) % TITLES).astype(np.int32).ravel()
    profile = np.repeat(np.arange(viewers, dtype=np.int64), plays)
    at = np.tile(np.arange(plays, dtype=np.int64) * DAY, viewers)
    none = np.full(len(title), -1, np.int16)
    return Interactions(profile, title, at, np.ones(len(title), np.float32), none, none, none.astype(np.int8), ())


def drawn_model(seed: int = 0, context: int = 16) -> SequenceModel:
    """A model with random weights, of which nothing is 0."""
    arrays = {name: np.asarray(array) for name, array in initial_parameters(TITLES, SMALL, seed).items()}
    noise = stream(seed, "noise")
    arrays = {name: (array + noise.normal(0, 0.1, array.shape)).astype(np.float32) for name, array in arrays.items()}
    own, bias = arrays.pop("title"), arrays.pop("title_bias")
    return SequenceModel(arrays, own + content() @ arrays["content"], bias, SHAPE, context, ("DE", "FR"))


def query(count: int, seed: int = 0, later: int = DAY) -> Query:
    rng = stream(seed, "query")
    at = np.cumsum(rng.integers(1, 90 * MINUTE, size=count)).astype(np.int64)
    weights = rng.choice(np.array([0.1, 0.5, 0.9, 1.0], np.float32), count)
    moment = (Moment(), Moment(100, 2), Moment(3))[seed % 3]
    titles = rng.integers(0, TITLES, count).astype(np.int32)
    return Query(titles, at, weights, int(at[-1]) + later, "FR", moment=moment)


@pytest.fixture(scope="module")
def trained() -> SequenceModel:
    return fit_sequence(rounds(), content(), SMALL, seed=0)


def test_it_learns_what_follows_what(trained):
    hits = 0
    for first in range(TITLES):
        titles = ((first + np.arange(6)) % TITLES).astype(np.int32)
        asked = Query(titles, np.arange(6) * DAY, np.ones(6, np.float32), 6 * DAY)
        hits += int(trained.score(asked, content(), TITLES)[0].argmax() == (first + 6) % TITLES)
    assert hits >= TITLES - 1


def test_a_title_that_comes_next_in_the_session_outranks_one_that_does_not(trained):
    titles = np.arange(4, dtype=np.int32)
    asked = Query(titles, np.arange(4) * DAY, np.ones(4, np.float32), 4 * DAY)
    session = trained.score(asked, content(), TITLES)[HORIZONS.index("session")]
    ahead = (4 + np.arange(SESSION_EVENTS)) % TITLES
    assert session[ahead].min() > session[np.setdiff1d(np.arange(TITLES), ahead)].mean()


def test_the_same_seed_gives_the_same_model():
    few = msgspec.structs.replace(SMALL, epochs=1)
    first, second = (fit_sequence(rounds(5), content(), few, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.vectors, second.vectors)
    for name, array in first.weights.items():
        np.testing.assert_array_equal(array, second.weights[name])


@pytest.mark.parametrize(("count", "seed"), [(1, 0), (2, 1), (16, 2), (16, 3)])
def test_the_training_form_and_the_serving_form_score_alike(count, seed):
    model = drawn_model(seed)
    asked = query(count, seed)
    tokens = model.read(asked)
    vectors = model.vectors[tokens.title]
    weights = {name: jnp.asarray(array) for name, array in model.weights.items()}
    entering = embed(weights, jnp.asarray(vectors), tokens.strength, tokens.gap)
    states, _ = encode(jnp, weights, SHAPE, entering[None], jnp.asarray(tokens.minutes)[None])
    gap = int(gap_bucket(np.array([asked.now - asked.at[-1]]))[0])
    cells = np.array([CELLS if cell is None else cell for cell in cells_of_one(asked.moment)])
    told = np.stack([
        np.asarray(
            ask(jnp, weights, further(jnp, weights, states[0, -1], jnp.array(horizon)), gap, horizon, 2, cells)
            @ model.vectors.T + model.bias
        )
        for horizon in range(len(HORIZONS))
    ])  # fmt: skip
    np.testing.assert_allclose(model.score(asked, content(), TITLES), told, rtol=2e-4, atol=2e-4)


def remembered(model: SequenceModel, asked: Query) -> int:
    """How many of a query's interactions are still held."""
    tokens = model.read(asked)
    return model.kept.longest(tokens, model.about(tokens.title, content()))[0]


@given(st.integers(2, 40), st.integers(0, 5))
def test_what_is_kept_changes_no_answer(count, seed):
    asked = query(count, seed)
    carried, fresh = drawn_model(context=8), drawn_model(context=8)
    for upto in range(1, count):
        part = Query(asked.titles[:upto], asked.at[:upto], asked.weights[:upto], int(asked.at[upto - 1]))
        carried.score(part, content(), TITLES)
    kept = remembered(carried, asked)
    np.testing.assert_allclose(
        carried.score(asked, content(), TITLES), fresh.score(asked, content(), TITLES), rtol=2e-4, atol=2e-4
    )
    assert kept or len(carried.read(asked).title) <= 5  # only a window that has just moved on starts anew


def test_a_play_that_goes_on_carries_on_from_the_plays_before():
    model = drawn_model()
    asked = query(10)
    model.score(asked, content(), TITLES)
    stronger = asked.weights.copy()
    stronger[-1] = 0.5 if stronger[-1] > 0.6 else 1.0
    changed = Query(asked.titles, asked.at, stronger, asked.now)
    model.score(Query(asked.titles[:-1], asked.at[:-1], asked.weights[:-1], asked.now), content(), TITLES)
    assert remembered(model, changed) == 9
    assert (model.score(changed, content(), TITLES) != model.score(asked, content(), TITLES)).any()


def test_a_newer_title_that_is_described_anew_is_read_anew():
    asked = query(6)
    asked.titles[2] = TITLES  # the model has no vector of it
    carried, fresh = drawn_model(), drawn_model()
    before, after = content(TITLES + 1), content(TITLES + 1)
    after[TITLES] = -after[TITLES]
    first = carried.score(asked, before, TITLES)
    assert (carried.score(asked, after, TITLES) == fresh.score(asked, after, TITLES)).all()
    assert np.abs(carried.score(asked, after, TITLES) - first).max() > 1e-3
    np.testing.assert_array_equal(carried.score(asked, before, TITLES), first)


def test_reading_is_bounded_and_moves_on_by_half_a_context():
    model = drawn_model(context=8)
    lengths = [len(model.read(query(count)).title) for count in range(1, 30)]
    assert lengths[:8] == list(range(1, 9))
    assert lengths[8:16] == [5, 6, 7, 8, 5, 6, 7, 8]
    assert max(lengths) == 8


def test_what_is_kept_is_bounded_and_the_latest_stay():
    model = drawn_model()
    one = query(16, seed=1)
    model.score(one, content(), TITLES)
    size = model.kept.size
    small = Kept(3 * size)
    held = drawn_model()
    held = SequenceModel(held.weights, held.vectors, held.bias, SHAPE, 16, (), small)
    for seed in range(10):
        held.score(query(16, seed), content(), TITLES)
        assert small.size <= 3 * size
    assert remembered(held, query(16, 9)) == 16
    assert remembered(held, query(16, 0)) == 0


def test_the_moment_and_the_horizon_move_the_scores():
    model = drawn_model()
    soon, late = (model.score(query(6, later=later), content(), TITLES) for later in (MINUTE, 30 * DAY))
    assert (soon != late).any()
    assert not np.allclose(soon[0], soon[2])
    nowhere = query(6)
    elsewhere = Query(nowhere.titles, nowhere.at, nowhere.weights, nowhere.now, "DE")
    assert (model.score(nowhere, content(), TITLES) != model.score(elsewhere, content(), TITLES)).any()
    morning, evening, on_tv = (
        model.score(replace(nowhere, moment=moment), content(), TITLES)
        for moment in (Moment(8), Moment(20), Moment(20, 3))
    )
    assert (morning != evening).any()
    assert (evening != on_tv).any()


def test_asked_in_the_same_second_is_not_asked_without_a_time():
    """Half of the plays follow within the same second and are of the second half of the titles."""
    rng = stream(0, "seconds")
    plays = rounds(viewers=60, plays=20)
    at_once = rng.random(len(plays)) < 0.5
    title = (rng.integers(TITLES // 2, size=len(plays)) + at_once * (TITLES // 2)).astype(np.int32)
    step = np.where(at_once, 0, DAY)
    plays = replace(plays, title=title, at=np.concatenate([np.cumsum(each) for each in np.split(step, 60)]))
    model = fit_sequence(plays, content(), SMALL, seed=0)
    asked = Query(plays.title[:6], plays.at[:6], plays.weight[:6], int(plays.at[5]))

    def share(query: Query) -> float:
        odds = np.exp(model.score(query, content(), TITLES)[0])
        return float(odds[TITLES // 2 :].sum() / odds.sum())

    assert share(asked) > 0.8
    assert share(replace(asked, now=asked.now + DAY)) < 0.2
    assert 0.3 < share(replace(asked, timed=False)) < 0.7


def test_it_learns_what_suits_an_hour_and_asks_without_one_all_the_same():
    """The first half of the titles by day, the others in the evening, whatever was watched before."""
    rng = stream(0, "hours")
    plays = rounds(viewers=60, plays=20)
    evening = rng.random(len(plays)) < 0.5
    title = (rng.integers(TITLES // 2, size=len(plays)) + evening * (TITLES // 2)).astype(np.int32)
    plays = replace(plays, title=title, hour=np.where(evening, 20, 8).astype(np.int16))
    model = fit_sequence(plays, content(), SMALL, seed=0)
    asked = Query(plays.title[:6], plays.at[:6], plays.weight[:6], int(plays.at[6]))

    def share(moment: Moment) -> float:
        odds = np.exp(model.score(replace(asked, moment=moment), content(), TITLES)[0])
        return float(odds[TITLES // 2 :].sum() / odds.sum())

    assert share(Moment(24 + 8)) < 0.2
    assert share(Moment(24 + 20)) > 0.8
    assert 0.3 < share(Moment()) < 0.7


def test_a_title_of_tomorrow_is_read_by_its_content(trained):
    known = content(TITLES)
    asked = Query(np.arange(4, dtype=np.int32), np.arange(4) * DAY, np.ones(4, np.float32), 4 * DAY)
    twin, nothing = known[4:5], np.zeros((1, 128), np.float32)
    scores = trained.score(asked, np.concatenate([known, twin, nothing]), TITLES + 3)
    assert scores.shape == (3, TITLES + 3)
    assert np.isfinite(scores).all()
    others = np.delete(scores[0, :TITLES], 4)
    assert scores[0, TITLES] > np.median(others)
    np.testing.assert_array_equal(scores[:, TITLES + 1], scores[:, :TITLES].min(axis=1))
    np.testing.assert_array_equal(scores[:, TITLES + 2], scores[:, :TITLES].min(axis=1))
    newer = Query(np.append(asked.titles, TITLES).astype(np.int32), np.arange(5) * DAY, np.ones(5, np.float32), 5 * DAY)
    assert np.isfinite(trained.score(newer, np.concatenate([known, twin]), TITLES + 1)).all()


def test_it_lies_on_disk_and_comes_back_the_same(tmp_path, trained):
    trained.save(tmp_path)
    back = SequenceModel.load(tmp_path)
    np.testing.assert_array_equal(back.score(query(9), content(), TITLES), trained.score(query(9), content(), TITLES))
    assert (back.shape, back.context, back.countries) == (trained.shape, trained.context, trained.countries)


def test_carried_on_it_keeps_what_it_knew_and_takes_in_new_titles(trained):
    more = np.concatenate([content(), content(TITLES + 2)[TITLES:]])
    again = fit_sequence(rounds(seed=1), more, SMALL, seed=1, start=trained)
    assert again.vectors.shape == (TITLES + 2, 16)
    asked = Query(np.arange(6, dtype=np.int32), np.arange(6) * DAY, np.ones(6, np.float32), 6 * DAY)
    assert again.score(asked, more, TITLES)[0].argmax() == 6


@pytest.mark.parametrize("plays", [0, 1, 2])
def test_little_or_nothing_to_learn_from_gives_finite_scores(plays):
    some = rounds(viewers=1 if plays else 0, plays=max(plays, 1))
    model = fit_sequence(some, content(), SMALL, seed=0)
    assert np.isfinite(model.score(query(3), content(), TITLES)).all()


def test_rows_ask_only_what_lies_ahead_in_the_same_history():
    histories = Histories(rounds(viewers=7, plays=9), np.zeros(63, np.int32))
    rng = stream(0, "rows")
    seen = 0
    for batch in batches(histories, 10, 2, rng):
        assert batch.tokens.title.shape == (2, 10)
        asked, title = batch.next.counts > 0, batch.tokens.title
        assert (batch.next.moment.horizon == 0).all()
        assert ((batch.next.answer - title)[asked] % TITLES == 1).all()  # steps ahead, as all watch in order
        far, at = batch.far, np.take_along_axis(title, batch.far_place, 1)
        assert far.answer.shape == far.moment.gap.shape == (2, 10 // 4)
        ahead, counted = (far.answer - at) % TITLES, far.counts > 0
        assert (ahead[counted] >= 1).all()
        assert (ahead[counted & (far.moment.horizon == 1)] <= SESSION_EVENTS).all()
        assert not batch.apart[:, np.arange(10), np.arange(10)].any()
        seen += int(asked.sum())
    assert seen <= 7 * 8


def test_who_has_just_come_is_told_from_who_is_read_from_the_middle():
    histories = Histories(rounds(viewers=7, plays=9), np.zeros(63, np.int32))
    for batch in batches(histories, 10, 2, stream(0, "rows")):
        begins = batch.tokens.gap == FIRST
        steps = (batch.tokens.gap == 0) & (batch.next.counts > 0)
        assert not (begins & steps).any()
        assert not steps[:, 1:].any()  # the middle of a history is where a row begins
    model = drawn_model(context=16)
    assert model.read(query(16)).gap[0] == FIRST
    assert model.read(query(17)).gap[0] == 0
    assert (model.read(query(16)).gap[1:] < FIRST).all()


def test_viewers_in_one_row_do_not_see_each_other():
    model = drawn_model()
    weights, shape = model.weights, model.shape
    tokens = model.read(query(8))
    entering = embed(weights, model.vectors[tokens.title], tokens.strength, tokens.gap)
    apart = np.zeros((8, 8), bool)
    apart[4:, :4] = True
    joined, _ = encode(np, weights, shape, entering, tokens.minutes, apart=apart)
    alone, _ = encode(np, weights, shape, entering[4:], tokens.minutes[4:])
    np.testing.assert_allclose(joined[4:], alone, rtol=2e-4, atol=2e-4)


def test_the_past_carries_on_in_parts():
    model = drawn_model()
    tokens = model.read(query(9))
    entering = embed(model.weights, model.vectors[tokens.title], tokens.strength, tokens.gap)
    whole, _ = encode(np, model.weights, SHAPE, entering, tokens.minutes)
    past: Past | None = None
    parts = []
    for some in (slice(0, 4), slice(4, 5), slice(5, 9)):
        states, past = encode(np, model.weights, SHAPE, entering[some], tokens.minutes[some], past)
        parts.append(states)
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize("before", [0, 5])
def test_asked_for_the_latest_state_alone_all_is_kept_as_for_every_state(before):
    model = drawn_model()
    tokens = model.read(query(9))
    entering = embed(model.weights, model.vectors[tokens.title], tokens.strength, tokens.gap)
    past: Past | None = None
    if before:
        _, past = encode(np, model.weights, SHAPE, entering[:before], tokens.minutes[:before])
    whole, kept = encode(np, model.weights, SHAPE, entering[before:], tokens.minutes[before:], past)
    latest, same = encode(np, model.weights, SHAPE, entering[before:], tokens.minutes[before:], past, latest=True)
    assert latest.shape == (1, SMALL.dimension)
    np.testing.assert_allclose(latest[0], whole[-1], rtol=2e-5, atol=2e-5)
    for one, other in zip((*kept.keys, *kept.values), (*same.keys, *same.values), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-5)


def test_buckets():
    assert gap_bucket(np.array([-5, 0, 1, 10**6, 10**18])).tolist() == [1, 1, 1, 2, 30]
    assert strength_bucket(np.array([0, 0.1, 0.6, 1], np.float32)).tolist() == [0, 1, 3, 6]
