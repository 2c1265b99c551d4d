"""The service's clock: the wall's, or the data's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from frontrow.core.clock import DAY, Clock, Micros
from frontrow.events.log import Head

ClockKind = Literal["wall", "data"]
OLD: Final = 30 * DAY
"""An imported log whose newest event is older switches the workspace to the data's clock."""


class ServiceClock:
    """Callable: *now* in microseconds UTC.

    With the wall's clock it is wall time. With the data's it is the newest event's `at`; while a server runs
    (`serving_since`: the wall time at which it started) it moves on with wall time from when that event was stored, or
    from the server's start if that was later. Before the first event it is wall time. `chosen`: the settings name the
    kind; else an import may have switched to the data's.
    """

    def __init__(
        self, kind: ClockKind, head: Callable[[], Head], wall: Clock, serving_since: Micros | None = None,
        chosen: bool = True,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.chosen = chosen
        self.wall = wall
        self.serving_since = serving_since
        self._head = head

    def __call__(self) -> Micros:
        wall = self.wall()
        if self.kind == "wall":
            return wall
        head = self._head()
        if head.newest_at is None:
            return wall
        if self.serving_since is None:
            return head.newest_at
        return Micros(head.newest_at + max(0, wall - max(head.newest_seen, self.serving_since)))

    def latest(self) -> Micros | None:
        """The latest `at` that an event may have; None if events move the clock instead."""
        return Micros(self.wall() + DAY) if self.kind == "wall" else None

    def latest_imported(self) -> Micros | None:
        """The same of an event that is imported: what the import that switched to the data's clock left out, the next
        one leaves out too, so that importing again changes nothing."""
        return None if self.kind == "data" and self.chosen else Micros(self.wall() + DAY)


def effective_kind(configured: str | None, kept: str | None) -> ClockKind:
    """Which clock holds: what the settings say, else what an import switched to, else the wall's."""
    return "data" if (configured or kept) == "data" else "wall"


def switches_to_data(configured: str | None, head: Head, wall: Micros) -> bool:
    """Whether the workspace should keep the data's clock after an import: its newest event is over 30 days old, and
    the settings name no clock (None or "")."""
    return not configured and head.newest_at is not None and wall - head.newest_at > OLD
