"""The worker processes of a server, kept up."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Any

from granian.server.mp import MPServer

from frontrow.api.respawn import Respawn
from frontrow.core.log import Log

_log = Log("frontrow.api")


class Crew(MPServer):
    """granian's server with a policy of our own for workers that die. Its own ends the whole server when a worker dies
    within 5.5 s of its replacement, the healthy ones too.

    `hopeless` says afterwards whether it ended because no worker could start.
    """

    hopeless = False

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        with _interrupts_are_the_parents():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        with _interrupts_are_the_parents():
            super()._respawn_workers(workers, spawn_target, target_loader, delay)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        policy = Respawn(self.workers)
        while True:
            self.main_loop_interrupt.wait(policy.wait(time.monotonic()))
            self.main_loop_interrupt.clear()  # before anything is read: what comes later sets it again
            if self.interrupt_signal:
                return
            while self.interrupt_children:
                self._take_death(policy, self.interrupt_children.pop(0))
            if policy.hopeless:
                self.hopeless = True
                return
            if due := policy.due(time.monotonic()):
                self._respawn_workers(due, spawn_target, target_loader)
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]  # it comes untyped

    def _take_death(self, policy: Respawn, place: int) -> None:
        dead, now = self.wrks[place], time.monotonic()
        lived, code = now - dead.birth, dead.inner.exitcode
        wait = policy.died(place, lived, code, now)
        _log.error(
            "worker died", worker=place + 1, exit_code=code, lived_seconds=round(lived, 1), again_in_seconds=wait
        )


@contextlib.contextmanager
def _interrupts_are_the_parents() -> Iterator[None]:
    """Ctrl-C reaches the whole group of processes, a worker that is still importing too: it would end with a traceback
    where its parent ends it anyway. Who is started here has SIGINT blocked for good; ours waits until after."""
    resource_tracker.ensure_running()  # starting it, which the first worker would do, unblocks SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
