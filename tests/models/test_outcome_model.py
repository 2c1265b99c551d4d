"""Outcomes: what they learn, that they come true, what is missing is named, and what is read is what serving reads."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.core.errors import FrontrowError
from frontrow.features.outcomes import OUTCOMES
from frontrow.models.artifact import Artifact, publish
from frontrow.models.blend import weights_of
from frontrow.models.learning.train import fit_models
from frontrow.models.models import Models
from frontrow.models.outcomes.calibration import calibration_error, log_line, platt
from frontrow.models.outcomes.cases import Offered, Rows, joined_rows
from frontrow.models.outcomes.columns import COLUMNS, OWN
from frontrow.models.outcomes.fit import Learned, fit_outcomes
from frontrow.models.outcomes.model import ALL, OutcomeModel, chance
from frontrow.models.outcomes.rates import TitleRates
from frontrow.models.ranker.columns import COLUMNS as RANKED
from worlds import START, interactions, training, world

WEIGHTS = [weights_of({"follow": 1.0})] * 3
NOTHING = TitleRates(np.zeros((0, len(OWN)), np.float32), np.zeros(len(OWN), np.float32))
TASTE, LENGTH = COLUMNS.index("pair_match_genre_slow"), COLUMNS.index("runtime")
SHARES = np.eye(3, dtype=np.float32)


def planted(count: int = 3_000, seed: int = 0) -> Rows:
    """Who likes the genre finishes more often; long titles take more minutes; thumbs fall by chance."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(count, len(COLUMNS))).astype(np.float32)
    finish = rng.random(count) < chance(0.5 + 1.0 * table[:, TASTE])
    minutes = rng.gamma(4, np.exp(3.5 + 0.3 * table[:, LENGTH]) / 4)
    outcomes = np.stack([minutes, finish, rng.random(count) < 0.1, ~finish & (rng.random(count) < 0.4)], axis=1)
    return Rows(table, outcomes.astype(np.float32), np.arange(count) % 3, np.arange(count) // 4)


def offers(count: int = 900, seed: int = 0) -> list[Offered]:
    """What is put forward is chosen by what-follows, three times in four."""
    rng, made = np.random.default_rng(seed), []
    for viewer in range(count):
        table = rng.normal(size=(50, len(RANKED))).astype(np.float32)
        scores = table[:, : len(WEIGHTS[0])] @ WEIGHTS[0]
        odds = np.exp(scores.astype(np.float64))
        chosen = np.zeros(50, bool)
        if rng.random() < 0.75:
            chosen[rng.choice(50, p=odds / odds.sum())] = True
        made.append(Offered(table, scores, chosen, viewer % 3, viewer))
    return made


@pytest.fixture(scope="module")
def learned() -> Learned:
    found = fit_outcomes(planted(), offers(), WEIGHTS, None, NOTHING, 1)
    assert found is not None
    return found


def test_forecasts_of_others_come_true(learned):
    other = planted(20_000, seed=7)
    told = learned.model.after_play(other.table, SHARES[0])
    assert tuple(told) == OUTCOMES
    for place, name in enumerate(OUTCOMES):
        came = other.outcomes[:, place].astype(np.float64)
        error = calibration_error(told[name].astype(np.float64), came)
        assert error < (2.0 if name == "minutes" else 0.03), name
    truly = chance(0.5 + 1.0 * other.table[:, TASTE])
    assert np.abs(told["finish"] - truly).mean() < 0.05
    assert np.corrcoef(told["minutes"], np.exp(3.5 + 0.3 * other.table[:, LENGTH]))[0, 1] > 0.95
    assert np.ptp(told["thumbs_up"]) < 0.15  # nothing tells of it


def test_chances_of_being_played_come_true(learned):
    told, came = [], []
    for each in offers(seed=5):
        scores = each.table[:, : len(WEIGHTS[0])] @ WEIGHTS[0]
        told.append(learned.model.chances_of_play(scores, scores, SHARES[each.horizon]))
        came.append(each.chosen)
    error = calibration_error(np.concatenate(told).astype(np.float64), np.concatenate(came).astype(np.float64))
    assert error < 0.004
    assert np.concatenate(told).mean() == pytest.approx(0.75 / 50, abs=0.002)


def test_the_same_plays_and_seed_give_the_same_model(learned):
    again = fit_outcomes(planted(), offers(), WEIGHTS, None, NOTHING, 1)
    assert again is not None
    assert again.errors == learned.errors
    for name, array in learned.model.arrays().items():
        np.testing.assert_array_equal(array, again.model.arrays()[name])


def test_what_cannot_be_learned_is_missing_by_name_and_reason(learned):
    rows = planted()
    never = rows.outcomes.copy()
    never[:, OUTCOMES.index("thumbs_up")] = 0
    found = fit_outcomes(replace(rows, outcomes=never), offers(), WEIGHTS, None, NOTHING, 1)
    assert found is not None
    assert set(found.model.names) == set(OUTCOMES) - {"thumbs_up"}
    assert "0 of 3000 plays" in found.model.missing["thumbs_up"]
    few = fit_outcomes(planted(100), offers(), WEIGHTS, None, NOTHING, 1)
    assert few is not None
    assert few.model.names == ()
    assert set(few.model.missing) == set(OUTCOMES)
    assert "100 plays tell of it" in few.model.missing["finish"]
    assert few.model.after_play(rows.table, SHARES[0]) == {}
    assert fit_outcomes(rows, offers(20), WEIGHTS, None, NOTHING, 1) is None
    assert not learned.model.missing


def test_no_rows_are_rows_too():
    assert len(joined_rows([])) == 0
    found = fit_outcomes(joined_rows([]), offers(), WEIGHTS, None, NOTHING, 1)
    assert found is not None
    assert set(found.model.missing) == set(OUTCOMES)
    assert {name for name, array in found.model.arrays().items() if not np.isfinite(array).all()} == set()


def test_it_is_kept_with_the_models_and_left_out_when_its_columns_changed(learned, tmp_path):
    learned.model.save(tmp_path)
    loaded = OutcomeModel.load(tmp_path)
    assert loaded is not None
    table = planted(10).table
    for name, told in loaded.after_play(table, SHARES[1]).items():
        np.testing.assert_array_equal(told, learned.model.after_play(table, SHARES[1])[name])
    told = msgspec.json.decode((tmp_path / "outcomes.json").read_bytes())
    (tmp_path / "outcomes.json").write_bytes(msgspec.json.encode(told | {"columns": told["columns"][1:]}))
    assert OutcomeModel.load(tmp_path) is None
    assert OutcomeModel.load(tmp_path / "none") is None


@pytest.fixture(scope="module")
def rated() -> Models:
    """Models of ratings alone."""
    return fit_models(training(world(viewers=150, titles=200, each=12), 200), seed=1).models


def test_ratings_alone_leave_all_but_play_missing(rated):
    assert rated.outcomes is not None
    assert rated.outcomes.names == ()
    assert set(rated.outcomes.missing) == set(ALL) - {"play"}
    assert "no playback" in rated.outcomes.missing["minutes"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["heads", "lines", "play", "mean", "scale"])
def test_one_that_is_not_finite_is_refused_at_publication_with_the_figure(rated, learned, tmp_path, name, value):
    array = getattr(learned.model, name).copy()
    array.flat[0] = value
    broken = replace(rated, outcomes=replace(learned.model, **{name: array}))
    with pytest.raises(FrontrowError, match=f"outcomes {name} holds 1 values that are not finite"):
        publish(tmp_path, broken, {}, START)
    assert not (tmp_path / "current").exists()


def test_a_published_one_serves(rated, learned, tmp_path):
    publish(tmp_path, replace(rated, outcomes=learned.model), {}, START)
    loaded = Artifact.load(tmp_path).models.outcomes
    assert loaded is not None
    assert loaded.names == OUTCOMES


@pytest.mark.parametrize(
    "inside",
    [
        interactions([(1, title, START + title, 1.0) for title in range(30)]),  # one viewer
        interactions([(viewer, 0, START + viewer, 1.0) for viewer in range(300)]),  # one title
        interactions(
            [(viewer, title, START + 40 * viewer + title, 0.8) for viewer in range(150) for title in range(12)]
        ),
        interactions([]),
    ],
    ids=["one viewer", "one title", "all-equal ratings", "nothing"],
)
def test_odd_logs_are_learned_from_all_the_same(inside):
    models = fit_models(training(inside, 200), seed=1).models
    assert models.outcomes is None or models.outcomes.names == ()


# calibration


def test_a_line_makes_overconfident_forecasts_come_true():
    rng = np.random.default_rng(0)
    truly = rng.normal(size=20_000)
    happened = (rng.random(20_000) < chance(truly)).astype(np.float64)
    slope, constant = platt(2 * truly + 1, happened)
    assert slope == pytest.approx(0.5, abs=0.03)
    assert constant == pytest.approx(-0.5, abs=0.05)
    before = calibration_error(chance(2 * truly + 1).astype(np.float64), happened)
    after = calibration_error(chance(slope * (2 * truly + 1) + constant).astype(np.float64), happened)
    assert after < 0.02 < before


def test_a_line_of_logs_keeps_the_mean():
    rng = np.random.default_rng(0)
    logs = rng.normal(3, 0.5, 5_000)
    amount = rng.gamma(2, np.exp(0.5 * logs + 1) / 2)
    slope, constant = log_line(logs, amount)
    assert slope == pytest.approx(0.5, abs=0.1)
    assert np.exp(slope * logs + constant).mean() == pytest.approx(amount.mean(), rel=0.01)


def test_a_line_never_turns_the_order_round():
    assert platt(np.array([-1.0, 1.0] * 500), np.array([1.0, 0.0] * 500))[0] == 0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_error_is_0_for_what_came_and_at_most_1(cases):
    forecast, came = (np.array(column, np.float64) for column in zip(*cases, strict=True))
    assert calibration_error(came, came) == 0
    error = calibration_error(forecast, came)
    assert 0 <= error <= 1
    assert error >= abs(forecast.mean() - came.mean()) - 1e-9  # bins cannot hide how far all are off
    twice = calibration_error(forecast, came, np.full(len(came), 2.0))
    assert twice == pytest.approx(error)
    assert calibration_error(np.empty(0), np.empty(0)) == 0


def test_titles_of_which_little_is_known_are_like_all():
    outcomes = np.zeros((40, len(OUTCOMES)), np.float32)
    outcomes[:, 0] = 30
    outcomes[:, 1] = 1
    outcomes[30:, 1] = 0
    rows = interactions([(viewer, 0 if viewer < 30 else 1, START + viewer, 1.0) for viewer in range(40)])
    rates = TitleRates.of(replace(rows, outcomes=outcomes), 3)
    finish = OWN.index("own_finish")
    told = rates.read(np.array([0, 1, 2, 99]))[:, finish]
    assert told[0] > told[2] > told[1]
    assert told[2] == pytest.approx(rates.usual[finish]) == told[3]
    assert told[2] == pytest.approx(np.log(0.75 / 0.25), abs=1e-3)
    assert np.isfinite(TitleRates.of(interactions([]), 3).table).all()
