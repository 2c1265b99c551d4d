"""Workspaces that commands must not touch or have next to nothing in: another version's, one that is served, one of no
title or of one."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import subprocess

import pytest
from test_cli_end_to_end import COMMAND, environment, run, run_really

COMMANDS = (
    ("import", "tables", "{tables}"),
    ("import", "movielens", "{tables}"),
    ("export", "tables", "{out}"),
    ("train",),
    ("recommend", "--profiles", "all", "--n", "5", "--out", "{out}.parquet"),
    ("similar", "t", "--n", "5"),
    ("explain", "p", "t"),
    ("evaluate", "--protocol", "last-event"),
    ("keys", "list"),
    ("forget", "p"),
    ("export", "profile", "p"),
    ("doctor",),
    ("show", "models"),
    ("serve", "--dev"),
)


@pytest.fixture
def workspace(tmp_path):
    run("init", tmp_path / "w")
    (tmp_path / "tables").mkdir()
    for name in ("titles", "events"):
        (tmp_path / "tables" / f"{name}.jsonl").touch()
    return tmp_path / "w"


def held(workspace, statement):
    """All that the database says, after a statement."""
    with contextlib.closing(sqlite3.connect(workspace / "frontrow.db")) as database:
        database.execute(statement)
        version = database.execute("PRAGMA user_version").fetchone()
        return [version, *database.iterdump()]


def filled(words, workspace):
    places = {"tables": workspace.parent / "tables", "out": workspace.parent / "out"}
    return [word.format(**places) for word in words]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("version", [0, 99])
def test_another_versions_workspace_is_refused_by_every_command_and_stays_as_it_is(workspace, words, version):
    before = held(workspace, f"PRAGMA user_version = {version}")
    if words[:2] == ("import", "movielens"):
        (workspace.parent / "tables" / "ratings.csv").write_text("userId,movieId,rating,timestamp\n")
        (workspace.parent / "tables" / "movies.csv").write_text("movieId,title,genres\n")
    done = run(*filled(words, workspace), "--workspace", workspace, code=1)
    assert f"format {version}" in done.stdout + done.stderr
    assert "migrate" in done.stdout + done.stderr
    assert held(workspace, "PRAGMA user_version") == before


@pytest.mark.parametrize("titles", [0, 1])
def test_commands_on_next_to_nothing(workspace, titles):
    (workspace.parent / "tables" / "titles.jsonl").write_text('{"title_id": "t", "name": "Only"}\n' * titles)
    for words, code, says in (
        (COMMANDS[0], 0, f"titles: {titles} new"),
        (COMMANDS[2], 0, f"{titles} titles, 0 profiles, 0 events"),
        (("train", "--quick"), 1 - titles, "" if titles else "holds no title"),
        (COMMANDS[4], 0, "0 titles for 0 requests"),
        (COMMANDS[5], 1 - titles, "nothing that may be shown is like t" if titles else "there is no title t"),
        (COMMANDS[6], 0, "" if titles else "no such title"),
        (COMMANDS[7], 1, "finds no viewer" if titles else "holds no title"),
        (("evaluate", "--protocol", "time-split"), 1, "finds no viewer" if titles else "holds no title"),
        (COMMANDS[9], 1, "p"),
        (COMMANDS[10], 1, "p"),
        (COMMANDS[11], 0, ""),
        (COMMANDS[12], 0, ""),
    ):
        done = run(*filled(words, workspace), "--workspace", workspace, code=code)
        assert says in done.stdout + done.stderr, words


def test_a_second_server_and_a_port_in_use_are_said_by_the_command(workspace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_really("serve", "--dev", "--workspace", workspace, "--port", port, code=1)
        assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
        assert "--port" in done.stderr
    command = [*COMMAND, "serve", "--dev", "--workspace", str(workspace), "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment())
    try:
        assert server.stderr is not None
        while "Calls and records" not in server.stderr.readline():
            assert server.poll() is None
        done = run_really("serve", "--dev", "--workspace", workspace, "--port", port, code=1)
        assert f"process {server.pid}, port {port}" in done.stderr
        said = json.loads(run_really("doctor", "--json", "--workspace", workspace).stdout)  # all else may run beside it
        assert str(port) in json.dumps(said)
    finally:
        server.terminate()
        server.communicate(timeout=30)
