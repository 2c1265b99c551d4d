"""Every kind of bad id, time and record, over HTTP into a real workspace: it rejects itself only, by number, in words;
and the same in the command's tables, by file and line."""

from __future__ import annotations

import json

import pytest
from asking import ask
from starlette.types import ASGIApp
from typer.testing import CliRunner

from frontrow.api.app import build_app
from frontrow.cli.main import app as command
from frontrow.workspace import Workspace

AT = "2026-03-01T12:00:00Z"
BAD_IDS = {
    "empty": ("", "is empty"),
    "129 bytes": ("x" * 129, "129 bytes"),
    "over 128 bytes in fewer letters": ("é" * 65, "130 bytes"),
    "a control character": ("a\x07b", "control character"),
    "a C1 control character": ("a\x85b", "control character"),
    "a newline": ("a\nb", "control character"),
    "a number": (7, "str"),
    "null": (None, ""),
    "a list": (["a"], "str"),
}
BAD_TIMES = ("2026-03-01T12:00:00", "2026-03-01", "yesterday", "2026-02-30T12:00:00Z", "", 7, None)
REQUIRED = ("event_id", "profile_id", "title_id")
FIELDS = {
    "events": ("event_id", "profile_id", "title_id", "page_id", "playback_id", "session_id", "row_id", "artwork_id"),
    "titles": ("title_id",),
    "profiles": ("profile_id",),
}


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def whole(workspace) -> ASGIApp:
    return build_app(workspace, dev=True)


def sound(kind: str, name: str) -> dict[str, object]:
    return {
        "events": {"event_id": name, "type": "rate", "value": 4, "profile_id": f"p-{name}", "title_id": "t", "at": AT},
        "titles": {"title_id": name, "name": "N"},
        "profiles": {"profile_id": name},
    }[kind]


def send(app: ASGIApp, kind: str, records: list[object]) -> dict[str, object]:
    method, status = ("POST", 202) if kind == "events" else ("PUT", 200)
    answer = ask(app, method, f"/v1/{kind}", json.dumps({kind: records}).encode())
    assert answer.status == status, answer.body
    return answer.json


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_a_bad_id_rejects_its_record_by_number(whole, kind, field, bad):
    value, words = BAD_IDS[bad]
    if value is None and field not in REQUIRED:
        return  # null is as good as not said
    told = send(whole, kind, [sound(kind, "a"), sound(kind, "b") | {field: value}, sound(kind, "c")])
    assert told["accepted" if kind == "events" else "upserted"] == 2
    assert [each["index"] for each in told["rejected"]] == [1]
    assert field in told["rejected"][0]["message"]
    assert words in told["rejected"][0]["message"]


@pytest.mark.parametrize("bad", BAD_TIMES)
def test_a_time_without_an_offset_or_none_at_all_rejects_its_event(whole, bad):
    told = send(whole, "events", [sound("events", "a"), sound("events", "b") | {"at": bad}])
    assert (told["accepted"], [each["index"] for each in told["rejected"]]) == (1, [1])
    assert "at" in told["rejected"][0]["message"]


@pytest.mark.parametrize("field", ["added_at", "starts_at", "ends_at", "windows"])
def test_a_time_without_an_offset_rejects_its_title(whole, field):
    wrong: object = "2026-03-01T12:00:00"
    told = send(whole, "titles", [sound("titles", "b") | {field: [{"from": wrong}] if field == "windows" else wrong}])
    assert told["upserted"] == 0
    assert "offset" in told["rejected"][0]["message"]


def test_duplicates_within_and_across_batches(whole, workspace):
    one, other = sound("events", "a"), sound("events", "a") | {"value": 1}
    told = send(whole, "events", [one, one, other])
    assert (told["accepted"], told["duplicates"], [each["index"] for each in told["rejected"]]) == (1, 1, [2])
    told = send(whole, "events", [other, one])
    assert (told["accepted"], told["duplicates"], [each["index"] for each in told["rejected"]]) == (0, 1, [0])
    for kind in ("titles", "profiles"):  # whole records: the last one counts
        assert send(whole, kind, [sound(kind, "a"), sound(kind, "a")])["upserted"] >= 1
    assert workspace.title("a").name == "N"


@pytest.mark.parametrize("kind", FIELDS)
def test_bytes_that_are_not_utf8_and_broken_json_are_the_callers_fault(whole, kind):
    method = "POST" if kind == "events" else "PUT"
    whole_body = json.dumps({kind: [sound(kind, "a")]}).encode()
    for body in (
        whole_body.replace(b'"a"', b'"\xff"'),
        whole_body[:-3],
        b"",
        b"[]",
        b'{"' + kind.encode() + b'": 7}',
    ):
        answer = ask(whole, method, f"/v1/{kind}", body)
        assert answer.status == 422, body
        assert answer.json["detail"]


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ('"\\ud83c"', "not valid UTF-8"),  # half of a surrogate pair: JSON's grammar has it, UTF-8 does not
        ("1e999", "JSON cannot carry"),
        ("[" * 300 + "]" * 300, "nested more than"),
    ],
)
def test_what_no_record_can_hold_rejects_the_record_that_holds_it(whole, kind, bad, says):
    held = {"context" if kind == "events" else "attributes": {"x": "HERE"}}
    records = [sound(kind, "one"), sound(kind, "bad") | held, sound(kind, "two")]
    body = json.dumps({kind: records}).encode().replace(b'"HERE"', bad.encode())
    answer = ask(whole, "POST" if kind == "events" else "PUT", f"/v1/{kind}", body)
    assert answer.status in (200, 202)
    assert answer.json["accepted" if kind == "events" else "upserted"] == 2
    (rejected,) = answer.json["rejected"]
    assert rejected["index"] == 1
    assert says in rejected["message"]


@pytest.mark.parametrize("kind", FIELDS)
def test_an_id_that_cannot_be_written_is_not_quoted(whole, kind):
    body = json.dumps({kind: [sound(kind, "one"), sound(kind, "two")]}).encode().replace(b'"two"', b'"\\ud800"')
    answer = ask(whole, "POST" if kind == "events" else "PUT", f"/v1/{kind}", body)
    assert answer.status in (200, 202)
    (rejected,) = answer.json["rejected"]
    assert "not valid UTF-8" in rejected["message"]
    assert rejected["event_id" if kind == "events" else "id"] is None


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("kind", FIELDS)
def test_a_bad_id_in_a_table_is_named_by_file_and_line_and_strict_refuses(tmp_path, kind, bad):
    value, words = BAD_IDS[bad]
    field = {"events": "profile_id"}.get(kind, FIELDS[kind][0])
    tables = tmp_path / "tables"
    tables.mkdir()
    records = {each: [sound(each, "a")] for each in FIELDS}
    records[kind] = [sound(kind, "a"), sound(kind, "b") | {field: value}, sound(kind, "c")]
    for each, lines in records.items():
        (tables / f"{each}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    run("init", tmp_path / "w")
    refused = run("import", "tables", tables, "--strict", "--workspace", tmp_path / "w", code=1)
    assert "nothing was imported" in refused.stderr
    done = run("import", "tables", tables, "--workspace", tmp_path / "w")
    for said in (refused.stderr, done.stderr):
        assert f"{kind}.jsonl:2: " in said
        assert words in said
    assert "1 left out" in done.stdout


def run(*arguments: object, code: int = 0):
    done = CliRunner().invoke(command, [*map(str, arguments)], env={"COLUMNS": "200", "FRONTROW_WORKSPACE": None})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.stdout + done.stderr
    return done
