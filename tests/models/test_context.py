"""What suits a moment: found where it is, silent where it is not, and nothing of who watches when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments import EVENING, MORNING, TITLES, TRAITS, dark, plays, titles

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY
from frontrow.core.errors import FrontrowError
from frontrow.core.horizon import SESSION
from frontrow.features.moments import AXES, CELLS, WEEK_HOURS, Moment
from frontrow.features.velocity import Velocity
from frontrow.models.artifact import check
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.moment import context_fit
from frontrow.models.moment.context import SILENT, ContextModel
from frontrow.models.moment.context_fit import fit_context, pairs_of
from frontrow.models.moment.leanings import Leanings
from frontrow.models.names import ROW
from frontrow.models.query import Query, nobody
from frontrow.models.traits import Traits
from frontrow.recommend.scoring import Scorer
from worlds import START, training

PLAYS = plays()
MODEL = fit_context(PLAYS, TRAITS, TITLES, 10_000, 0)
DATA = replace(training(PLAYS, TITLES), traits=TRAITS)
DARK = np.array([dark(n) for n in range(TITLES)])


def said(query: Query, model: ContextModel = MODEL) -> np.ndarray:
    return model.reading(query) @ Leanings(model, titles()).table


def test_what_suits_each_moment_is_found():
    assert not MODEL.silent
    for moment, fits in ((EVENING, DARK), (MORNING, ~DARK)):
        scores = said(nobody(START, moment=moment))
        assert scores[fits].min() > scores[~fits].max() + 0.5


def test_each_axis_tells_on_its_own():
    on_tv, evening = (
        said(nobody(START, moment=each)) for each in (Moment(device=EVENING.device), Moment(EVENING.hour))
    )
    assert on_tv[DARK].mean() > on_tv[~DARK].mean()
    assert evening[DARK].mean() > evening[~DARK].mean()


@pytest.mark.parametrize("seed", range(4))
def test_without_the_effect_it_is_silent(seed):
    model = fit_context(plays(seed=seed, effect=False), TRAITS, TITLES, 10_000, seed)
    assert model.silent
    assert not model.reading(nobody(START, moment=EVENING)).any()
    assert Leanings(model, titles()).table.shape == (CELLS, 0)


def test_who_watches_when_is_no_effect_of_the_moment():
    """Viewers of the evening like dark titles, those of the morning bright ones, each at any hour that they come."""
    random = np.random.default_rng(0)
    log = plays(effect=False)
    owl = log.profile % 2 == 1
    hour = np.where(owl, 20, 8) + 24 * random.integers(0, 7, len(log)) + random.integers(-2, 3, len(log))
    log = replace(log, hour=hour.astype(np.int16), title=(log.title // 2 * 2 + ~owl).astype(np.int32) % TITLES)
    assert fit_context(log, TRAITS, TITLES, 10_000, 0).silent


def test_a_viewer_who_always_watches_then_needs_no_push():
    """The model says what a moment adds to the viewer's usual ones; for whom it is usual, little."""
    ago = np.arange(60, dtype=np.int64)
    usual = Query(
        np.zeros(60, np.int32), START + ago, np.ones(60, np.float32), START + DAY,
        hours=np.full(60, EVENING.hour, np.int16), devices=np.full(60, EVENING.device, np.int8), moment=EVENING,
    )  # fmt: skip
    spread = [np.ptp(said(each)) for each in (usual, nobody(START, moment=EVENING), replace(usual, moment=MORNING))]
    assert spread[0] < 0.5 * spread[1] < spread[1] < spread[2]


@given(st.integers(-1, WEEK_HOURS - 1), st.integers(-1, 5), st.integers(0, 30), st.integers(0, 2**31))
def test_a_reading_takes_each_known_axis_once_less_what_is_usual(hour, device, count, seed):
    random = np.random.default_rng(seed)
    query = Query(
        np.zeros(count, np.int32), np.sort(random.integers(0, 90 * DAY, count)), np.ones(count, np.float32), 90 * DAY,
        hours=random.integers(-1, WEEK_HOURS, count).astype(np.int16),
        devices=random.integers(-1, 6, count).astype(np.int8), moment=Moment(hour, device),
    )  # fmt: skip
    reading = MODEL.reading(query)
    assert reading.shape == (CELLS,)
    for axis in AXES.values():
        assert abs(float(reading[axis].sum())) < 1e-5
        assert (reading[axis] > 0).sum() <= 1
    if device < 0:
        assert not reading[AXES["device"]].any()
    if hour < 0:
        assert not reading[AXES["hour"]].any()
        assert not reading[AXES["weekday"]].any()


def test_a_title_of_tomorrow_is_scored_by_what_it_shares_with_others():
    later = [*titles(), titles()[0], titles()[1]]
    scores = MODEL.reading(nobody(START, moment=EVENING)) @ Leanings(MODEL, later).table
    assert scores[TITLES] > scores[TITLES + 1] + 0.5


