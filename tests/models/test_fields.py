"""Fields of the context in what suits a moment: found where they decide, left out where they say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moments import EVENING, MOODS, TITLES, TRAITS, dark, plays, said, titles

from frontrow.core.clock import DAY
from frontrow.core.horizon import SESSION
from frontrow.evaluate.protocols import last_event
from frontrow.evaluate.task import Task
from frontrow.features.interactions import Interactions
from frontrow.features.moments import CELLS, NO_FIELDS, Fields, Moment
from frontrow.features.velocity import Velocity
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.moment.context import ContextModel
from frontrow.models.moment.context_fit import fit_context
from frontrow.models.moment.leanings import Leanings
from frontrow.models.moment.succession_fit import Places
from frontrow.models.names import ROW
from frontrow.models.query import Query, nobody
from frontrow.recommend.scoring import Scorer
from worlds import START, training

DARK = np.array([dark(n) for n in range(TITLES)])
MOOD = Fields(MOODS.known[:1])
PLAYS = said(plays(effect=False))
"""Only the mood decides."""


def fitted(log: Interactions) -> ContextModel:
    return fit_context(log, TRAITS, TITLES, 10_000, 0)


MODEL = fitted(PLAYS)


def asked(*told: tuple[str, str], hour: int = -1, device: int = -1) -> Query:
    return nobody(START, moment=Moment(hour, device, told))


def lean(query: Query, model: ContextModel = MODEL) -> np.ndarray:
    return model.reading(query) @ Leanings(model, titles()).table


def same(one: ContextModel, other: ContextModel) -> bool:
    arrays = all(getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("weights", "own", "usual"))
    return arrays and (one.names, one.strength, one.fields) == (other.names, other.strength, other.fields)


def test_what_suits_each_mood_is_found_and_noise_is_left_out():
    assert MODEL.fields == MOOD
    for mood, fits in (("gloomy", DARK), ("bright", ~DARK)):
        scores = lean(asked(("mood", mood)))
        assert scores[fits].min() > scores[~fits].max() + 0.3


def test_beside_the_hour_and_the_device_each_says_its_own():
    log = said(plays(), effect=False)
    model = fitted(replace(log, said=np.where(np.arange(2) == 0, dark(log.title)[:, None], log.said).astype(np.int8)))
    assert model.fields == MOOD
    by_mood, by_hour = lean(asked(("mood", "bright")), model), lean(asked(hour=EVENING.hour), model)
    assert by_mood[~DARK].min() > by_mood[DARK].max()
    assert by_hour[DARK].mean() > by_hour[~DARK].mean()


@pytest.mark.parametrize("seed", range(4))
def test_a_field_that_says_nothing_is_silent(seed):
    assert fitted(said(plays(seed=seed, effect=False), seed, effect=False)).silent


def test_a_field_that_says_nothing_leaves_the_rest_as_if_it_had_never_been_said():
    assert same(fitted(said(plays(), effect=False)), fitted(plays()))


def test_without_fields_nothing_has_changed_in_form(tmp_path):
    model = fitted(plays())
    assert (model.fields, model.cells, model.weights.shape[1]) == (NO_FIELDS, CELLS, CELLS)
    model.save(tmp_path)
    assert "fields" not in (tmp_path / "context.json").read_text()


def test_a_log_whose_context_says_nothing_gives_the_models_of_one_without(tmp_path):
    for name, log in (("said", said(plays(), effect=False)), ("absent", plays())):
        fit_models(replace(training(log, TITLES), traits=TRAITS)).models.save(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "said") for path in (tmp_path / "said").rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "absent") for path in (tmp_path / "absent").rglob("*.*"))
    for path in files:
        assert (tmp_path / "said" / path).read_bytes() == (tmp_path / "absent" / path).read_bytes(), path


def test_what_is_not_known_adds_nothing():
    nothing = ("mood", "none of these"), ("noise", "a"), ("unheard", "of")
    assert not MODEL.reading(asked(*nothing)).any()
    assert (lean(asked(*nothing, hour=30)) == lean(asked(hour=30))).all()
    never = MODEL.fields.axes["context.mood"].start
    usual = MODEL.usual.copy()
    usual[never] = 0
    assert not replace(MODEL, usual=usual).reading(asked(("mood", "bright"))).any()


def test_everybodys_habit_is_taken_off():
    reading = MODEL.reading(asked(("mood", "gloomy")))
    axis = MODEL.fields.axes["context.mood"]
    assert abs(float(reading[axis].sum())) < 1e-6
    assert reading[axis].tolist() == pytest.approx([-MODEL.usual[CELLS], 1 - MODEL.usual[CELLS + 1]])
    assert not reading[:CELLS].any()
    known = replace(
        asked(("mood", "gloomy"), device=1), titles=np.zeros(9, np.int32), at=START + np.arange(9),
        weights=np.ones(9, np.float32), hours=np.full(9, 20, np.int16), devices=np.full(9, 1, np.int8),
    )  # fmt: skip
    assert MODEL.reading(known)[axis].tolist() == reading[axis].tolist()
    assert MODEL.reading(known)[CELLS - 6 + 1] > 0


def test_it_is_the_same_every_time_and_after_a_save(tmp_path):
    assert same(fitted(PLAYS), MODEL)
    MODEL.save(tmp_path)
    assert same(ContextModel.load(tmp_path), MODEL)


def test_on_nearly_the_same_log_it_keeps_to_its_fields():
    earlier = fitted(PLAYS)
    again = fit_context(PLAYS.take(np.arange(len(PLAYS) - 50)), TRAITS, TITLES, 10_000, 0, earlier)
    assert (again.fields, again.strength) == (MOOD, earlier.strength)


def test_what_leads_on_allows_for_what_the_context_says():
    cells = Places.of(PLAYS, MOOD).cells
    assert cells.shape[1] == 4
    assert set(np.unique(cells[:, 3]).tolist()) == {CELLS, CELLS + 1, MOOD.cells}


def test_questions_carry_the_context_of_the_event_asked_about():
    rankable = np.ones(TITLES, bool)
    for known in (True, False):
        task: Task = last_event(PLAYS, rankable, known)
        found = [dict(one.query.moment.said).get("mood") for one in task.questions]
        told = [dict(PLAYS.moment(place).said).get("mood") for place in _last_new(PLAYS)]
        assert found == (told if known else [None] * len(told))


def _last_new(log: Interactions) -> list[int]:
    return [int(np.flatnonzero(log.profile == viewer)[-1]) for viewer in np.unique(log.profile)]


def test_the_whole_follows_the_mood(tmp_path):
    data = replace(training(PLAYS, TITLES), traits=TRAITS)
    models = fit_models(data).models
    models.save(tmp_path)
    loaded = Models.load(tmp_path)
    assert loaded.context.fields == MOOD
    velocity = Velocity.of_interactions(PLAYS, TITLES)
    scorer = Scorer(loaded, data.content, velocity, data.added_at, data.leanings(loaded.context, loaded.succession))
    mine = PLAYS.take(PLAYS.profile == 3)
    plain = Query(mine.title[:6], mine.at[:6], mine.weight[:6], data.until + DAY)
    gloomy, bright, other = (
        scorer.score(replace(plain, moment=Moment(said=(("mood", mood),))), (SESSION,), np.ones(TITLES, bool))
        for mood in ("gloomy", "bright", "unheard")
    )
    gloomy, bright, other = (each.blended[SESSION] for each in (gloomy, bright, other))
    assert models.blend.weights(SESSION)[ROW["context"]] > 0.2
    assert (gloomy - bright)[DARK].min() > (gloomy - bright)[~DARK].max()
    assert (gloomy != other).any()
