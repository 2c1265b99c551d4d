"""What is trained, and what is left out and why."""

from __future__ import annotations

import importlib.util

import msgspec
import pytest

from frontrow.models.learning.fitting import settings_for
from frontrow.models.learning.train import fit_models
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from worlds import START, interactions, training, world

SMALL = SequenceSettings(epochs=1, least_interactions=60, dimension=16, context=16, rows=8, negatives=20)
INSIDE = world()


def told(count: int, quick: bool = False, **said) -> tuple[ModelSettings, dict[str, str]]:
    rows = interactions([(1, title, START + title, 1.0) for title in range(count)])
    return settings_for(rows, ModelSettings(sequence=msgspec.structs.replace(SMALL, **said)), quick)


def test_with_enough_interactions_all_is_trained_as_set():
    settings, left_out = told(60)
    assert (settings.sequence, left_out) == (SMALL, {})


@pytest.mark.parametrize(
    ("count", "quick", "said", "why"),
    [
        (59, False, {}, "59 of the 60 interactions that it needs"),
        (60, True, {}, "--quick"),
        (60, False, {"epochs": 0}, "models.sequence.epochs = 0"),
    ],
)
def test_the_sequence_model_is_left_out_and_it_is_told_why(count, quick, said, why):
    settings, left_out = told(count, quick, **said)
    assert settings.sequence.epochs == 0
    assert left_out == {"sequence": why}


def test_without_the_training_extra_the_others_are_trained(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "optax" else found(name))
    monkeypatch.setattr("frontrow.models.learning.fitting.find_spec", importlib.util.find_spec)
    assert told(60)[1] == {"sequence": "needs pip install 'frontrow[train]'"}


def test_what_was_left_out_is_told_with_the_models():
    trained = fit_models(training(INSIDE, 30), ModelSettings(sequence=msgspec.structs.replace(SMALL, epochs=0)))
    assert trained.models.sequence is None
    assert list(trained.left_out) == ["sequence"]
    trained = fit_models(training(INSIDE, 30), ModelSettings(sequence=SMALL))
    assert trained.models.sequence is not None
    assert trained.left_out == {}
