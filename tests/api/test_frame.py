"""What is around every answer: ids, caching, metrics, the log."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
import structlog
from asking import _ask, _scope, ask
from stand_in import MemoryService
from starlette.datastructures import Headers

from frontrow.api import frame, incoming, request_log
from frontrow.api.app import build_app
from frontrow.api.endpoint import Writers
from frontrow.api.problems import Refused
from frontrow.api.route import Site
from frontrow.api.routes import ROUTES


@pytest.mark.parametrize("sane", ["req-4711-abc", "x" * 128, "a:b/c{}", "a b"])
def test_a_request_id_is_taken(app, sane):
    for method, target, body in (
        ("GET", "/v1/home?profile_id=a", None),
        ("POST", "/v1/rank", b"{"),
        ("GET", "/x", None),
    ):
        assert ask(app, method, target, body, {"X-Request-Id": sane}).headers["x-request-id"] == sane


@pytest.mark.parametrize("odd", [None, "", "x" * 129, "\xe9", "a\tb"])
def test_a_request_id_is_made(app, odd):
    headers = {} if odd is None else {"X-Request-Id": odd}
    made = ask(app, "GET", "/health/live", headers=headers).headers["x-request-id"]
    assert made != odd
    assert len(made) == 24
    assert ask(app, "GET", "/health/live").headers["x-request-id"] != made


def test_nothing_is_cached(app):
    for target in ("/v1/home?profile_id=a", "/v1/features/a", "/v1/profiles/a", "/v1/pages/p-1/rows", "/nowhere"):
        assert ask(app, "GET", target).headers["cache-control"] == "no-store"


def test_metrics_count_and_name_nobody(app):
    canary = "canary-profile-90125"
    ask(app, "PUT", "/v1/profiles", {"profiles": [{"profile_id": canary}]})
    ask(app, "GET", f"/v1/home?profile_id={canary}")
    ask(app, "GET", f"/v1/features/{canary}")
    ask(app, "GET", f"/v1/{canary}")
    ask(app, canary.upper(), "/v1/home")
    event = {"event_id": "e", "type": "session_start", "profile_id": canary, "at": "2026-03-20T10:00:00Z"}
    ask(app, "POST", "/v1/events", {"events": [event, event, {}]})
    text = ask(app, "GET", "/metrics").body.decode()
    assert canary not in text.lower()
    assert 'frontrow_requests_total{method="GET",route="/v1/features/{profile_id}",status="200"} 1.0' in text
    assert 'frontrow_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
    assert 'frontrow_requests_total{method="OTHER",route="/v1/home",status="405"} 1.0' in text
    for outcome in ("accepted", "duplicate", "rejected"):
        assert f'frontrow_events_total{{outcome="{outcome}"}} 1.0' in text
    assert 'frontrow_degraded_answers_total{kind="page"} 1.0' in text


def test_the_log_names_nobody(app, monkeypatch):
    out = io.BytesIO()
    monkeypatch.setattr(request_log.sys, "stderr", io.TextIOWrapper(out, write_through=True))
    request_log.configure_logging()
    try:
        app = build_app(MemoryService(), dev=True)
        ask(app, "GET", "/v1/home?profile_id=canary", headers={"X-Request-Id": "r-1"})
        ask(app, "GET", "/v1/features/canary")
        ask(app, "GET", "/canary")
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["route"] for line in lines] == ["/v1/home", "/v1/features/{profile_id}", "(none)"]
    assert lines[0].keys() == {"event", "level", "timestamp", "method", "route", "status", "ms", "request_id"}
    assert lines[0]["request_id"] == "r-1"
    assert "canary" not in out.getvalue().decode()


def test_too_many_writes_are_sent_away(service, app):
    route = next(route for route in ROUTES if route.path == "/v1/events")
    writers = Writers(threads=1, waiting=0)
    with pytest.raises(Refused) as refused:
        asyncio.run(writers.run(route, Site(service, app._metrics, True), (), b"{}", Headers()))
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"]


def test_too_many_requests_are_sent_away(app, monkeypatch):
    monkeypatch.setattr(frame, "MAX_IN_FLIGHT", 0)
    answer = ask(app, "GET", "/v1/home?profile_id=a")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_writes_do_not_hold_up_reads(service, app):
    """A page asked for while a write waits for the disk is answered first."""
    ingest = service.ingest
    finished: list[str] = []

    async def story() -> None:
        released = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(raw: object) -> object:
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result(10)
            return ingest(raw)

        service.ingest = slow
        write = asyncio.create_task(_ask(app, _scope("POST", "/v1/events", {}), [b'{"events":[]}']))
        page = await _ask(app, _scope("GET", "/v1/home?profile_id=a", {}), [b""])
        finished.append(f"page {page.status}")
        assert not write.done()
        released.set()
        finished.append(f"write {(await write).status}")

    asyncio.run(story())
    assert finished == ["page 200", "write 202"]


def test_a_caller_who_hangs_up_is_no_error(app, capsys):
    async def story() -> None:
        messages = [{"type": "http.request", "body": b'{"ev', "more_body": True}, {"type": "http.disconnect"}]
        sent = []

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await app(_scope("POST", "/v1/events", {}), receive, send)
        assert sent == []

    asyncio.run(story())
    assert "failed" not in "".join(capsys.readouterr())


def test_a_body_that_does_not_come_is_given_up(app, monkeypatch):
    monkeypatch.setattr(incoming, "BODY_SECONDS", 0.01)

    async def story() -> list[dict]:
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await app(_scope("POST", "/v1/events", {}), receive, send)
        return sent

    assert asyncio.run(story())[0]["status"] == 408


def test_websockets_are_closed(app):
    async def story() -> list[dict]:
        sent = []

        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message)

        await app({"type": "websocket", "path": "/v1/home", "root_path": "", "headers": []}, receive, send)
        return sent

    assert asyncio.run(story())[0]["type"] == "websocket.close"
