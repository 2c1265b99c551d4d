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

import psutil
import pytest
from valkeys import SETTINGS, Valkey

from frontrow import Workspace
from frontrow.core.clock import format_time, wall_clock

PATIENCE = 60.0


class Server:
    """One `frontrow serve --dev`."""

    def __init__(self, folder: Path, role: str, url: str) -> None:
        self.folder = folder
        Workspace.init(folder).close()
        (folder / "frontrow.toml").write_text(SETTINGS.format(role=role, url=url, lease=1_000, more=""))
        self.start()

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "frontrow", "serve", "--dev", "--port", str(self.port), "--workspace",
                   self.folder, "--workers", "2"]  # fmt: skip
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

    def kill(self) -> None:
        """As a machine that goes: nothing of it lives on."""
        family = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
        for each in family:
            each.kill()
        psutil.wait_procs(family, 10)
        self.process.wait()

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
    """Waits until none of its workers has anything to say of the state."""
    end, calm = time.monotonic() + PATIENCE, 0
    while calm < 20:
        calm = 0 if "state" in server.page("p0")[0] else calm + 1
        assert time.monotonic() < end
        time.sleep(0.02)


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
        assert "state" in degraded or f"t{n}" not in shown  # a busy machine may let a lease lapse
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


def test_any_of_them_may_die_and_come_back(servers: tuple[Server, Server], shared: Valkey) -> None:
    ingesting, reading = servers
    heal(reading)
    sent = 0

    def post_and_look(many: int) -> None:
        nonlocal sent
        for _ in range(many):
            assert ingesting.ask("POST", "/v1/events", hide(sent, "p0"))[0] == 202
            degraded, shown = reading.page("p0")
            assert "state" in degraded or shown.isdisjoint({f"t{n}" for n in range(sent + 1)})
            sent += 1

    post_and_look(5)
    ingesting.kill()
    assert reading.page("p0")[1].isdisjoint({f"t{n}" for n in range(5)})
    ingesting.start()
    ingesting.ready()
    post_and_look(5)
    reading.kill()
    post_and_answer = hide(sent, "p0")
    assert ingesting.ask("POST", "/v1/events", post_and_answer)[0] == 202
    sent += 1
    reading.start()
    reading.ready()
    post_and_look(5)
    shared.kill()
    shared.start()
    post_and_look(5)
    heal(reading)
    assert reading.page("p0")[1].isdisjoint({f"t{n}" for n in range(sent)})
    assert len(reading.page("p0")[1]) == 60 - sent
