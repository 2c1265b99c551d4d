"""frontrow.toml as it is written for a new workspace."""

from __future__ import annotations

import tomllib

import pytest

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.core.settings import load_settings, template
from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings
from frontrow.settings import Settings
from frontrow.workspace import Workspace

CHOSEN = Settings(clock="data", models=ModelSettings(sequence=SequenceSettings(epochs=3)))


def test_defaults_are_shown_but_not_said():
    said = tomllib.loads(template(Settings(), "# Heading"))
    assert not [name for name, part in said.items() if not isinstance(part, dict) or any(part.values())]


def test_what_is_not_the_default_is_said_and_is_read_again(tmp_path):
    file = tmp_path / "frontrow.toml"
    file.write_text(template(CHOSEN, "# Heading"))
    assert tomllib.loads(file.read_text())["models"] == {"sequence": {"epochs": 3}}
    assert load_settings(file, Settings) == CHOSEN


def test_a_workspace_begins_with_the_settings_it_is_given(tmp_path):
    with Workspace.init(tmp_path / "w", CHOSEN) as made:
        assert made.settings == CHOSEN
    with Workspace.open(tmp_path / "w") as opened:
        assert opened.settings == CHOSEN


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("clock = 5", "clock: expected str, got int"),
        ("[models]\nmax_bytes = -4", "models.max_bytes: expected int >= 1000000"),
        ("[models.sequence]\nheads = 3", "models.sequence: dimension (128) must be a multiple of heads (3)"),
    ],
)
def test_a_wrong_value_is_named_once(tmp_path, line, told):
    file = tmp_path / "frontrow.toml"
    file.write_text(line)
    with pytest.raises(UsageError) as raised:
        load_settings(file, Settings)
    assert raised.value.message == f"{file}: {told}"


def test_a_section_that_stands_twice_is_told_with_the_mend(tmp_path):
    with Workspace.init(tmp_path / "w"):
        pass
    with (tmp_path / "w" / "frontrow.toml").open("a") as file:
        file.write("[tuning]\nbecause_rows = 0\n")
    with pytest.raises(UsageError, match="twice") as told:
        Workspace.open(tmp_path / "w")
    assert "below the one that is there" in told.value.mend


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("[model]\nranker = false\n", "Did you mean [models]?"),
        ("[models.sequnce]\nepochs = 3\n", "Did you mean [models.sequence]?"),
        ("[models]\nlinear_regularisation = 3\n", "Did you mean models.linear_regularization?"),
        ("rnaker = false\n", "Did you mean models.ranker?"),
    ],
)
def test_an_unknown_name_is_told_the_nearest_of_its_kind(tmp_path, text, mend):
    (tmp_path / "frontrow.toml").write_text(text)
    with pytest.raises(UsageError) as error:
        load_settings(tmp_path / "frontrow.toml", Settings)
    assert error.value.mend == mend


def test_a_second_init_says_to_go_on(tmp_path):
    with Workspace.init(tmp_path / "w"):
        pass
    with pytest.raises(FrontrowError, match="is a workspace already") as told:
        Workspace.init(tmp_path / "w")
    assert "Go on" in told.value.mend
