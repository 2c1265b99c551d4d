"""`serve` as a process: modes, ports, locks, signals, and what a `kill -9` leaves behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from frontrow.api import serve as serving

ROOT = Path(__file__).resolve().parents[2]
LOCK = "frontrow.storage.server_lock:ServerLock"
RUN = """
import sys
from pathlib import Path
from frontrow.api.serve import serve
from frontrow.core.errors import FrontrowError
if __name__ == "__main__":
    path, host, port, workers, dev, service, lock = sys.argv[1:]
    try:
        serve(Path(path), host, int(port), int(workers), dev == "dev", service=service, lock=lock)
    except FrontrowError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
"""
PATIENCE = 30.0


class Server:
    """A server that is started as a user would, in a process of its own."""

    def __init__(
        self, workspace, *, port=None, host="127.0.0.1", workers=2, mode="dev", service="stand_in:open_memory"
    ):
        self.workspace = workspace
        self.port = port or free_port()
        script = workspace.parent / "run_server.py"
        script.write_text(RUN)
        path = os.pathsep.join([str(ROOT / "src"), str(Path(__file__).parent)])
        self.log = workspace.parent / f"server-{self.port}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, script, workspace, host, str(self.port), str(workers), mode, service, LOCK],
                stdout=out, stderr=out, start_new_session=True, env=os.environ | {"PYTHONPATH": path},
            )  # fmt: skip

    def wait_ready(self) -> Server:
        eventually(lambda: self.process.poll() is not None or "Calls and records" in self.said())
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ask(self, method, path, body=None, headers=None) -> tuple[int, dict[str, str], bytes]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as link:
            link.request(method, path, None if body is None else json.dumps(body), headers or {})
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/health/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def workers(self) -> set[int]:
        """Process ids of the workers that answer, seen over connections of their own."""
        return {int(self.ask("GET", "/health/live")[1]["x-frontrow-worker"]) for _ in range(40)}

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def eventually(true) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def workspace(tmp_path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def start(workspace) -> Iterator:
    """Starts servers, and ends whatever is left of them."""
    started: list[Server] = []

    def begin(**asked) -> Server:
        started.append(Server(workspace, **asked))
        return started[-1]

    yield begin
    for server in started:
        server.end()


def test_two_workers_serve_and_stop_when_told(start, workspace):
    server = start().wait_ready()
    status, headers, body = server.ask("GET", "/v1/titles/a%2Fb", headers={"X-Request-Id": "r-1"})
    assert (status, json.loads(body)["title_id"], headers["x-request-id"]) == (200, "a/b", "r-1")
    eventually(lambda: len(answering(server)) == 2)
    # Counted together, whichever worker is asked.
    for _ in range(5):
        server.ask("GET", "/v1/home?profile_id=canary-90125")
    text = server.ask("GET", "/metrics")[2].decode()
    assert 'frontrow_requests_total{method="GET",route="/v1/home",status="200"} 5.0' in text
    assert server.ask("POST", "/v1/events", {"events": []}, {"Origin": "http://elsewhere.example"})[0] == 403
    assert server.ask("GET", "/health/live", headers={"Host": "elsewhere.example"})[0] == 403
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE) == 0
    assert not server.answers()
    said = server.said()
    assert "Mode dev" in said
    assert f"http://127.0.0.1:{server.port}" in said
    assert "canary" not in said
    assert "Traceback" not in said
    # The same port and workspace serve again at once.
    assert start(port=server.port, workers=1).wait_ready().answers()


def test_bodies_over_the_limit_and_requests_after_them(start):
    server = start(workers=1).wait_ready()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as link:
        link.request("POST", "/v1/events", b'{"events":[]' + b" " * (7 << 20) + b"}")
        answer = link.getresponse()
        assert (answer.status, json.loads(answer.read())["accepted"]) == (202, 0)
        link.request("POST", "/v1/events", b" " * (9 << 20))  # read to its end, or the client would not see the answer
        assert link.getresponse().status == 413
    assert server.answers()


def test_ctrl_c_for_the_whole_group_is_a_normal_end(start):
    server = start().wait_ready()
    os.killpg(server.process.pid, signal.SIGINT)
    assert server.process.wait(PATIENCE) == 0
    assert "Traceback" not in server.said()


def test_ctrl_c_is_for_the_parent_also_while_a_worker_still_starts(start):
    server = start()
    parent = psutil.Process(server.process.pid)
    eventually(lambda: sum("spawn_main" in " ".join(child.cmdline()) for child in parent.children()) == 2)
    time.sleep(0.2)  # now they import, and cannot serve for long
    begun = {child.pid for child in parent.children() if "spawn_main" in " ".join(child.cmdline())}
    for worker in begun:
        os.kill(worker, signal.SIGINT)
    server.wait_ready()
    eventually(lambda: server.workers() == begun)
    assert "Traceback" not in server.said()


def test_a_killed_worker_is_replaced(start):
    server = start().wait_ready()
    victim = min(server.workers())
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: len(seen := answering(server)) == 2 and victim not in seen)


def test_a_worker_whose_replacements_die_too_leaves_the_others_serving(start):
    server = start().wait_ready()
    eventually(lambda: len(answering(server)) == 2)
    stays, victim = sorted(server.workers())
    for _ in range(3):  # each within a moment of its start
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: len(answering(server) - {stays, victim}) == 1)  # noqa: B023 - asked at once
        victim = next(iter(answering(server) - {stays}))
    assert server.process.poll() is None
    assert server.workers() == {stays, victim}


def test_a_worker_that_cannot_start_is_tried_again_while_another_serves(start, workspace):
    server = start().wait_ready()
    eventually(lambda: len(answering(server)) == 2)
    stays, victim = sorted(server.workers())
    (workspace / "broken").touch()
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: server.said().count("this workspace opens in no worker") >= 3)
    assert server.process.poll() is None
    assert server.workers() == {stays}
    (workspace / "broken").unlink()
    eventually(lambda: len(answering(server)) == 2)


def test_workers_of_which_none_can_start_end_the_server_with_a_word(start, workspace):
    (workspace / "broken").touch()
    server = start()
    code, said = server.process.wait(4 * PATIENCE), server.said()
    assert code == 1
    assert "No worker can start" in said
    assert "this workspace opens in no worker" in said


def answering(server) -> set[int]:
    try:
        return server.workers()
    except (OSError, http.client.HTTPException):
        return set()


def test_workers_end_with_a_killed_parent_and_the_port_is_free_soon(start):
    server = start().wait_ready()
    family = psutil.Process(server.process.pid).children(recursive=True)
    os.kill(server.process.pid, signal.SIGKILL)
    again = start(port=server.port).wait_ready()
    eventually(lambda: len(answering(again)) == 2)
    _, left = psutil.wait_procs(family, timeout=PATIENCE)
    assert not left


@pytest.mark.parametrize("kind", ["tracker", "worker"])
def test_any_one_process_killed_leaves_a_server_or_a_clean_start(start, kind):
    server = start(workers=1).wait_ready()
    family = psutil.Process(server.process.pid).children()
    chosen = next(child for child in family if ("resource_tracker" in " ".join(child.cmdline())) == (kind == "tracker"))
    chosen.kill()
    eventually(server.answers)
    server.end()
    assert start(port=server.port).wait_ready().answers()


def refused(start, **asked) -> tuple[int, str]:
    server = start(**asked)
    code = server.process.wait(PATIENCE)
    said = server.said()
    assert "Traceback" not in said
    return code, said


def test_a_second_server_is_told_who_holds_the_workspace(start):
    server = start(workers=1).wait_ready()
    code, said = refused(start)
    assert code == 1
    assert f"process {server.process.pid}, port {server.port}" in said


def test_a_port_in_use_is_named(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = refused(start, port=port)
        assert code == 1
        assert f"Port {port}" in said
        assert "--port" in said


def test_wrong_use_exits_2(start, workspace):
    for asked, words in (
        ({"mode": "dev", "host": "0.0.0.0"}, "loopback"),
        ({"port": 70_000}, "--port"),
        ({"workers": 0}, "--workers"),
        ({"host": "203.0.113.7", "mode": "keys"}, "--host"),
        ({"host": "not a name", "mode": "keys"}, "--host"),
    ):
        code, said = refused(start, **asked)
        assert (code, words in said) == (2, True), said
    (workspace / "no-keys").touch()
    code, said = refused(start, mode="keys")
    assert code == 2
    assert "frontrow keys create" in said


def test_with_keys_it_answers_only_to_them(start):
    server = start(mode="keys", workers=1).wait_ready()
    assert server.ask("GET", "/v1/home?profile_id=a")[0] == 401
    status, headers, _ = server.ask("GET", "/v1/home?profile_id=a", headers={"Authorization": "Bearer fr_app_key"})
    assert status == 200
    assert "x-frontrow-worker" not in headers
    assert "Mode keys" in server.said()


def test_a_workspace_that_does_not_open(start, workspace):
    workspace.rmdir()
    code, said = refused(start)
    assert code == 1
    assert "is no workspace" in said


def test_a_server_that_takes_long_to_start_says_so_and_is_announced_all_the_same(monkeypatch):
    monkeypatch.setattr(serving, "SAY_SECONDS", 0.0)
    said, asked = [], iter([False, False, True])
    serving.announce(lambda: next(asked), ["it serves"], said.append, pause=0)
    assert [line.split(" for ")[0] for line in said] == ["Starting", "Starting", "it serves"]
