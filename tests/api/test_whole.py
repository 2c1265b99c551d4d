"""The real workspace behind the real server: two workers, and every answer reflects what was answered before."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from test_serve import Server

from frontrow.api.plan import WORKSPACE
from frontrow.workspace import Workspace

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "workspace"
    Workspace.init(folder).close()
    server = Server(folder, service=WORKSPACE)
    try:
        server.wait_ready()
        titles = [
            {"title_id": f"t-{n}", "name": f"Title {n}", "genres": [("Drama", "Crime")[n % 2]], "runtime_minutes": 100}
            for n in range(60)
        ]
        assert ask(server, "PUT", "/v1/titles", {"titles": titles}) == {"upserted": 60, "rejected": []}
        yield server
    finally:
        server.end()


def ask(server, method, path, body=None, status=None):
    got, _, data = server.ask(method, path, body)
    assert got == status if status else 200 <= got < 300, data
    return json.loads(data) if data else None


def event(n, profile_id, **rest):
    at = (NOW - timedelta(hours=1)).isoformat()
    return {"event_id": f"{profile_id}-{n}", "type": "hide", "profile_id": profile_id, "at": at} | rest


def links_to_each_worker(server):
    links = {}
    while len(links) < 2:
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        link.request("GET", "/health/live")
        answer = link.getresponse()
        answer.read()
        if links.setdefault(answer.headers["X-Frontrow-Worker"], link) is not link:
            link.close()
    return list(links.values())


def over(link, method, path, body=None):
    link.request(method, path, None if body is None else json.dumps(body))
    answer = link.getresponse()
    data = answer.read()
    assert answer.status < 300, data
    return json.loads(data)


def test_a_page_of_the_other_worker_reflects_a_202(server):
    one, other = links_to_each_worker(server)
    with contextlib.closing(one), contextlib.closing(other):
        for n in range(60):
            hidden = event(n, "reader", title_id=f"t-{n % 40}")
            assert over(one, "POST", "/v1/events", {"events": [hidden]})["accepted"] == 1
            page = over(other, "GET", "/v1/home?profile_id=reader&rows=40&columns=75")
            shown = {item["title_id"] for row in page["rows"] for item in row["items"]}
            assert not shown & {f"t-{k}" for k in range(min(n, 39) + 1)}
            one, other = other, one
    assert "failed" not in server.said()


def test_every_call_answers_over_http(server):
    odd = "ana/maria 100%?&=#"
    encoded = quote(odd, safe="")
    ask(server, "PUT", "/v1/profiles", {"profiles": [{"profile_id": odd, "country": "SE"}]})
    ask(server, "PATCH", "/v1/profiles", {"profiles": [{"profile_id": odd, "language": "sv"}]})
    assert ask(server, "GET", f"/v1/profiles/{encoded}")["language"] == "sv"
    watched = event(1, odd, type="stop", title_id="t-50", seconds=1500, fraction=0.3)
    assert ask(server, "POST", "/v1/events", {"events": [watched]}, 202)["accepted"] == 1
    page = ask(server, "POST", "/v1/home", {"profile_id": odd, "rows": 1})
    assert page["rows"][0]["kind"] == "continue_watching"
    after = quote(page["rows"][0]["row_id"], safe="")
    ask(server, "GET", f"/v1/pages/{page['page_id']}/rows?after={after}&rows=3")
    assert len(ask(server, "POST", "/v1/recommendations", {"profile_id": odd, "n": 5})["items"]) == 5
    assert len(ask(server, "POST", "/v1/rank", {"profile_id": odd, "title_ids": ["t-1", "x"]})["dropped"]) == 1
    assert ask(server, "GET", f"/v1/titles/t-50/similar?n=5&profile_id={encoded}")["items"]
    assert ask(server, "GET", "/v1/search?q=title&n=5")["items"]
    assert ask(server, "GET", f"/v1/profiles/{encoded}/explain/nowhere")["drops"][0]["reason"] == "unknown"
    assert ask(server, "GET", f"/v1/features/{encoded}")["profile_id"] == odd
    first = ask(server, "GET", "/v1/titles?limit=50")
    rest = ask(server, "GET", f"/v1/titles?limit=50&after={first['next']}")
    assert len(first["titles"]) + len(rest["titles"]) >= 60
    ask(server, "PATCH", "/v1/titles", {"titles": [{"title_id": "t-59", "name": "Renamed"}]})
    assert ask(server, "GET", "/v1/titles/t-59")["name"] == "Renamed"
    ask(server, "DELETE", "/v1/titles/t-59", status=204)
    ask(server, "GET", "/v1/titles/t-59", status=404)
    ask(server, "POST", "/v1/events", {"events": [event(1, "anonymous", title_id="t-3")]})
    ask(server, "POST", f"/v1/profiles/{encoded}/merge", {"from_profile_id": "anonymous"})
    assert len(ask(server, "GET", f"/v1/profiles/{encoded}/export")["events"]) == 2
    assert ask(server, "DELETE", f"/v1/profiles/{encoded}")["places"]
    ask(server, "GET", f"/v1/profiles/{encoded}/export", status=404)
    assert b"ana" not in server.ask("GET", "/metrics")[2]
    assert "ana/maria" not in server.said()
    assert "failed" not in server.said()


def test_a_published_model_is_taken_up_and_no_request_is_dropped(server):
    watched = [
        event(k, f"fan-{n}", type="stop", title_id=f"t-{(n + 7 * k) % 50}", seconds=5700, fraction=0.95)
        for n in range(40)
        for k in range(8)
    ]
    assert ask(server, "POST", "/v1/events", {"events": watched}, 202)["accepted"] == len(watched)
    before = ask(server, "GET", "/v1/home?profile_id=fan-1")["model"]
    with Workspace.open(server.workspace) as workspace, ThreadPoolExecutor(1) as pool:
        training = pool.submit(workspace.train, quick=True)
        until = time.monotonic() + 60
        models = set()
        # Over a connection each, so both workers are asked; `ask` fails on anything but a 2xx.
        while len(models) != 1 or before in models:
            assert time.monotonic() < until
            models = {ask(server, "GET", "/v1/home?profile_id=fan-1")["model"] for _ in range(16)}
        training.result()
    assert "failed" not in server.said()


def design(name, state):
    arms = [{"key": "control", "weight": 0.5}, {"key": "new", "weight": 0.5, "overrides": {"tuning.because_rows": 1}}]
    return {"experiment_id": name, "hypothesis": "more", "arms": arms, "primary": "viewing_time", "state": state}


def test_an_experiment_that_one_worker_answered_holds_on_the_other(server):
    ask(server, "PUT", "/v1/profiles", {"profiles": [{"profile_id": f"x-{n}"} for n in range(20)]})
    one, other = links_to_each_worker(server)
    with contextlib.closing(one), contextlib.closing(other):
        for turn in range(20):
            name = f"turn-{turn}"
            over(one, "PUT", f"/v1/experiments/{name}", design(name, "running"))
            assert set(over(other, "POST", "/v1/home", {"profile_id": f"x-{turn}"})["experiments"]) == {name}
            flags = over(other, "POST", "/ofrep/v1/evaluate/flags", {"context": {"targetingKey": f"x-{turn}"}})["flags"]
            assert [flag["key"] for flag in flags] == [name]
            over(other, "PUT", f"/v1/experiments/{name}", design(name, "stopped"))
            assert over(one, "POST", "/v1/home", {"profile_id": f"x-{turn}"})["experiments"] == {}
            one, other = other, one


def test_of_two_workers_that_change_one_version_one_is_refused(server):
    links = links_to_each_worker(server)

    def put(link, tag):
        link.request("PUT", "/v1/experiments/race", json.dumps(design("race", "draft")), {"If-Match": tag})
        answer = link.getresponse()
        answer.read()
        return answer.status

    ask(server, "PUT", "/v1/experiments/race", design("race", "draft"))
    for _ in range(10):
        tag = server.ask("GET", "/v1/experiments/race")[1]["etag"]
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(lambda link, tag=tag: put(link, tag), links)) == [200, 412]
    for link in links:
        link.close()
