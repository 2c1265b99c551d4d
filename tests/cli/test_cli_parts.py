"""The parts of commands: progress, tables, errors, files of requests."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from frontrow.cli.command import register
from frontrow.cli.output import say, say_records
from frontrow.cli.progress import ShownProgress
from frontrow.cli.requests import parse_context, read_requests
from frontrow.core.errors import FrontrowError, UsageError

TEMPLATE = {"n": 5, "horizon": "next", "context": {"a": "1"}}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress_over(monkeypatch, stream, moments):
    monkeypatch.setattr("sys.stderr", stream)
    clock = iter(moments)
    with ShownProgress(lambda: next(clock)) as progress:
        for step in range(1, len(moments)):
            progress(step / 10, f"step {step}")
    return stream.getvalue()


def test_progress_is_silent_at_first_then_a_line_every_two_seconds_with_time_left(monkeypatch):
    shown = progress_over(monkeypatch, io.StringIO(), [0, 0.1, 0.9, 2.0, 2.5, 4.1])
    assert shown.splitlines() == [" 30% step 3 (5 s left)", " 50% step 5 (4 s left)"]


def test_progress_is_a_bar_on_a_terminal(monkeypatch):
    shown = progress_over(monkeypatch, Terminal(), [0, 0.1, 1.5, 2.0])
    assert "step 3" in shown


def test_tables_are_never_cut_in_a_pipe(capsys):
    say_records([{"a": "x" * 300, "b": 1234567, "c": [1, None], "d": {"k": 0.12345}}], "none")
    shown = capsys.readouterr().out
    assert "x" * 300 in shown
    assert "1,234,567" in shown
    assert "k: 0.1235" in shown
    say_records([], "there are none")
    assert capsys.readouterr().out == "there are none\n"


def command_that(raises):
    app = typer.Typer(pretty_exceptions_enable=False)

    def work(as_json: bool = typer.Option(False, "--json")) -> None:
        """Works."""
        say("begun")
        raise raises

    def other() -> None:
        """Another, so that names are needed."""

    register(app, "work", work, "frontrow work")
    register(app, "other", other, "frontrow other")
    return app


@pytest.mark.parametrize(
    ("raises", "code", "message"),
    [
        (FrontrowError("it broke", "mend it"), 1, "error: it broke\n  mend it\n"),
        (UsageError("not so"), 2, "error: not so\n"),
        (KeyboardInterrupt(), 1, "interrupted\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "error: /x: Permission denied\n"),
    ],
)
def test_failures_are_said_in_words(raises, code, message):
    done = CliRunner().invoke(command_that(raises), ["work"])
    assert (done.exit_code, done.stderr) == (code, message)


def test_failures_are_said_as_json():
    done = CliRunner().invoke(command_that(FrontrowError("it broke", "mend it")), ["work", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout.splitlines()[-1]) == {"error": "it broke", "mend": "mend it"}


def test_a_fault_of_ours_is_not_hidden():
    done = CliRunner().invoke(command_that(ZeroDivisionError()), ["work"])
    assert isinstance(done.exception, ZeroDivisionError)


def test_requests_one_id_a_line(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text("ann\r\n\nböb c\n")
    first, second = read_requests(path, TEMPLATE)
    assert (first.profile_id, first.n, first.horizon, first.context) == ("ann", 5, "next", {"a": "1"})
    assert second.profile_id == "böb c"


def test_requests_of_tables(tmp_path):
    columns = {"profile_id": ["1", "2"], "device": ["tv", None], "weather": ["rain", None], "a": ["2", None]}
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    pl.DataFrame(columns | {"at": [moment, None]}).write_parquet(tmp_path / "r.parquet")
    pl.DataFrame(columns | {"at": ["2026-03-01T12:00:00.000000Z", None]}).write_csv(tmp_path / "r.csv")
    for name in ("r.parquet", "r.csv"):
        first, second = read_requests(tmp_path / name, TEMPLATE | {"at": "2026-01-01T00:00:00Z"})
        assert (first.profile_id, first.device, first.at) == ("1", "tv", "2026-03-01T12:00:00.000000Z")
        assert first.context == {"a": "2", "weather": "rain"}
        assert (second.at, second.device, second.context) == ("2026-01-01T00:00:00Z", None, {"a": "1"})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", "viewer\n1\n", "has no column profile_id.*viewer"),
        ("r.csv", "profile_id,at\nann,noon\n", "r.csv:data row 1: at must be"),
        ("r.csv", "profile_id,country\nann,Germany\n", "r.csv:data row 1: country"),
        ("r.csv", "profile_id,at\n,\n", "r.csv:data row 1: profile_id"),
        ("r.txt", f"ann\n{'x' * 129}\n", "r.txt:2: profile_id is 129 bytes"),
        ("r.txt", b"\xff\n", "not UTF-8"),
        ("r.csv", b"\xff,profile_id\n\xfe,1\n", "r.csv"),
        ("r.parquet", "no", "cannot be read"),
        ("r.csv", "", "cannot be read"),
    ],
)
def test_wrong_requests_are_named(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FrontrowError, match=message):
        read_requests(tmp_path / name, TEMPLATE)
    with pytest.raises(FrontrowError, match="does not exist"):
        read_requests(tmp_path / "nothing", TEMPLATE)


def test_context():
    assert parse_context(["a=1=2", "b="]) == {"a": "1=2", "b": ""}


def test_ctrl_c_while_the_command_is_loading_is_a_word():
    interrupt = (
        "import sys, frontrow.__main__ as command\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'frontrow.cli.main': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "command.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", interrupt], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "interrupted\n")
