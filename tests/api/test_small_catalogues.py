"""Next to nothing to show: catalogues of no title and of one, no event, no model. Every call is answered, no page is
padded, nothing is a fault of ours."""

from __future__ import annotations

import contextlib
import json

import pytest
from asking import ask

from frontrow.api.app import build_app
from frontrow.api.routes import ROUTES
from frontrow.core.errors import FrontrowError
from frontrow.workspace import Workspace

ONE = {"title_id": "t", "name": "Only", "genres": ["Drama"], "runtime_minutes": 100, "added_at": "2026-01-01T00:00:00Z"}
SEEN = {"event_id": "e", "profile_id": "ann", "title_id": "t", "at": "2026-03-01T12:00:00Z"}


@pytest.fixture(params=[0, 1], ids=["no title", "one title"])
def whole(tmp_path, request):
    Workspace.init(tmp_path / "w").close()
    (tmp_path / "w" / "frontrow.toml").write_text('clock = "data"\n')
    with Workspace.open(tmp_path / "w") as workspace:
        if request.param:
            workspace.put_titles([ONE])
        workspace.put_profiles([{"profile_id": "bob", "country": "SE"}])
        workspace.refresh()
        yield build_app(workspace, dev=True), request.param


def rows(app, profile_id: str = "bob", **asked) -> dict[str, list[str]]:
    """Titles by kind of row; all that a page has."""
    answer = ask(app, "POST", "/v1/home", {"profile_id": profile_id, "rows": 40, **asked})
    assert answer.status == 200, answer.body
    return {row["kind"]: [item["title_id"] for item in row["items"]] for row in answer.json["rows"]}


def test_a_page_holds_no_row_that_it_cannot_fill(whole):
    app, _ = whole
    for profile_id in ("bob", "nobody"):
        for asked in ({}, {"country": "DE"}, {"device": "tv"}, {"columns": 4}, {"at": "2020-01-01T00:00:00Z"}):
            assert rows(app, profile_id, **asked) == {}


def test_every_call_is_answered(whole):
    app, titles = whole
    page = ask(app, "GET", "/v1/home?profile_id=bob").json
    said = {"id": "t" if titles else "none", "profile": "bob", "page_id": page["page_id"]}
    here = 200 if titles else 404
    for method, target, body, status in (
        ("GET", "/v1/titles", None, 200),
        ("GET", "/v1/titles/{id}", None, here),
        ("GET", "/v1/titles/{id}/similar?n=5", None, here),
        ("GET", "/v1/titles/{id}/similar?n=5&profile_id=bob", None, here),
        ("GET", "/v1/search?q=only", None, 200),
        ("GET", "/v1/search?q=&profile_id=bob", None, 200),
        ("GET", "/v1/pages/{page_id}/rows", None, 200),
        ("GET", "/v1/profiles/{profile}", None, 200),
        ("GET", "/v1/profiles/{profile}/export", None, 200),
        ("GET", "/v1/profiles/{profile}/explain/{id}", None, 200),
        ("GET", "/v1/features/{profile}", None, 200),
        ("GET", "/v1/experiments", None, 200),
        ("POST", "/v1/recommendations", {"profile_id": "bob"}, 200),
        ("POST", "/v1/recommendations", {"profile_id": "bob", "horizon": "next", "diversity": 1, "n": 500}, 200),
        ("POST", "/v1/recommendations", {"profile_id": "bob", "filter": {"field": "year", "op": "exists"}}, 200),
        ("POST", "/v1/rank", {"profile_id": "bob", "title_ids": ["t", "u"]}, 200),
        ("POST", "/v1/rank", {"profile_id": "bob", "title_ids": []}, 200),
        ("POST", "/v1/events", {"events": []}, 202),
        ("PUT", "/v1/titles", {"titles": []}, 200),
        ("POST", "/v1/profiles/{profile}/merge", {"from_profile_id": "bob"}, 422),
        ("POST", "/v1/profiles/{profile}/merge", {"from_profile_id": "eve"}, 404),
        ("POST", "/ofrep/v1/evaluate/flags", {"context": {"targetingKey": "bob"}}, 200),
        ("GET", "/health/live", None, 200),
        ("GET", "/health/ready", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/openapi.json", None, 200),
    ):
        answer = ask(app, method, target.format(**said), body)
        assert answer.status == status, (target, answer.body)


def test_no_route_without_parameters_fails(whole):
    app, _ = whole
    for route in ROUTES:
        if route.method == "GET" and "{" not in route.path:
            for query in ("", "?profile_id=bob"):
                assert ask(app, "GET", route.path + query).status < 500, route.path


def test_lists_hold_what_there_is(whole):
    app, titles = whole
    listed = ask(app, "POST", "/v1/recommendations", {"profile_id": "bob"}).json["items"]
    found = ask(app, "GET", "/v1/search?q=only").json["items"]
    ranked = ask(app, "POST", "/v1/rank", {"profile_id": "bob", "title_ids": ["t", "u"]}).json
    assert [item["title_id"] for item in listed] == ["t"] * titles
    assert [item["title_id"] for item in found] == ["t"] * titles
    assert [item["title_id"] for item in ranked["items"]] == ["t"] * titles
    assert {each["title_id"]: each["reason"] for each in ranked["dropped"]} == dict.fromkeys(
        ["u"] if titles else ["t", "u"], "unknown"
    )


def test_every_kind_of_row_that_one_title_can_fill(whole):
    """`continue_watching` and `my_list` from one item; all others need four."""
    app, titles = whole
    n = 0

    def post(**rest):
        nonlocal n
        n += 1
        event = SEEN | {"event_id": f"e{n}", "at": f"2026-03-01T12:00:{n:02}Z"} | rest
        assert ask(app, "POST", "/v1/events", {"events": [event]}).json["accepted"] == 1

    def shown(kind):
        return {kind: ["t"]} if titles else {}

    post(type="list_add")
    assert rows(app, "ann") == shown("my_list")
    post(type="stop", seconds=3000, fraction=0.5)
    assert rows(app, "ann").get("continue_watching", []) == ["t"] * titles
    post(type="list_remove")
    assert rows(app, "ann", at="2026-03-01T13:00:00Z") == shown("continue_watching")
    post(type="stop", seconds=6000, fraction=1.0)
    assert rows(app, "ann") == {}
    post(type="unwatch")
    post(type="list_add")
    post(type="hide")
    assert rows(app, "ann") == {}


@pytest.mark.parametrize(
    ("titles", "until", "said"),
    [
        (0, None, "holds no title"),
        (1, "2026-01-01T00:00:00Z", "before 2026-01-01T00:00:00"),
        (1, None, None),
    ],
)
def test_training_on_nothing_is_refused_and_on_titles_alone_serves(tmp_path, titles, until, said):
    """What serves goes on serving."""
    with Workspace.init(tmp_path / "w") as workspace:
        workspace.put_titles([ONE] * titles)
        with pytest.raises(FrontrowError, match=said) if said else contextlib.nullcontext():
            workspace.train(until=until)
        workspace.refresh()
        answer = ask(build_app(workspace, dev=True), "POST", "/v1/home", json.dumps({"profile_id": "bob"}).encode())
        assert (answer.status, answer.json["rows"]) == (200, [])
