"""The description of the API is complete, consistent, and needs no other machine."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from asking import ask

from frontrow.api.examples import EXPERIMENT
from frontrow.api.openapi import openapi_document
from frontrow.api.problems import KINDS
from frontrow.api.routes import ROUTES, route_rows
from frontrow.web.statics import statics

STYLE = next(name for name, file in statics().items() if file.content_type.startswith("text/css"))


@pytest.fixture
def document(app):
    return ask(app, "GET", "/openapi.json").json


def test_every_route_is_described(document):
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert document["openapi"].startswith("3.1")
    assert document == openapi_document(ROUTES)


def operations(document):
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_operations_are_whole(document):
    assert len({operation["operationId"] for operation in operations(document)}) == len(ROUTES)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"]
            stated = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert stated == set(re.findall(r"{(\w+)}", path))
            names = [(one["name"], one["in"]) for one in operation.get("parameters", [])]
            assert len(names) == len(set(names))
            assert any(status.startswith("2") for status in operation["responses"])


def test_all_references_lead_somewhere_and_all_records_are_used(document):
    used = set(re.findall(r'"\$ref": ?"#/components/(\w+)/(\w+)"', str(document).replace("'", '"')))
    for kind, name in used:
        assert name in document["components"][kind]
    assert {name for kind, name in used if kind == "schemas"} == set(document["components"]["schemas"])
    assert {name for kind, name in used if kind == "responses"} <= set(document["components"]["responses"])


def test_times_are_written_as_times(document):
    event = document["components"]["schemas"]["Event"]
    assert event["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert set(event["required"]) == {"event_id", "type", "profile_id", "at"}


def test_routes_with_a_request_have_an_example_that_works(app):
    for route in ROUTES:
        if route.body or route.query:
            assert route.example, route.path
    assert ask(app, "PUT", "/v1/profiles", {"profiles": [{"profile_id": "anonymous-7f3a"}]}).status == 200
    running = EXPERIMENT | {"state": "running"}
    assert ask(app, "PUT", "/v1/experiments/running", running).status == 200
    for route in sorted(ROUTES, key=lambda route: (route.method == "DELETE", route.method != "PUT")):
        target = route.path.replace("{title_id}", "long-harbour").replace("{profile_id}", "ana")
        target = target.replace("{page_id}", "p-1").replace("{file}", STYLE)
        target = target.replace("{experiment_id}", "rows").replace("{key}", "running")
        if route.query and route.example:
            target += "?" + urlencode(route.example)
        answer = ask(app, route.method, target, route.example if route.body else None)
        assert answer.status == route.status, (route.path, answer.body)
        assert not answer.body or answer.headers["content-type"].split(";")[0] == route.content_type.split(";")[0]
        if route.batch and route.batch != "events":
            assert answer.json["rejected"] == []


def test_every_problem_that_routes_state_is_explained():
    for route in ROUTES:
        assert set(route.statuses) <= KINDS.keys()


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.targets, self.ids, self.tags = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset", "data"):
                self.targets.append(value)
            if name == "id":
                assert value not in self.ids
                self.ids.add(value)


def test_the_documentation_page_works_offline(app):
    answer = ask(app, "GET", "/docs")
    page = answer.body.decode()
    links = Links()
    links.feed(page)
    assert not {"script", "img", "iframe", "object", "form", "style"} & links.tags
    for target in links.targets:
        if target.startswith("#"):
            assert target[1:] in links.ids, target
        else:
            assert ask(app, "GET", target).status == 200
    assert "//" not in page.replace("<!doctype html>", "").replace("://", "://") or "http" not in page
    assert "url(" not in ask(app, "GET", "/docs.css").body.decode()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for route in ROUTES:
        assert f"{route.method} {route.path}" in page
    for kind in KINDS.values():
        assert kind.slug in links.ids


def test_the_table_for_people():
    rows = route_rows()
    assert len(rows) == len(ROUTES)
    assert {"method": "GET", "path": "/metrics", "roles": "admin, analyst"}.items() <= next(
        row for row in rows if row["path"] == "/metrics"
    ).items()
    assert len({(row["method"], row["path"]) for row in rows}) == len(rows)
