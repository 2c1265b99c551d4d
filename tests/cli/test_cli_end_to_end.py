"""The real command, as users run it: from nothing to lists, and every way in which it may go wrong."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import frontrow
from frontrow.cli.main import app

TITLES = 60
VIEWERS = 40
COMMAND = [sys.executable, "-m", "frontrow"]


def environment():
    """What a subprocess gets; the package need not be installed."""
    kept = {name: value for name, value in os.environ.items() if name != "FRONTROW_WORKSPACE"}
    source = str(Path(frontrow.__file__).parents[1])
    return kept | {"COLUMNS": "200", "OMP_NUM_THREADS": "1", "PYTHONPATH": source}


def run_really(*arguments, code=0, cwd=None):
    """The command as a process of its own: slow, so only where that matters."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, env=environment(), cwd=cwd, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stdout + done.stderr
    return done


def run(*arguments, code=0, **more):
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": "200", "FRONTROW_WORKSPACE": None} | more)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.stdout + done.stderr
    return done


def answer(*arguments, **more):
    return json.loads(run(*arguments, "--json", **more).stdout)


def write_tables(folder, events_per_viewer=15):
    folder.mkdir()
    genres = ["Drama", "Comedy", "Horror", "Action"]
    lines = [f"t{n},Film {n},{genres[n % 4]}|{genres[n % 3]},{1990 + n % 30}" for n in range(TITLES)]
    (folder / "titles.csv").write_text("title_id,name,genres,year\n" + "\n".join(lines) + "\n")
    draw = random.Random(7)
    events = ["type,profile_id,title_id,at,value"]
    for viewer in range(VIEWERS):
        for step, title in enumerate(draw.sample(range(TITLES), events_per_viewer)):
            at = f"2024-{1 + step % 12:02}-{1 + viewer % 28:02}T20:{viewer:02}:00Z"
            events.append(f"rate,v{viewer},t{title},{at},{draw.choice([2.5, 3, 4, 5])}")
    (folder / "events.csv").write_text("\n".join(events) + "\n")
    return folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data") / "tables")


@pytest.fixture(scope="module")
def filled(tables, tmp_path_factory):
    """A workspace with data and a model."""
    workspace = tmp_path_factory.mktemp("filled") / "service"
    run_really("init", workspace)
    first = answer("import", "tables", tables, "--workspace", workspace)
    assert first["titles"]["accepted"] == TITLES
    assert first["events"]["accepted"] == VIEWERS * 15
    assert first["clock"] == "data"
    again = answer("import", "tables", tables, "--workspace", workspace)
    assert (again["titles"]["accepted"], again["events"]["accepted"]) == (0, 0)
    assert answer("train", "--quick", "--seed", "1", "--workspace", workspace)["version"]
    return workspace


def test_a_workspace_is_made_once(tmp_path):
    assert "ready" in run("init", tmp_path / "ws").stdout
    assert "# clock" in (tmp_path / "ws" / "frontrow.toml").read_text()
    assert "already" in run("init", tmp_path / "ws", code=1).stderr
    assert "error" in json.loads(run("init", tmp_path / "ws", "--json", code=1).stdout)


def test_the_workspace_is_named_by_option_environment_or_default(tmp_path, monkeypatch):
    run("init", tmp_path / "a")
    run("doctor", "--workspace", tmp_path / "a")
    run("doctor", FRONTROW_WORKSPACE=str(tmp_path / "a"))
    assert "frontrow-data" in run_really("doctor", code=1, cwd=tmp_path).stderr
    monkeypatch.chdir(tmp_path)
    run("init")
    run("doctor")
    assert (tmp_path / "frontrow-data").is_dir()


def test_an_unknown_setting_is_named_with_the_nearest(tmp_path):
    run("init", tmp_path)
    (tmp_path / "frontrow.toml").write_text('clokc = "data"\n')
    assert "clokc" in (said := run("doctor", "--workspace", tmp_path, code=2).stderr)
    assert "clock" in said.replace("clokc", "")


