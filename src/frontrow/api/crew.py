"""The worker processes of a server, kept up."""

from __future__ import annotations

import time
from typing import Any

import structlog
from granian.server.mp import MPServer

from frontrow.api.respawn import Respawn

_log = structlog.get_logger("frontrow.api")


class Crew(MPServer):
    """granian's server with a policy of our own for workers that die. Its own ends the whole server when a worker dies
    within 5.5 s of its replacement, the healthy ones too.

    `hopeless` says afterwards whether it ended because no worker could start.
    """

    hopeless = False

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
