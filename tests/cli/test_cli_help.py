"""Every command says how it is used, and wrong use ends in 2."""

from __future__ import annotations

import inspect

import pytest
import typer
from typer.testing import CliRunner

from frontrow.cli.main import app


def commands(group: typer.Typer, path: tuple[str, ...] = ()):
    for command in group.registered_commands:
        yield (*path, command.name or "")
    for below in group.registered_groups:
        yield from commands(below.typer_instance, (*path, below.name))


COMMANDS = sorted(commands(app))
WITHOUT_WORKSPACE = {("experiment", "analyze"), ("experiment", "snapshots"), ("simulate", "history")}
"""Those that read a file, or write a folder, alone."""


def run(*arguments: str):
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_all_commands_of_the_contract_are_there():
    assert {" ".join(path) for path in COMMANDS} == {
        "init", "import movielens", "import tables", "export tables", "export profile", "train", "recommend", "similar",
        "explain", "evaluate", "experiment plan", "experiment start", "experiment stop", "experiment read",
        "experiment explored", "experiment offpolicy", "experiment analyze", "experiment snapshots", "serve",
        "keys create", "keys list", "keys revoke",
        "forget", "doctor", "compact", "verify", "migrate", "show", "demo", "simulate history",
    }  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_an_example_and_the_common_options(path):
    done = run(*path, "--help")
    assert done.exit_code == 0
    assert f"Example: frontrow {' '.join(path)}" in done.output
    assert "--json" in done.output
    assert ("--workspace" in done.output) == (path not in WITHOUT_WORKSPACE)


def test_nothing_in_the_modules_of_commands_is_heavy_to_import():
    import subprocess
    import sys

    script = (
        "import frontrow.cli.main, sys; print([m for m in ('polars', 'numpy', 'scipy', 'granian') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nothing"],
        ["similar"],
        ["similar", "t", "--n", "0"],
        ["similar", "t", "--n", "many"],
        ["evaluate", "--protocol", "guess"],
        ["evaluate", "--protocol", "last-event", "--horizon", "soon"],
        ["export", "tables", "x", "--format", "xlsx"],
        ["recommend", "--profiles", "all"],
        ["recommend", "--profiles", "all", "--out", "lists.csv"],
        ["recommend", "--profiles", "all", "--out", "x.parquet", "--at", "yesterday"],
        ["recommend", "--profiles", "all", "--out", "x.parquet", "--horizon", "days=0"],
        ["recommend", "--profiles", "all", "--out", "x.parquet", "--context", "rain"],
        ["recommend", "--profiles", "all", "--out", "x.parquet", "--context", "a=1", "--context", "a=2"],
        ["train", "--until", "2026-03-01"],
        ["show", "everything"],
        ["serve", "--port", "0"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_in_2(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_version():
    done = run("--version")
    assert done.exit_code == 0
    assert done.output.startswith("frontrow ")


def test_every_command_takes_its_workspace_after_its_name():
    for prefix, group in (((), app), *(((below.name,), below.typer_instance) for below in app.registered_groups)):
        for command in group.registered_commands:
            takes = "workspace" in inspect.signature(command.callback).parameters
            assert takes == ((*prefix, command.name) not in WITHOUT_WORKSPACE), command.name
