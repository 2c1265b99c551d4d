"""One server a workspace: a lock that a running server holds and that tells the others where it is."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import msgspec

from frontrow.core.clock import Micros
from frontrow.core.errors import FrontrowError
from frontrow.core.lock import FileLock

NAME: Final = "server.lock"
TRIES: Final = 10
PAUSE: Final = 0.02


class ServerInfo(msgspec.Struct, frozen=True):
    """The server that runs: process id, port, and since when (microseconds UTC)."""

    pid: int
    port: int
    since: int


class ServerLock:
    """Held while a server runs; the kernel frees it however the server ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._lock: FileLock | None = None

    def acquire(self, port: int, since: Micros) -> ServerInfo:
        """Takes the lock for this process. FrontrowError names the pid and port of the server that holds it."""
        lock = FileLock(self._path)
        info = ServerInfo(os.getpid(), port, since)
        for _ in range(TRIES):  # somebody who looks whether a server runs holds it for a moment, too
            if lock.try_acquire():
                lock.write(msgspec.json.encode(info).decode())
                self._lock = lock
                return info
            time.sleep(PAUSE)
        lock.close()
        other = self._said()
        who = f"process {other.pid}, port {other.port}" if other else "another process"
        raise FrontrowError(
            f"A server already runs on the workspace {self._path.parent} ({who})",
            "Stop it, or serve another workspace.",
        )

    def read(self) -> ServerInfo | None:
        """The server that runs now, or None."""
        if self._lock is not None:
            return self._said()
        if not self._path.exists():
            return None
        probe = FileLock(self._path)
        try:
            return None if probe.try_acquire() else self._said()
        finally:
            probe.close()

    def release(self) -> None:
        """Lets the next server start."""
        if self._lock is not None:
            self._lock.write("")
            self._lock.close()
            self._lock = None

    def _said(self) -> ServerInfo | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=ServerInfo)
        except (OSError, msgspec.DecodeError):  # it has just started, or just ended
            return None
