"""Answers that need a state of very many events: it is folded beside the others, which hardly wait for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

import anyio
import anyio.to_thread

from frontrow.api.problems import RETRY_AFTER, Refused
from frontrow.features.state import Long, Made, rest, taking

WAITING: Final = 256
"""Answers that wait for such a state before more are sent away."""
TRIES: Final = 8
"""An answer may need a viewer's state and a trail, each now and at a past moment; a catalogue that changes meanwhile
has some of it made anew."""


class LongFolds:
    """Of one worker: one after another, in a thread that rests every few hundred events."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._most, self._waiting = waiting, 0
        self._turn: anyio.Lock | None = None  # made on the loop that uses it

    async def answer(self, call: Callable[[], object]) -> object:
        """What `call` answers, called again once what it lacked is there."""
        try:
            return call()
        except Long:
            pass
        if self._waiting >= self._most:
            raise Refused(503, "Too many profiles with very many events are being read", headers=RETRY_AFTER)
        self._turn = self._turn or anyio.Lock()
        self._waiting += 1
        made: dict[Hashable, Made] = {}
        done: list[Long] = []
        try:
            async with self._turn:
                for _ in range(TRIES):
                    try:
                        with taking(made):
                            return call()  # who was before may have made it
                    except Long as long:
                        long.take()
                        made[long.key] = Made(await anyio.to_thread.run_sync(long.make, rest), long.upto)
                        done.append(long)
        finally:
            self._waiting -= 1
            for each in done:
                each.keep(made[each.key].state)
        raise Refused(503, "The profile is changed faster than it is read", headers=RETRY_AFTER)
