"""What a server does beside answering: `frontrow compact` now and then, in a process of its own.

A compaction reads half a million events at a time; in a worker that would stall pages. A run that fails or is killed
says so in the log, and the next one goes on from where the lake stands.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from frontrow.core.log import Log

NICE: Final = 10
STOP_SECONDS: Final = 5.0


class Keeper:
    """Runs `command` every so many minutes until it is stopped; the first time after that long."""

    def __init__(self, command: list[str], minutes: float) -> None:
        self._command, self._minutes = command, minutes
        self._stop = threading.Event()
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)

    def start(self) -> None:
        """Begins to wait for the first run."""
        self._thread.start()

    def stop(self) -> None:
        """Ends a run that is going on; it is safe to be killed. Nothing to end where it was never started."""
        self._stop.set()
        if (running := self._running) is not None:
            with contextlib.suppress(ProcessLookupError):
                running.terminate()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        log = Log("frontrow.api")
        while not self._stop.wait(self._minutes * 60):
            try:
                self._running = subprocess.Popen(  # noqa: S603 - our own command
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                )
                with contextlib.suppress(ProcessLookupError):
                    os.setpriority(os.PRIO_PROCESS, self._running.pid, NICE)
                _, said = self._running.communicate()
            except OSError as error:
                log.error("compaction failed", error=str(error))
                continue
            if self._running.returncode and not self._stop.is_set():
                log.error("compaction failed", error=said.decode(errors="replace")[-500:].strip())


def compacting(path: Path) -> list[str]:
    """The command that compacts the workspace at `path`."""
    return [sys.executable, "-m", "frontrow", "compact", "--workspace", str(path)]
