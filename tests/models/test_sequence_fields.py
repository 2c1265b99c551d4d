"""Fields of the context in the sequence model: both forms answer alike, they move the scores, they are saved."""

from __future__ import annotations

from dataclasses import replace

import jax.numpy as jnp
import msgspec
import numpy as np
import pytest
from test_sequence import SHAPE, SMALL, TITLES, content, query, rounds

from frontrow.core.random import stream
from frontrow.features.interactions import Interactions
from frontrow.features.moments import AXES, CELLS, NO_FIELDS, Field, Fields, Moment, cells_of_one
from frontrow.models.query import Query
from frontrow.models.sequence.fit import fit_sequence
from frontrow.models.sequence.forward import ask, embed, encode, further
from frontrow.models.sequence.model import FORM, FORM_OF_FIELDS, SequenceModel
from frontrow.models.sequence.parameters import initial_parameters
from frontrow.models.sequence.rows import Histories, batches
from frontrow.models.sequence.tokens import HORIZONS, gap_bucket

FIELDS = Fields((Field("mood", ("adult", "kids")), Field("network", ("cellular", "wifi"))))


def drawn(fields: Fields = FIELDS) -> SequenceModel:
    """A model with random weights, of which nothing is 0."""
    noise = stream(0, "noise")
    arrays = {name: np.asarray(each) for name, each in initial_parameters(TITLES, SMALL, 0, fields).items()}
    arrays = {name: (each + noise.normal(0, 0.1, each.shape)).astype(np.float32) for name, each in arrays.items()}
    own, bias = arrays.pop("title"), arrays.pop("title_bias")
    vectors = own + content() @ arrays["content"]
    return SequenceModel(arrays, vectors, bias, SHAPE, 16, ("DE", "FR"), fields=fields)


def in_moods(viewers: int = 60, plays: int = 20) -> Interactions:
    """The first half of the titles for adults, the others for kids, whatever was watched before; the network tells
    nothing."""
    rng, log = stream(0, "moods"), rounds(viewers, plays)
    kids = rng.random(len(log)) < 0.5
    title = (rng.integers(TITLES // 2, size=len(log)) + kids * (TITLES // 2)).astype(np.int32)
    said = np.stack([kids, rng.random(len(log)) < 0.5], 1).astype(np.int8)
    return replace(log, title=title, fields=FIELDS, said=said)


@pytest.mark.parametrize("said", [(), (("mood", "kids"),), (("mood", "adult"), ("network", "wifi"), ("un", "heard"))])
def test_the_training_form_and_the_serving_form_score_alike(said):
    model, asked = drawn(), replace(query(7), moment=Moment(20, 2, said))
    tokens = model.read(asked)
    weights = {name: jnp.asarray(array) for name, array in model.weights.items()}
    entering = embed(weights, jnp.asarray(model.vectors[tokens.title]), tokens.strength, tokens.gap)
    states, _ = encode(jnp, weights, SHAPE, entering[None], jnp.asarray(tokens.minutes)[None])
    gap = int(gap_bucket(np.array([asked.now - asked.at[-1]]))[0])
    cells = np.array([FIELDS.cells if cell is None else cell for cell in cells_of_one(asked.moment, FIELDS)])
    told = np.stack([
        np.asarray(
            ask(jnp, weights, further(jnp, weights, states[0, -1], jnp.array(horizon)), gap, horizon, 2, cells)
            @ model.vectors.T + model.bias
        )
        for horizon in range(len(HORIZONS))
    ])  # fmt: skip
    np.testing.assert_allclose(model.score(asked, content(), TITLES), told, rtol=2e-4, atol=2e-4)


def test_what_is_said_moves_the_scores_and_what_is_not_known_does_not():
    def scores(*said: tuple[str, str]) -> np.ndarray:
        return model.score(replace(query(6), moment=Moment(said=said)), content(), TITLES)

    model = drawn()
    nothing, kids, adult = scores(), scores(("mood", "kids")), scores(("mood", "adult"))
    assert (nothing != kids).any()
    assert (kids != adult).any()
    assert (scores(("mood", "kids"), ("network", "wifi")) != kids).any()
    assert (scores(("mood", "teens"), ("weather", "rain")) == nothing).all()


def test_it_learns_what_suits_a_mood_and_asks_without_one_all_the_same():
    log = in_moods()
    model = fit_sequence(log, content(), SMALL, seed=0)
    assert model.fields == FIELDS
    asked = Query(log.title[:6], log.at[:6], log.weight[:6], int(log.at[6]))

    def share(*said: tuple[str, str], hour: int = -1) -> float:
        odds = np.exp(model.score(replace(asked, moment=Moment(hour, -1, said)), content(), TITLES)[0])
        return float(odds[TITLES // 2 :].sum() / odds.sum())

    assert share(("mood", "adult")) < 0.2
    assert share(("mood", "kids")) > 0.8
    assert 0.3 < share() < 0.7
    again = fit_sequence(log, content(), msgspec.structs.replace(SMALL, epochs=4), seed=1, start=model)
    assert again.fields == FIELDS


def test_fields_and_hours_are_told_apart_from_each_other():
    histories = Histories(replace(in_moods(), hour=np.full(1200, 30, np.int16)), np.zeros(1200, np.int32), FIELDS)
    seen = set()
    for batch in batches(histories, 10, 8, stream(0, "rows")):
        cells = batch.next.moment.cells
        known = cells < FIELDS.cells
        assert cells.shape[-1] == len(AXES) + 2
        assert (known[..., 0] == known[..., 1]).all()
        assert (known[..., 3] == known[..., 4]).all()
        seen |= set(zip(known[..., 0].ravel().tolist(), known[..., 3].ravel().tolist(), strict=True))
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_it_lies_on_disk_in_a_form_of_its_own_and_without_fields_in_the_old_one(tmp_path):
    for fields, form in ((FIELDS, FORM_OF_FIELDS), (NO_FIELDS, FORM)):
        model, folder = drawn(fields), tmp_path / str(form)
        model.save(folder)
        stated = msgspec.json.decode((folder / "sequence.json").read_bytes())
        assert stated["form"] == form
        assert ("fields" in stated) == (form == FORM_OF_FIELDS)
        assert model.weights["moment_cell"].shape[0] == fields.cells + 1
        back = SequenceModel.load(folder)
        assert back.fields == fields
        asked = replace(query(6), moment=Moment(3, 1, (("mood", "kids"),)))
        np.testing.assert_array_equal(back.score(asked, content(), TITLES), model.score(asked, content(), TITLES))
    assert FIELDS.cells == CELLS + 4


def test_a_log_in_which_nothing_was_said_is_read_by_a_model_that_knows_fields():
    cells = rounds(5).cells(FIELDS)
    assert cells.shape == (100, len(AXES) + 2)
    assert (cells[:, len(AXES) :] == FIELDS.cells).all()
