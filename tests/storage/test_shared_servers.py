"""`frontrow serve` twice, on one Valkey: one ingests, one reads, as two processes that share nothing else."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from valkeys import SETTINGS, Valkey

from frontrow import Workspace
from frontrow.core.clock import format_time, wall_clock

PATIENCE = 60.0


class Server:
    """One `frontrow serve --dev`."""

    def __init__(self, folder: Path, role: str, url: str) -> None:
        Workspace.init(folder).close()
        (folder / "frontrow.toml").write_text(SETTINGS.format(role=role, url=url, lease=1_000, more=""))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "frontrow", "serve", "--dev", "--port", str(self.port), "--workspace", folder]
        self.process = subprocess.Popen(
            list(map(str, command)), stderr=subprocess.DEVNULL, env={**os.environ, "FRONTROW_LOG": "error"}
        )

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(link):
            link.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = link.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if data else None

    def ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/health/ready")[0] == 200:
                    return
            assert self.process.poll() is None
            time.sleep(0.1)
        raise TimeoutError

    def page(self, profile_id: str) -> tuple[str, set[str]]:
        status, page = self.ask("GET", f"/v1/home?profile_id={profile_id}")
        assert status == 200
        return page["degraded"] or "", {item["title_id"] for row in page["rows"] for item in row["items"]}

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def servers(tmp_path: Path, shared: Valkey) -> Iterator[tuple[Server, Server]]:
    ingesting, reading = (Server(tmp_path / role, role, shared.url) for role in ("ingest", "read"))
    try:
        ingesting.ready()
        reading.ready()
        titles = [{"title_id": f"t{n}", "name": f"Title {n}", "genres": ["drama"]} for n in range(60)]
        assert ingesting.ask("PUT", "/v1/titles", {"titles": titles})[0] == 200
        yield ingesting, reading
    finally:
        ingesting.end()
        reading.end()


def heal(server: Server) -> None:
    end = time.monotonic() + PATIENCE
    while "state" in server.page("p0")[0]:
        assert time.monotonic() < end
        time.sleep(0.05)


def hide(n: int, who: str) -> dict[str, Any]:
    at = format_time(wall_clock())
    event = {"event_id": f"{who}-{n}", "type": "hide", "profile_id": who, "title_id": f"t{n}", "at": at}
    return {"events": [event]}


def test_two_servers_share_a_state_and_lose_nothing(servers: tuple[Server, Server], shared: Valkey) -> None:
    ingesting, reading = servers
    heal(reading)  # it may have started before the other was heard
    for n in range(40):
        who = f"p{n % 5}"
        assert ingesting.ask("POST", "/v1/events", hide(n, who))[0] == 202
        degraded, shown = reading.page(who)
        assert "state" not in degraded
        assert f"t{n}" not in shown
    status, problem = reading.ask("POST", "/v1/events", hide(50, "p0"))
    assert status == 421
    assert problem["title"] == "Wrong server"
    assert "another one takes events" in problem["detail"]
    assert reading.ask("DELETE", "/v1/profiles/p0")[0] == 421
    assert reading.ask("GET", "/v1/titles/t1")[1]["name"] == "Title 1"
    assert reading.ask("GET", "/v1/profiles/p0")[1]["profile_id"] == "p0"
    assert len(reading.ask("GET", "/v1/titles?limit=500")[1]["titles"]) == 60
    known = reading.ask("GET", "/v1/features/p0")[1]["features"]
    assert known.keys() == ingesting.ask("GET", "/v1/features/p0")[1]["features"].keys()
    shared.kill()
    assert "valkey cannot be reached" in reading.page("p0")[0]
    for n in range(40, 45):
        assert ingesting.ask("POST", "/v1/events", hide(n, "p0"))[0] == 202
    shared.start()
    heal(reading)
    degraded, shown = reading.page("p0")
    assert shown.isdisjoint({"t0", "t5", "t40", "t44"})
    assert ingesting.ask("DELETE", "/v1/profiles/p0")[0] == 200
    assert reading.ask("GET", "/v1/profiles/p0")[0] == 404