def test_broken_tables_are_counted_and_strict_refuses(tmp_path):
    workspace = tmp_path / "ws"
    run("init", workspace)
    tables = write_tables(tmp_path / "tables")
    with (tables / "events.csv").open("a") as file:
        file.write("rate,v0,t1,2024-01-01,5\n")
    line = f"events.csv:{VIEWERS * 15 + 2}: at must be RFC 3339"
    refused = run("import", "tables", tables, "--strict", "--workspace", workspace, code=1)
    assert line in refused.stderr
    assert "nothing was imported" in refused.stderr
    assert not answer("export", "tables", tmp_path / "out", "--workspace", workspace)["titles"]
    done = run("import", "tables", tables, "--workspace", workspace)
    assert line in done.stderr
    assert "600 new, 1 left out" in done.stdout
    assert "data's clock" in done.stdout


def test_files_that_are_not_there_or_not_tables(tmp_path):
    run("init", tmp_path / "ws")
    for kind in ("tables", "movielens"):
        place = ("--workspace", tmp_path / "ws")
        assert "does not exist" in run("import", kind, tmp_path / "no", *place, code=1).stderr
        assert "looked for" in run("import", kind, tmp_path / "ws", *place, code=1).stderr


def test_movielens(tmp_path):
    run("init", tmp_path / "ws")
    folder = tmp_path / "ml"
    folder.mkdir()
    (folder / "movies.dat").write_bytes("1::Misérables, Les (1995)::Drama\n".encode("latin-1"))
    (folder / "ratings.dat").write_text("1::1::5::978300760\n2::1::4::978300761\n")
    (folder / "users.dat").write_text("1::F::1::10::48067\n")
    report = answer("import", "movielens", folder, "--workspace", tmp_path / "ws")
    assert (report["titles"]["accepted"], report["profiles"]["accepted"], report["events"]["accepted"]) == (1, 1, 2)
    held = json.loads(run("export", "profile", "1", "--workspace", tmp_path / "ws").stdout)
    assert held["profile"]["attributes"]["zip"] == "48067"
    assert len(held["events"]) == 1


def test_lists_for_all(filled, tmp_path):
    out = tmp_path / "lists.parquet"
    done = answer("recommend", "--profiles", "all", "--n", "5", "--out", out, "--workspace", filled)
    frame = pl.read_parquet(out)
    assert frame.columns == ["request", "profile_id", "at", "rank", "title_id", "score", "source"]
    assert done["requests"] == VIEWERS == frame["request"].n_unique()
    assert frame["rank"].min() == 1
    assert frame["rank"].max() == 5
    assert list(tmp_path.iterdir()) == [out]


def test_lists_for_a_file(filled, tmp_path):
    out = tmp_path / "lists.parquet"
    pl.DataFrame({"profile_id": ["v3", "nobody", "v3"], "at": ["2024-06-01T00:00:00Z", None, None]}).write_csv(
        tmp_path / "asked.csv"
    )
    options = ("--n", "5", "--horizon", "days=30", "--context", "weather=rain", "--out", out, "--workspace", filled)
    done = run("recommend", "--profiles", tmp_path / "asked.csv", *options)
    assert "no profile has the id nobody: answered as for somebody new" in done.stderr
    frame = pl.read_parquet(out)
    first = frame.filter(pl.col("request") == 0)
    assert (first["profile_id"][0], first["at"][0]) == ("v3", "2024-06-01T00:00:00Z")
    assert set(frame["request"]) == {0, 1, 2}
    missing = run("recommend", "--profiles", tmp_path / "no.csv", *options, code=1)
    assert "does not exist" in missing.stderr
    nowhere = run(
        "recommend", "--profiles", "all", "--out", tmp_path / "no" / "x.parquet", "--workspace", filled, code=1
    )
    assert "does not exist" in nowhere.stderr


def test_similar_and_explain(filled):
    slate = answer("similar", "t1", "--n", "7", "--workspace", filled)
    assert len(slate["items"]) == 7
    assert "t1" not in {item["title_id"] for item in slate["items"]}
    assert "rank" in run("similar", "t1", "--workspace", filled).stdout
    told = answer("explain", "v1", "t1", "--workspace", filled)
    assert told["shown"] == (told["drops"] == [])
    told_of_known = run("explain", "v1", "t1", "--workspace", filled)
    assert "shown to v1" in told_of_known.stdout
    assert "no profile has the id" not in told_of_known.stderr
    assert "no profile has the id v01" in run("explain", "v01", "t1", "--workspace", filled).stderr
    assert run("similar", "nothing", "--workspace", filled, code=1).stderr.startswith("error: ")


