"""Progress with time left, on stderr, for whatever takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_QUIET_SECONDS = 1.0
_LINE_SECONDS = 2.0


class ShownProgress:
    """Callable with a fraction (0..1) and a text: a bar on a terminal, else a plain line every two seconds.

    Nothing is shown in the first second. `now` is a monotonic clock in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._begun = now()
        self._spoken = self._begun
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, fraction: float, text: str) -> None:
        moment = self._now()
        if moment - self._begun < _QUIET_SECONDS:
            return
        if sys.stderr.isatty():
            self._show(fraction, text)
        elif moment - self._spoken >= _LINE_SECONDS:
            self._spoken = moment
            sys.stderr.write(f"{fraction:4.0%} {text}{_left(moment - self._begun, fraction)}\n")
            sys.stderr.flush()

    def _show(self, fraction: float, text: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(text, total=1.0)
        assert self._task is not None
        self._bar.update(self._task, completed=fraction, description=text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _left(spent: float, fraction: float) -> str:
    """How long it will still take if it goes on like this; nothing while that is a guess."""
    if not 0.02 < fraction < 1:
        return ""
    seconds = round(spent * (1 - fraction) / fraction)
    return f" ({seconds} s left)" if seconds < 120 else f" ({round(seconds / 60)} min left)"