def test_leanings_follow_a_title_that_changes():
    catalogue = titles()
    leanings = Leanings(MODEL, catalogue)
    before = leanings.table.copy()
    catalogue[0], catalogue[2] = catalogue[1], None
    leanings.take([0, 2], catalogue)
    moved = np.flatnonzero((leanings.table != before).any(axis=0)).tolist()
    assert moved == [0, 2]
    catalogue.append(titles()[0])
    leanings.take([TITLES], catalogue)
    assert leanings.table.shape == (CELLS, TITLES + 1)


def test_it_is_the_same_every_time_and_after_a_save(tmp_path):
    again = fit_context(PLAYS, TRAITS, TITLES, 10_000, 0)
    MODEL.save(tmp_path)
    for other in (again, ContextModel.load(tmp_path)):
        assert (other.names, other.strength) == (MODEL.names, MODEL.strength)
        for name in ("weights", "own", "usual"):
            assert np.array_equal(getattr(other, name), getattr(MODEL, name))
    SILENT.save(tmp_path / "silent")
    assert ContextModel.load(tmp_path / "silent").silent


def test_pairs_are_of_one_viewer_and_bounded():
    pairs = pairs_of(PLAYS, 300, 0)
    assert 0 < len(pairs) <= 300
    assert (pairs.title[:, 0] != pairs.title[:, 1]).all()
    for place in range(len(pairs)):
        mine = set(PLAYS.title[PLAYS.profile == pairs.viewer[place]].tolist())
        assert set(pairs.title[place].tolist()) <= mine


@settings(deadline=None)
@given(st.integers(0, 400), st.sampled_from(["hour", "device", "both", "none"]))
def test_odd_logs(count, known):
    log = PLAYS.take(np.arange(count))
    none = np.full(count, -1)
    if known in ("device", "none"):
        log = replace(log, hour=none.astype(np.int16))
    if known in ("hour", "none"):
        log = replace(log, device=none.astype(np.int8))
    model = fit_context(log, TRAITS, TITLES, 10_000, 0)
    assert np.isfinite(model.reading(nobody(START, moment=EVENING))).all()
    assert not (known == "none" and not model.silent)


def test_the_whole_follows_the_moment_and_an_older_artifact_does_not(tmp_path):
    models = fit_models(DATA).models
    models.save(tmp_path)
    loaded = Models.load(tmp_path)
    velocity = Velocity.of_interactions(PLAYS, TITLES)
    scorer = Scorer(loaded, DATA.content, velocity, DATA.added_at, DATA.leanings(loaded.context))
    everything = np.ones(TITLES, bool)
    mine = PLAYS.take(PLAYS.profile == 3)
    asked = [
        Query(mine.title[:6], mine.at[:6], mine.weight[:6], DATA.until, moment=each) for each in (EVENING, MORNING)
    ]
    evening, morning = (scorer.score(each, (SESSION,), everything).blended[SESSION] for each in asked)
    assert models.blend.weights(SESSION)[ROW["context"]] > 0.2
    assert (evening - morning)[DARK].min() > (evening - morning)[~DARK].max()
    (tmp_path / "context" / "context.json").unlink()
    for path in (tmp_path / "context").iterdir():
        path.unlink()
    (tmp_path / "context").rmdir()
    assert Models.load(tmp_path).context.silent


def test_a_context_model_that_is_not_finite_is_refused():
    models = fit_models(DATA).models
    spoilt = MODEL.own.copy()
    spoilt[3, 4] = np.nan
    with pytest.raises(FrontrowError, match="context own holds 1 values that are not finite"):
        check(replace(models, context=replace(MODEL, own=spoilt)), [])


def test_memory_is_bounded_by_the_most_played_titles(monkeypatch):
    monkeypatch.setattr(context_fit, "MOST_TITLES", 20)
    model = fit_context(PLAYS, TRAITS, TITLES, 10_000, 0)
    assert (model.own != 0).any(axis=1).sum() <= 20
    scores = said(nobody(START, moment=EVENING), model)
    assert scores[DARK].min() > scores[~DARK].max()  # the others lean by their traits


def test_pairs_can_be_switched_off():
    assert fit_context(PLAYS, TRAITS, TITLES, 0, 0).silent


def test_a_long_series_does_not_push_out_what_films_share():
    films = [Title(title_id=f"f{n}", name="F", tags={f"film {n % 200}": 1.0}) for n in range(1_000)]
    season = [
        Title(title_id=f"e{n}", name="E", kind="episode", series_id="s", tags={f"series {n % 100}": 1.0})
        for n in range(2_000)
    ]
    names = Traits.of([*films, *season]).names
    assert {f"tag film {n}" for n in range(200)} <= set(names)
    assert not any(name.startswith("tag series") for name in names)
