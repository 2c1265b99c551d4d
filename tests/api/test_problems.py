"""Errors: their shape, where they point, and that nothing a caller sends is an internal one."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from asking import ask
from hypothesis import given
from hypothesis import strategies as st
from stand_in import FAILURES, MemoryService

from frontrow.api.app import build_app
from frontrow.api.problems import KINDS
from frontrow.api.routes import ROUTES

BODIES = sorted({route.path for route in ROUTES if route.body})
DEEP = 100_000
HOSTILE = [
    b"", b"null", b"[]", b"{", b'"x"', b"1", b"{}", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b'{"profile_id":null}',
    b'{"profile_id":{"a":1}}', b'{"profile_id":"\\ud800"}', b'{"profile_id":"a","n":1e999}',
    b'{"profile_id":"a","n":NaN}',
    b'{"profile_id":"a","at":"0000-99-99T99:99:99Z"}', b'{"profile_id":"a","context":{"a":1e999}}',
    b'{"events":null}', b'{"events":{"0":{}}}', b'{"titles":"x"}', b'{"profiles":[1]',
    b"[" * DEEP, b'{"a":' * DEEP, b'{"events":' + b"[" * DEEP, b'{"profile_id":"a","filter":' + b'{"not":' * DEEP,
    b'{"profile_id":"a","context":{"n":' + b"9" * 10_000 + b"}}", b'{"from_profile_id":"\\u0000"}',
]  # fmt: skip


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:24]))
def test_hostile_bodies_are_the_callers_fault(app, path, body):
    target = path.replace("{profile_id}", "ana").replace("{experiment_id}", "rows").replace("{key}", "rows")
    method = next(route.method for route in ROUTES if route.path == path and route.body)
    answer = ask(app, method, target, body)
    assert 400 <= answer.status < 500, answer.body
    if path.startswith("/ofrep/"):
        assert answer.json["errorCode"] in ("PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT")
    else:
        check_problem(answer)


def test_hostile_cases_of_the_contract(shared, app):
    suite = json.loads((shared / "contract-cases.json").read_text("utf-8"))
    cases = [case for case in suite["cases"] if case["name"].startswith("hostile-")]
    assert cases
    for step in (step for case in cases for step in case["steps"]):
        request = step["request"]
        raw = request["raw"].encode("utf-8", "surrogateescape") if "raw" in request else request.get("body")
        answer = ask(app, request["method"], request["path"], raw)
        assert answer.status < 500, request
        if answer.status >= 400:
            check_problem(answer)


def test_hostile_elements_reject_themselves(app):
    body = b'{"events":[null,1,"x",[],{},{"event_id":"e","type":[],"profile_id":{},"at":1}]}'
    answer = ask(app, "POST", "/v1/events", body)
    assert answer.status == 202
    assert [one["index"] for one in answer.json["rejected"]] == [0, 1, 2, 3, 4, 5]


def check_problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem.keys() == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == answer.status
    assert problem["type"] == f"/docs#{KINDS[answer.status].slug}"
    assert problem["title"]
    assert problem["detail"]
    assert all(fault.keys() == {"pointer", "message"} for fault in problem["errors"])


@pytest.mark.parametrize(
    ("method", "target", "body", "pointer"),
    [
        ("POST", "/v1/recommendations", {"profile_id": "a", "n": "many"}, "/n"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "n": 0}, "/n"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "n": 2.5}, "/n"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "n": True}, "/n"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "diversity": 1.5}, "/diversity"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "horizon": "soon"}, "/horizon"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "colour": "blue"}, "/colour"),
        ("POST", "/v1/recommendations", {"profile_id": "a", "exclude_ids": ["x", 1]}, "/exclude_ids/1"),
        ("POST", "/v1/recommendations", {"profile_id": "", "n": 1}, "/profile_id"),
        ("POST", "/v1/recommendations", {"n": 1}, "/profile_id"),
        ("POST", "/v1/home", {"profile_id": "a", "country": "se"}, "/country"),
        ("POST", "/v1/home", {"profile_id": "a", "at": "yesterday"}, "/at"),
        ("POST", "/v1/rank", {"profile_id": "a"}, "/title_ids"),
        ("POST", "/v1/rank", {"profile_id": "a", "title_ids": [], "n": 3}, "/n"),
        ("POST", "/v1/events", {"events": [], "more": 1}, "/more"),
        ("POST", "/v1/profiles/a/merge", {"from_profile_id": "a"}, "/from_profile_id"),
        ("POST", "/v1/profiles/a/merge", {"from_profile_id": ""}, "/from_profile_id"),
        ("POST", "/v1/events?colour=blue", {"events": []}, "/colour"),
        ("GET", "/v1/home", None, "/profile_id"),
        ("GET", "/v1/home?", None, "/profile_id"),
        ("GET", "/v1/home?profile_id=", None, "/profile_id"),
        ("GET", "/v1/home?profile_id=%FF", None, "/profile_id"),
        ("GET", "/v1/home?profile_id=a&rows=0", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=abc", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=1.5", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=%2B5", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=1e3", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=%D9%A5", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&rows=", None, "/rows"),
        ("GET", "/v1/home?profile_id=a&columns=-5", None, "/columns"),
        ("GET", "/v1/home?profile_id=a&at=yesterday", None, "/at"),
        ("GET", "/v1/home?profile_id=a&profile_id=b", None, "/profile_id"),
        ("GET", "/v1/home?profile_id=a&context.x=1&context.x=2", None, "/context.x"),
        ("GET", "/v1/home?profile_id=a&context=x", None, "/context"),
        ("GET", "/v1/home?profile_id=a&context.=x", None, "/context."),
        ("GET", "/v1/home?profile_id=a&colour=blue", None, "/colour"),
        ("GET", "/v1/home?profile_id=a&col~o/r=blue", None, "/col~0o~1r"),
        ("GET", "/v1/search?n=3", None, "/q"),
        ("GET", "/v1/search?q=x&context.a=1", None, "/context.a"),
        ("GET", "/v1/features/a?colour=blue", None, "/colour"),
        ("GET", "/v1/profiles/a%00/explain/t", None, "/profile_id"),
        ("GET", "/v1/profiles/a/explain/%00", None, "/title_id"),
    ],
)  # fmt: skip
def test_wrong_content_is_pointed_at(app, method, target, body, pointer):
    answer = ask(app, method, target, body)
    assert answer.status == 422, answer.body
    check_problem(answer)
    assert answer.json["errors"][0]["pointer"] == pointer


def test_numbers_over_their_cap_mean_the_cap(app):
    assert ask(app, "GET", f"/v1/home?profile_id=a&rows={'9' * 20}&columns=1000").status == 200
    assert ask(app, "POST", "/v1/recommendations", {"profile_id": "a", "n": 10**26}).status == 200


def test_context_of_a_query_is_the_context_of_a_body(app, service):
    assert ask(app, "GET", "/v1/home?profile_id=a&context.weather=light+rain&context.a%26b=%C3%A9").status == 200
    assert service.seen_context == {"weather": "light rain", "a&b": "é"}


@pytest.mark.parametrize("status", sorted(FAILURES))
def test_errors_of_the_service_become_problems(app, service, status):
    service.failing = FAILURES[status]
    answer = ask(app, "GET", "/v1/home?profile_id=a")
    assert answer.status == status
    check_problem(answer)
    if status == 503:
        assert int(answer.headers["retry-after"]) >= 1


def test_an_internal_error_tells_nothing_and_leaves_the_server_up(app, service, capsys):
    service.failing = ValueError("secret of profile canary-90125")
    answer = ask(app, "GET", "/v1/home?profile_id=canary-90125")
    assert answer.status == 500
    check_problem(answer)
    assert b"Traceback" not in answer.body
    assert b"secret" not in answer.body
    logged = "".join(capsys.readouterr())
    assert "ValueError" in logged
    assert "stand_in.py" in logged
    assert "canary" not in logged
    assert ask(app, "GET", "/health/live").status == 200


@pytest.mark.parametrize("kind", ["events", "titles", "profiles"])
def test_a_batch_over_1000_is_too_large(app, kind):
    method = "POST" if kind == "events" else "PUT"
    answer = ask(app, method, f"/v1/{kind}", {kind: [{}] * 1001})
    assert answer.status == 413
    check_problem(answer)
    assert ask(app, method, f"/v1/{kind}", {kind: [{}] * 1000}).status < 300


def test_reading_stops_when_a_body_is_too_large(app):
    mebibyte = b" " * (1 << 20)
    many = [mebibyte] * 1000
    answer = ask(app, "POST", "/v1/events", parts=many)
    assert answer.status == 413
    check_problem(answer)
    stated = ask(app, "POST", "/v1/home", headers={"Content-Length": str(100 << 20)}, parts=[])
    assert stated.status == 413
    full = b'{"events":[]' + b" " * ((8 << 20) - 13) + b"}"
    assert ask(app, "POST", "/v1/events", full).status == 202


def test_a_query_too_long(app):
    answer = ask(app, "GET", "/v1/search?q=" + "a" * 20_000)
    assert answer.status == 414
    check_problem(answer)


@pytest.mark.parametrize("encoding", ["gzip", "br", "gzip, identity", "x"])
def test_compressed_bodies_are_not_taken(app, encoding):
    answer = ask(app, "POST", "/v1/events", {"events": []}, {"Content-Encoding": encoding})
    assert answer.status == 415
    check_problem(answer)
    assert ask(app, "POST", "/v1/events", {"events": []}, {"Content-Encoding": "identity"}).status == 202


@given(st.sampled_from(BODIES), st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["profile_id", "events", "titles", "n", "at", "filter", "context", "title_ids", "x"]),
        inner, max_size=4,
    ),
    max_leaves=12,
))  # fmt: skip
def test_no_json_is_an_internal_error(path, value):
    app = build_app(MemoryService(), dev=True)
    method = next(route.method for route in ROUTES if route.path == path and route.body)
    answer = ask(app, method, path.replace("{profile_id}", "ana"), json.dumps(value).encode())
    assert answer.status < 500


@given(st.sampled_from([route for route in ROUTES if route.query]), st.lists(st.tuples(
    st.sampled_from(["profile_id", "rows", "n", "at", "q", "after", "limit", "context.a", "x"]), st.binary(max_size=8)
), max_size=5), st.booleans())  # fmt: skip
def test_no_query_is_an_internal_error(route, pairs, encoded):
    app = build_app(MemoryService(), dev=True)
    parts = [f"{name}={quote(value) if encoded else value.decode('latin-1')}" for name, value in pairs]
    target = route.path.replace("{page_id}", "p-1").replace("{title_id}", "t")
    assert ask(app, "GET", target + "?" + "&".join(parts)).status < 500
