"""Over HTTP, a real server and a real full file system: nothing half-written, an answer that says when to come back,
and a server that goes on. Truncated and compressed bodies likewise."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from frontrow.storage.workspace import SqliteWorkspace

FRONTROW = Path(sys.executable).with_name("frontrow")
AT = "2026-03-20T12:00:00Z"


class Server:
    """`frontrow serve --dev` with two workers on a workspace."""

    def __init__(self, workspace: Path, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [FRONTROW, "serve", "--workspace", workspace, "--port", str(self.port), "--workers", "2", "--dev"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out)
        until = time.monotonic() + 60
        answering: set[str] = set()
        while len(answering) < 2:  # both: one that is still starting must not meet what a test does to the disk
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            answering |= self.ready()
            time.sleep(0.1)

    def ready(self) -> set[str]:
        """The worker that answers that it is ready, if one does."""
        try:
            status, headers, _ = self.ask("GET", "/health/ready")
        except OSError:
            return set()
        return {headers["x-frontrow-worker"]} if status == 200 else set()

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as link:
            link.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def answering(self) -> set[int]:
        """Process ids of the workers that answer, seen over connections of their own."""
        return {int(worker) for _ in range(20) for worker in self.ready()}

    def workers(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.process.pid).children()}

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


def batch(number: int, size: int = 100) -> bytes:
    padding = {"padding": "x" * 200}
    return json.dumps({"events": [
        {"event_id": f"{number}-{n}", "type": "session_start", "profile_id": f"p{n % 9}", "at": AT, "context": padding}
        for n in range(size)
    ]}).encode()  # fmt: skip


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MB."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(mounted)]
    if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here (root's right): see test_full_disk for a limit of file sizes")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


def fill(folder: Path) -> None:
    """Takes all space that is left."""
    with (folder / "ballast-too").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(4096)):
            pass


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def new_workspace(path: Path) -> Path:
    subprocess.run([FRONTROW, "init", path], check=True, stdout=subprocess.DEVNULL)
    (path / "frontrow.toml").write_text('clock = "data"\n')
    return path


def held(workspace: Path) -> list[str]:
    with SqliteWorkspace(workspace, os.urandom) as store:
        assert store.check() == []
        return [event.event_id for event in store.log.everything()]


def test_a_full_file_system_is_a_503_that_heals_without_a_restart(small_disk: Path, tmp_path: Path) -> None:
    workspace = new_workspace(small_disk / "w")
    server = Server(workspace, tmp_path / "log")
    try:
        assert server.ask("POST", "/v1/events", batch(0))[0] == 202
        before, kept, refused = server.workers(), [0], []
        free = os.statvfs(small_disk)
        (small_disk / "ballast").write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - (1 << 20))))
        for number in range(1, 200):
            status, headers, body = server.ask("POST", "/v1/events", batch(number))
            if status == 202:
                kept.append(number)
            else:
                assert status in {429, 503}, body
                assert int(headers["retry-after"]) > 0
                assert "disk" in json.loads(body)["title"] + json.loads(body).get("detail", "")
                refused.append(number)
            if len(refused) == 5:
                break
        assert len(refused) == 5
        fill(small_disk)
        for n in range(20):  # nothing can be recorded any more: pages and lists say so, and are answered
            for call in ("/v1/home?profile_id=", "/v1/search?q=a&profile_id="):
                status, _, body = server.ask("GET", f"{call}p{n % 9}")
                assert status == 200, body
                assert "log: disk full" in json.loads(body)["degraded"]
        assert server.ask("GET", "/health/live")[0] == 200
        assert server.workers() == before, "no process died of it"
        os.kill(max(server.answering()), signal.SIGKILL)  # its replacement starts on a full disk
        eventually(lambda: len(server.answering() - before) == 1)
        assert server.ask("GET", "/metrics")[0] == 200
        for ballast in small_disk.glob("ballast*"):
            ballast.unlink()
        assert server.ask("POST", "/v1/events", batch(refused[0]))[0] == 202
        for _ in range(20):
            status, _, body = server.ask("GET", "/v1/home?profile_id=p1")
            assert status == 200
            assert "disk" not in json.loads(body)["degraded"]
    finally:
        server.stop()
    assert sorted(held(workspace)) == sorted(f"{number}-{n}" for number in [*kept, refused[0]] for n in range(100))


def test_truncated_bodies_and_gzip_bombs_leave_nothing_behind(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    server = Server(workspace, tmp_path / "log")
    try:
        whole = batch(1)
        for part in (0, 1, len(whole) // 2, len(whole) - 1):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as link:
                head = f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {len(whole)}\r\n"
                link.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + whole[:part])
                link.shutdown(socket.SHUT_WR)
                assert b" 202 " not in link.recv(4096)[:20]
        assert server.ask("POST", "/v1/events", whole[: len(whole) // 2])[0] == 422
        bomb = gzip.compress(bytes(64 << 20), 9)
        peak = max(psutil.Process(pid).memory_info().rss for pid in server.workers())
        status, _, body = server.ask("POST", "/v1/events", bomb, **{"Content-Encoding": "gzip"})
        assert status == 415, body
        assert max(psutil.Process(pid).memory_info().rss for pid in server.workers()) < peak + (32 << 20)
        assert server.ask("POST", "/v1/events", bomb)[0] == 422
        assert server.ask("POST", "/v1/events", batch(2))[0] == 202
    finally:
        server.stop()
    assert sorted(held(workspace)) == sorted(f"2-{n}" for n in range(100))


def test_events_at_both_ends_of_time_stop_neither_pages_nor_events(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")  # whose clock is the newest event's: half an hour later is no time at all
    server = Server(workspace, tmp_path / "log")
    try:
        ends = [
            {"event_id": at, "type": "stop", "profile_id": "p1", "title_id": "t", "seconds": -0.0, "fraction": 0.5,
             "at": at}
            for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
        ]  # fmt: skip
        assert server.ask("POST", "/v1/events", json.dumps({"events": ends}).encode())[0] == 202
        assert server.ask("POST", "/v1/events", batch(1))[0] == 202
        for path in ("/v1/home?profile_id=p1", "/v1/home?profile_id=p2", "/v1/features/p1"):
            status, _, body = server.ask("GET", path)
            assert status == 200, body
    finally:
        server.stop()
