"""Paths, methods and ids."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from asking import ask
from hypothesis import given
from hypothesis import strategies as st
from stand_in import MemoryService

from frontrow.api.app import build_app

ODD_IDS = [
    "ana/maria 100%?&=#",
    "👩🏽 капитан",
    "ملف-شخصي",
    "..",
    ".",
    "%2F",
    "%",
    "+",
    "a+b",
    "a b",
    "p" * 128,
    "é" * 64,
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_ids_survive_the_path(app, service, odd):
    assert ask(app, "PUT", "/v1/titles", {"titles": [{"title_id": odd, "name": "Odd"}]}).json["upserted"] == 1
    encoded = quote(odd, safe="")
    assert ask(app, "GET", f"/v1/titles/{encoded}").json["title_id"] == odd
    assert ask(app, "GET", f"/v1/profiles/{encoded}/explain/{encoded}").json["title_id"] == odd
    assert ask(app, "GET", f"/v1/features/{encoded}").json["profile_id"] == odd
    assert ask(app, "GET", f"/v1/home?profile_id={encoded}").json["profile_id"] == odd
    assert ask(app, "GET", f"/v1/titles/{encoded}/similar?profile_id={encoded}").json["profile_id"] == odd
    gone = ask(app, "DELETE", f"/v1/titles/{encoded}")
    assert (gone.status, gone.body) == (204, b"")
    assert ask(app, "GET", f"/v1/titles/{encoded}").status == 404


@given(st.text(min_size=1, max_size=30).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)))
def test_any_text_in_a_path_is_that_id_or_refused(text):
    app = build_app(MemoryService(), dev=True)
    answer = ask(app, "GET", "/v1/features/" + quote(text, safe=""))
    assert answer.status == (200 if answer.json.get("profile_id") == text else 422)


@pytest.mark.parametrize(
    "bad", ["%FF", "%C3", "%00", "%0A", "a%", "a%2", "a%zz", "p" * 129, "%F0%9F%98%80" * 33, "\xff"]
)
def test_what_is_no_id_is_wrong_content(app, bad):
    answer = ask(app, "GET", f"/v1/features/{bad}")
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/profile_id"


@pytest.mark.parametrize(
    "path",
    ["", "*", "//", "/v1", "/v1/", "/v1/no-such-call", "/v1/titles/", "/v1/titles/a/b", "/v1/profiles//export",
     "/v1/home/", "/v2/home", "/V1/home", "/v1/curation", "/v1/curation/x", "/v1/experiments/", "/v1/rollouts",
     "/ofrep/v1/evaluate", "/v1/%68ome", "/openapi.json/", "/\xff\xfe"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_paths_are_unknown(app, path, method):
    answer = ask(app, method, path, {})
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == 404


def test_a_wrong_method_is_told_all_that_the_path_allows(app):
    answer = ask(app, "POST", "/v1/titles", {})
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, PATCH, PUT"
    assert answer.headers["content-type"] == "application/problem+json"
    assert ask(app, "BREW", "/v1/home").status == 405
    assert ask(app, "OPTIONS", "/v1/events").headers["allow"] == "POST"


def test_head_is_get_without_its_body(app):
    whole = ask(app, "GET", "/v1/titles")
    head = ask(app, "HEAD", "/v1/titles")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_the_catalogue_comes_in_parts(app):
    titles = [{"title_id": f"t-{n}", "name": "T"} for n in range(12)]
    assert ask(app, "PUT", "/v1/titles", {"titles": titles}).json == {"upserted": 12, "rejected": []}
    first = ask(app, "GET", "/v1/titles?limit=7").json
    rest = ask(app, "GET", f"/v1/titles?after={first['next']}&limit=7").json
    assert [title["title_id"] for title in first["titles"] + rest["titles"]] == [f"t-{n}" for n in range(12)]
    assert rest["next"] is None
    assert ask(app, "GET", "/v1/titles?limit=12").json["next"] is None
    assert ask(app, "GET", "/v1/titles?after=not-a-cursor-at-all").json["errors"][0]["pointer"] == "/after"
    for bad in ("0", "501", "nine", "-1", "1.0", "", "%20" + "5"):
        assert ask(app, "GET", f"/v1/titles?limit={bad}").json["errors"][0]["pointer"] == "/limit", bad


@given(st.text(max_size=12))
def test_a_foreign_cursor_is_refused(text):
    app = build_app(MemoryService(), dev=True)
    answer = ask(app, "GET", f"/v1/titles?after={quote(text.encode(errors='replace'), safe='')}")
    assert answer.status in (200, 422)


def test_what_is_wrong_with_a_call_is_told_with_what_is_right(app):
    assert "This call takes " in ask(app, "BREW", "/v1/home").json["detail"]
    told = ask(app, "GET", "/v1/search?query=the").json["detail"]
    assert told.startswith("query is not a known parameter: ")
    assert "q" in told.partition(": ")[2].split(", ")
    scheme = ask(app, "GET", "/v1/home?profile_id=a", headers={"Authorization": "fr_app_x"})
    assert scheme.status == 401
    assert scheme.json["detail"] == "Send the key as Authorization: Bearer KEY"
