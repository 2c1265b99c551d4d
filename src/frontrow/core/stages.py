"""Stages of one answer: what each took, and what failed without failing the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log

T = TypeVar("T")
_log = Log("frontrow")


def _place(error: BaseException) -> str:
    """Where it was raised. Its text is left out: it may quote a profile's id, and logs hold none."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


class Stages:
    """Runs the named stages of an answer. `took` is milliseconds by stage; `failed` says why, by stage."""

    def __init__(self) -> None:
        self._begun = time.perf_counter_ns()
        self.took: dict[str, float] = {}
        self.failed: dict[str, str] = {}

    def run(self, stage: str, work: Callable[[], T]) -> T:
        """A stage that the answer cannot do without."""
        started = time.perf_counter_ns()
        try:
            return work()
        finally:
            self.took[stage] = self.took.get(stage, 0.0) + (time.perf_counter_ns() - started) / 1e6

    def attempt(self, stage: str, work: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """A stage that the answer survives: `otherwise` stands in, and `failed` says so."""
        try:
            return self.run(stage, work)
        except Exception as error:  # noqa: BLE001 - a page is answered whatever failed behind it
            brief = error.brief if isinstance(error, FrontrowError) else ""
            self.failed[stage] = brief or type(error).__name__
            _log.warning("stage failed", stage=stage, error=type(error).__name__, at=_place(error))
            return otherwise()

    def elapsed_ms(self) -> float:
        """Milliseconds since this was made, which is when the request was taken up."""
        return (time.perf_counter_ns() - self._begun) / 1e6

    @property
    def degraded(self) -> str | None:
        """What failed, as an answer says it; None if nothing did."""
        return "; ".join(f"{stage}: {why}" for stage, why in self.failed.items()) or None
