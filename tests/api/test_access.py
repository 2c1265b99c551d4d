"""Keys, roles, and a server without keys."""

from __future__ import annotations

import pytest
from asking import ask
from stand_in import KEYS

from frontrow.api.access import check_mode, is_loopback
from frontrow.api.routes import ROUTES
from frontrow.core.errors import UsageError
from frontrow.people.keys import ROLES

# Written out again, by hand, from the contract: the table of routes must say the same.
MAY = {
    "app": {
        "POST /v1/events", "GET /v1/home", "POST /v1/home", "GET /v1/pages/{page_id}/rows", "POST /v1/recommendations",
        "POST /v1/rank", "GET /v1/titles/{title_id}/similar", "GET /v1/search", "PUT /v1/profiles",
        "PATCH /v1/profiles", "GET /v1/profiles/{profile_id}", "POST /v1/profiles/{profile_id}/merge",
        "GET /v1/features/{profile_id}", "POST /ofrep/v1/evaluate/flags/{key}", "POST /ofrep/v1/evaluate/flags",
    },
    "analyst": {"GET /metrics", "GET /v1/experiments", "GET /v1/experiments/{experiment_id}"},
    "support": {
        "GET /v1/home", "POST /v1/home", "GET /v1/pages/{page_id}/rows", "GET /v1/features/{profile_id}",
        "GET /v1/profiles/{profile_id}/explain/{title_id}",
    },
}  # fmt: skip
MAY["operator"] = MAY["app"] | MAY["support"] | {
    "GET /v1/titles", "PUT /v1/titles", "PATCH /v1/titles", "GET /v1/titles/{title_id}", "DELETE /v1/titles/{title_id}",
    "GET /v1/experiments", "GET /v1/experiments/{experiment_id}", "PUT /v1/experiments/{experiment_id}",
    "DELETE /v1/experiments/{experiment_id}",
}  # fmt: skip
OPEN = {"GET /health/live", "GET /health/ready", "GET /openapi.json", "GET /docs", "GET /docs.css"}
MAY["admin"] = {f"{route.method} {route.path}" for route in ROUTES} - OPEN


def key(role):
    return {"Authorization": f"Bearer fr_{role}_key"}


def call(app, route, headers=None):
    path = route.path
    for name in route.id_names:
        path = path.replace("{" + name + "}", "x")
    return ask(app, route.method, path, {}, headers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@pytest.mark.parametrize("role", ROLES)
def test_every_role_on_every_route(guarded, route, role):
    name = f"{route.method} {route.path}"
    status = call(guarded, route, key(role)).status
    if name in OPEN or name in MAY[role]:
        assert status not in (401, 403)
    else:
        assert status == 403


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_without_a_valid_key(guarded, route):
    name = f"{route.method} {route.path}"
    strange = [
        None, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
        {"Authorization": "Bearer fr_admin_wrong"}, {"Authorization": "Basic fr_admin_key"},
        {"Authorization": "Bearer \xff\xfe"}, {"Authorization": "fr_admin_key"},
    ]  # fmt: skip
    for headers in strange:
        answer = call(guarded, route, headers)
        if name in OPEN:
            assert answer.status == 200
        else:
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


def test_the_schemes_case_does_not_matter(guarded):
    assert ask(guarded, "GET", "/v1/home?profile_id=a", headers={"Authorization": "bearer fr_app_key"}).status == 200


@pytest.mark.parametrize("role", ["app", "support", "operator", "admin"])
def test_another_moment_is_for_operators(guarded, role):
    at = "2026-03-01T00:00:00Z"
    expected = 200 if role in ("operator", "admin") else 403
    assert ask(guarded, "GET", f"/v1/home?profile_id=a&at={at}", headers=key(role)).status == expected
    assert ask(guarded, "POST", "/v1/home", {"profile_id": "a", "at": at}, key(role)).status == expected
    if role == "app":
        for path, body in (("recommendations", {}), ("rank", {"title_ids": []})):
            answer = ask(guarded, "POST", f"/v1/{path}", {"profile_id": "a", "at": at} | body, key(role))
            assert answer.status == 403
            assert answer.json["errors"][0]["pointer"] == "/at"
    assert ask(guarded, "POST", "/v1/home", {"profile_id": "a", "at": None}, key(role)).status == 200


def test_dev_allows_at_and_names_the_worker(app, guarded):
    answer = ask(app, "GET", "/v1/home?profile_id=a&at=2026-03-01T00:00:00Z")
    assert answer.status == 200
    assert answer.headers["x-frontrow-worker"].isdigit()
    assert "score;dur=" in answer.headers["server-timing"]
    served = ask(guarded, "GET", "/v1/home?profile_id=a", headers=key("app"))
    assert "x-frontrow-worker" not in served.headers
    assert "server-timing" not in served.headers


def test_dev_holds_a_key_to_its_role(app):
    assert ask(app, "DELETE", "/v1/profiles/x", headers=key("app")).status == 403
    assert ask(app, "GET", "/v1/home?profile_id=a", headers={"Authorization": "Bearer no"}).status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8080"}, 200),
        ({"Host": "127.0.0.1"}, 200),
        ({"Host": "localhost:8080"}, 200),
        ({"Host": "LOCALHOST:8080"}, 200),
        ({"Host": "[::1]:8080"}, 200),
        ({"Host": "127.0.0.1:8081"}, 403),
        ({"Host": "elsewhere.example"}, 403),
        ({"Host": "localhost.elsewhere.example"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://127.0.0.1:8080"}, 200),
        ({"Host": "localhost:8080", "Origin": "http://localhost:8080"}, 200),
        ({"Host": "localhost:8080", "Origin": "http://127.0.0.1:8080"}, 403),
        ({"Origin": "https://127.0.0.1:8080"}, 403),
        ({"Origin": "http://127.0.0.1:3000"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_dev_answers_only_to_its_own_name(app, headers, status):
    for method, path, body in (
        ("GET", "/health/live", None),
        ("POST", "/v1/events", {"events": []}),
        ("GET", "/x", None),
    ):
        answer = ask(app, method, path, body, headers)
        expected = {"/v1/events": 202, "/x": 404}.get(path, 200) if status == 200 else status
        assert answer.status == expected
        assert answer.headers["x-request-id"]


def test_with_keys_any_host_will_do(guarded):
    headers = key("app") | {"Host": "api.service.example", "Origin": "https://service.example"}
    assert ask(guarded, "GET", "/v1/home?profile_id=a", headers=headers).status == 200


def test_modes():
    check_mode("127.0.0.1", dev=True, has_keys=False)
    check_mode("0.0.0.0", dev=False, has_keys=True)
    with pytest.raises(UsageError, match="no API key"):
        check_mode("127.0.0.1", dev=False, has_keys=False)
    for has_keys in (False, True):
        with pytest.raises(UsageError, match="loopback"):
            check_mode("0.0.0.0", dev=True, has_keys=has_keys)
    assert [is_loopback(host) for host in ("127.0.0.9", "::1", "[::1]", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("10.0.0.1", "example.org", "", "::")] == [False] * 4


def test_the_stand_in_has_a_key_for_every_role():
    assert set(KEYS.values()) == set(ROLES)
