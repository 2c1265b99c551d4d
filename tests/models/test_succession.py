"""What leads on to what, and what goes with a sitting: found where it is, silent where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from frontrow.core.clock import DAY, HOUR
from frontrow.features.interactions import Interactions
from frontrow.models.moment.context import SILENT
from frontrow.models.moment.leanings import Leanings
from frontrow.models.moment.succession import NO_SUCCESSION, SITTING, SuccessionModel
from frontrow.models.moment.succession_fit import fit_succession
from frontrow.models.query import Query
from frontrow.models.traits import Traits

KINDS, TITLES, VIEWERS, PLAYS = 4, 80, 300, 24
KIND = np.arange(TITLES) % KINDS
TRAITS = Traits(tuple(f"tag {kind}" for kind in range(KINDS)), np.eye(KINDS, dtype=np.float32)[KIND])
LOG = {"order": (2.5, 0.0), "sitting": (0.0, 2.5), "both": (2.5, 2.5), "neither": (0.0, 0.0)}


def log_of(order, sitting, seed=1):
    """Viewers who like some titles better than others; kinds follow kinds, or sittings are for one kind."""
    rng = np.random.default_rng(seed)
    rows = []
    for viewer in range(VIEWERS):
        taste, seen, last, at, intent = 1.5 * rng.standard_normal(TITLES), set(), -1, 0, 0
        for _ in range(PLAYS):
            together = rng.random() < 0.5
            at += HOUR if together else int(rng.integers(12, 60)) * HOUR
            intent = intent if together else int(rng.integers(0, KINDS))
            wants = taste + sitting * (intent == KIND)
            if last >= 0:
                wants = wants + order * ((KIND[last] + 1) % KINDS == KIND)
            wants[list(seen)] = -np.inf
            last = int(np.argmax(wants + rng.gumbel(size=TITLES)))
            seen.add(last)
            rows.append((viewer, last, at))
    viewer, title, at = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    return Interactions(
        viewer.astype(np.int64), title.astype(np.int32), at.astype(np.int64), np.ones(n, np.float32),
        np.full(n, -1, np.int16), np.full(n, -1, np.int16), np.full(n, -1, np.int8), (),
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted():
    leanings = np.zeros((37, 0), np.float32)
    return {name: fit_succession(log_of(*strengths), TRAITS, leanings, 0) for name, strengths in LOG.items()}


def query(titles, gap, timed=True, **more):
    """Asked `gap` after the last of titles that were watched an hour apart."""
    titles = np.array(titles, np.int32)
    at = np.arange(len(titles), dtype=np.int64) * HOUR
    now = int(at[-1]) + (gap if timed else 0)
    return Query(titles, at, np.ones(len(titles), np.float32), now, timed=timed, **more)


def said(model, part, asked):
    """By kind, the mean of what a part says of titles."""
    told = model.score(asked, model.table(TRAITS.matrix), part, TITLES)
    return None if told is None else np.array([told[kind == KIND].mean() for kind in range(KINDS)])


@pytest.mark.parametrize("name", LOG)
def test_a_part_speaks_where_the_log_has_its_effect_and_is_silent_where_not(fitted, name):
    model, (order, sitting) = fitted[name], LOG[name]
    assert (model.order.rank > 0) == (order > 0)
    assert (model.sitting.rank > 0) == (sitting > 0)
    assert model.silent == (name == "neither")


@pytest.mark.parametrize("name", ["order", "both"])
def test_what_follows_is_likelier_after_it(fitted, name):
    for kind in range(KINDS):
        assert said(fitted[name], "order", query([kind], DAY // 2)).argmax() == (kind + 1) % KINDS


@pytest.mark.parametrize("name", ["sitting", "both"])
def test_a_sitting_goes_on_as_it_began_and_not_the_next_day(fitted, name):
    model = fitted[name]
    assert said(model, "sitting", query([2, 6], HOUR)).argmax() == 2
    assert said(model, "sitting", query([2, 6], SITTING + 1)) is None


def test_only_what_was_watched_in_the_sitting_counts(fitted):
    asked = replace(query([1, 5, 3], HOUR), at=np.array([0, HOUR, 100 * HOUR]), now=101 * HOUR)
    assert said(fitted["sitting"], "sitting", asked).argmax() == 3


def test_without_a_time_there_is_no_sitting_unless_it_is_told(fitted):
    model = fitted["both"]
    assert said(model, "sitting", query([2], HOUR, timed=False)) is None
    assert said(model, "sitting", query([2], HOUR, timed=False, resumed=HOUR)).argmax() == 2
    assert said(model, "order", query([2], HOUR, timed=False)).argmax() == 3


def test_nobody_and_what_was_hardly_begun_lead_to_nothing(fitted):
    model, asked = fitted["both"], query([2], HOUR)
    assert said(model, "order", replace(asked, weights=np.zeros(1, np.float32))) is None
    assert said(model, "order", replace(asked, titles=np.array([-1], np.int32))) is None
    assert said(model, "order", replace(asked, titles=np.array([TITLES + 5], np.int32))) is None


def test_a_model_of_nearly_the_same_log_is_as_strong_or_silent(fitted):
    leanings = np.zeros((37, 0), np.float32)
    again = fit_succession(log_of(2.5, 0.0, seed=2), TRAITS, leanings, 0, fitted["order"])
    assert again.order.rank
    assert not again.sitting.rank
    assert again.strength == fitted["order"].strength
    assert fit_succession(log_of(2.5, 2.5), TRAITS, leanings, 0, NO_SUCCESSION) is NO_SUCCESSION


def test_too_little_to_learn_from_is_silent():
    log = log_of(2.5, 2.5)
    leanings = np.zeros((37, 0), np.float32)
    assert fit_succession(log.take(np.arange(30)), TRAITS, leanings, 0).silent
    assert fit_succession(log.take(np.arange(0)), TRAITS, leanings, 0).silent
    assert fit_succession(log, Traits((), np.zeros((TITLES, 0), np.float32)), leanings, 0).silent


def test_it_is_read_as_it_was_written(fitted, tmp_path):
    for name, model in fitted.items():
        model.save(tmp_path / name)
        again = SuccessionModel.load(tmp_path / name)
        assert (again.names, again.usual, again.strength) == (model.names, model.usual, model.strength)
        for array, same in zip(model.arrays().values(), again.arrays().values(), strict=True):
            np.testing.assert_array_equal(array, same)
    assert SuccessionModel.load(tmp_path / "nothing") is NO_SUCCESSION


def test_the_same_log_and_seed_give_the_same_model(fitted):
    again = fit_succession(log_of(*LOG["both"]), TRAITS, np.zeros((37, 0), np.float32), 0)
    for array, same in zip(fitted["both"].arrays().values(), again.arrays().values(), strict=True):
        np.testing.assert_array_equal(array, same)


def test_its_rows_stand_below_the_leanings_of_the_moment(fitted):
    model = fitted["both"]
    assert Leanings(SILENT, (), model).table.shape == (37 + model.rows, 0)