def test_evaluate(filled, tmp_path):
    report = answer("evaluate", "--protocol", "last-event", "--workspace", filled)
    assert (report["protocol"], report["horizon"], report["request_time"]) == ("last-event", "next", "unknown")
    assert report["users"] == VIEWERS
    assert {"value", "low", "high"} <= set(next(iter(report["rows"][0]["metrics"].values())))
    page = tmp_path / "evaluation.html"
    told = run("evaluate", "--protocol", "time-split", "--report", page, "--workspace", filled)
    assert "frontrow less linear" in told.stdout
    assert "coverage@10" in told.stdout
    assert str(page) in told.stderr
    drawn = page.read_text("utf-8")
    assert drawn.count("<svg") == 3
    assert "What each facet adds" in drawn
    assert "http" not in drawn.replace("http://www.w3.org", "")
    told = run("evaluate", "--protocol", "time-split", "--no-facets", "--workspace", filled)
    assert "less linear" not in told.stdout


def test_an_export_is_an_import(filled, tmp_path):
    counts = answer("export", "tables", tmp_path / "out", "--format", "csv", "--workspace", filled)
    assert (counts["titles"], counts["events"]) == (TITLES, VIEWERS * 15)
    assert "other files" in run("export", "tables", filled, "--workspace", filled, code=1).stderr
    run("init", tmp_path / "ws")
    report = answer("import", "tables", tmp_path / "out", "--strict", "--workspace", tmp_path / "ws")
    assert report["events"]["accepted"] == VIEWERS * 15


def test_keys(tmp_path):
    place = ("--workspace", tmp_path)
    run("init", tmp_path)
    key = run("keys", "create", "--role", "app", *place).stdout
    assert key.startswith("fr_app_")
    assert key.count("\n") == 1
    (listed,) = answer("keys", "list", *place)["keys"]
    assert listed["role"] == "app"
    assert key.strip() not in json.dumps(listed)
    run("keys", "revoke", listed["key_id"], *place)
    assert answer("keys", "list", *place)["keys"] == []
    run("keys", "revoke", listed["key_id"], *place, code=1)
    run("keys", "create", "--role", "king", *place, code=2)
    run("serve", "--port", "1", *place, code=2)


def test_forget(tables, tmp_path):
    place = ("--workspace", tmp_path / "ws")
    run("init", tmp_path / "ws")
    run("import", "tables", tables, *place)
    receipt = answer("forget", "v3", *place)
    assert receipt["profile_id"] == "v3"
    assert {each["place"] for each in receipt["places"]} >= {"events"}
    run("export", "profile", "v3", *place, code=1)
    run("forget", "v3", *place, code=1)
    again = answer("import", "tables", tables, *place)
    assert (again["events"]["rejected"], again["events"]["accepted"]) == (15, 0)


@pytest.mark.parametrize("what", ["stages", "features", "models", "experiments", "routes"])
def test_show(filled, what):
    shown = answer("show", what, "--workspace", filled)[what]
    assert isinstance(shown, list)
    assert shown or what == "experiments"
    run("show", what, "--workspace", filled)


def test_doctor(filled):
    findings = answer("doctor", "--workspace", filled)["findings"]
    assert {finding["level"] for finding in findings} <= {"ok", "warn"}
    assert 'clock = "data"' in run("doctor", "--workspace", filled).stdout


def test_a_wrong_date_that_moves_the_clock_is_found(tmp_path):
    place, tables = ("--workspace", tmp_path / "ws"), tmp_path / "tables"
    tables.mkdir()
    (tables / "titles.csv").write_text("title_id,name\na,Abc\n")
    seen = [f"e{day},play,p,a,2024-01-{day:02}T20:00:00Z,," for day in range(1, 29)]
    wrong = ["w1,play,q,a,2024-12-31T20:00:00Z,,", "w2,stop,q,a,2024-12-31T21:00:00Z,3600,.9"]

    def told(*events):
        (tables / "events.csv").write_text(
            "\n".join(["event_id,type,profile_id,title_id,at,seconds,fraction", *events, ""])
        )
        report = answer("import", "tables", tables, *place)
        found = [each for each in answer("doctor", *place)["findings"] if each["check"] == "clock"]
        ahead = [each["message"] for each in found if each["level"] == "warn"]
        assert (
            [note.startswith(f"{ahead[0]}. ") for note in report["notes"]] == [True] if ahead else not report["notes"]
        )
        return ahead, found[0]["message"]

    run("init", tmp_path / "ws")
    assert told(*seen)[0] == []
    (ahead,), now = told(*seen, *wrong)
    assert "2 events are 338 days later than all others, and now is 2024-12-31T21:00:00Z" in ahead
    assert "The first is w1 of q, at 2024-12-31T20:00:00Z" in ahead
    assert "now is 2024-12-31T21:00:00Z" in now
    run("forget", "q", *place)
    findings = [each for each in answer("doctor", *place)["findings"] if each["check"] == "clock"]
    assert "now is 2024-12-31T21:00:00Z, the time of an event that is erased, 338 days later" in findings[1]["message"]


def test_importing_again_takes_nothing_that_was_left_out(tmp_path):
    place, tables = ("--workspace", tmp_path / "ws"), tmp_path / "tables"
    tables.mkdir()
    (tables / "titles.csv").write_text("title_id,name\na,Abc\n")
    (tables / "events.csv").write_text(
        "event_id,type,profile_id,title_id,at\ne1,play,p,a,2024-01-01T20:00:00Z\ne2,play,p,a,2999-01-01T20:00:00Z\n"
    )
    run("init", tmp_path / "ws")
    for accepted in (1, 0):  # the first run switches to the data's clock
        report = answer("import", "tables", tables, *place)
        assert (report["events"]["accepted"], report["events"]["rejected"]) == (accepted, 1)
        assert report["newest_at"] == "2024-01-01T20:00:00Z"
        assert report["problems"][0]["message"] == "at is more than a day ahead of today"


def test_a_reader_that_goes_away_is_no_fault(filled):
    command = [*COMMAND, "show", "routes", "--json", "--workspace", str(filled)]
    asked = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    assert asked.stdout is not None
    assert asked.stderr is not None
    asked.stdout.close()
    said = asked.stderr.read().decode()
    asked.wait(60)
    asked.stderr.close()
    assert said == ""


def test_ctrl_c_anywhere_in_train_leaves_what_was_published(filled, tmp_path):
    command = [*COMMAND, "train", "--quick", "--seed", "9", "--workspace", str(filled)]
    began = time.monotonic()
    assert subprocess.run([*command, "--json"], capture_output=True, env=environment(), check=False).returncode == 0
    whole, stopped = time.monotonic() - began, 0
    for share in (0.1, 0.3, 0.5, 0.7, 0.85, 0.95):
        asked = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True)
        time.sleep(share * whole)
        asked.send_signal(signal.SIGINT)
        _, said = asked.communicate(timeout=120)
        assert "Traceback" not in said or share < 0.2, said  # the interpreter itself may still have been starting
        assert asked.returncode != 0 or share > 0.5
        stopped += asked.returncode != 0
        out = tmp_path / f"{share}.parquet"
        assert answer("recommend", "--profiles", "all", "--n", "3", "--out", out, "--workspace", filled)
        assert not [f for f in answer("doctor", "--workspace", filled)["findings"] if f["level"] == "fail"]
    assert stopped >= 3


def test_an_interrupted_import_is_completed_by_the_next(tmp_path):
    run("init", tmp_path / "ws")
    folder = tmp_path / "ml"
    folder.mkdir()
    (folder / "movies.dat").write_text("1::One (1995)::Drama\n")
    lines = "".join(f"{n % 997}::{n % 1009}::{1 + n % 5}::{1_000_000_000 + n}\n" for n in range(200_000))
    (folder / "ratings.dat").write_text(lines)
    command = [*COMMAND, "import", "movielens", str(folder), "--workspace", str(tmp_path / "ws")]
    asked = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True)
    database = tmp_path / "ws" / "frontrow.db-wal"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (database.exists() and database.stat().st_size > 3_000_000):
        time.sleep(0.02)
    asked.send_signal(signal.SIGINT)
    out, said = asked.communicate(timeout=60)
    assert "Traceback" not in said
    assert asked.returncode == 1, out
    assert "interrupted" in said
    assert "the same command completes it" in said
    report = answer("import", "movielens", folder, "--workspace", tmp_path / "ws")
    assert report["events"]["accepted"] + report["events"]["duplicates"] == 200_000
    assert report["events"]["duplicates"] > 0
    assert not [f for f in answer("doctor", "--workspace", tmp_path / "ws")["findings"] if f["level"] == "fail"]
