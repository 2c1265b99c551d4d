"""Experiments that cannot be read, or soon cannot: found before somebody waits weeks for an answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from frontrow.core.clock import DAY, HOUR, parse_time
from frontrow.core.errors import FrontrowError
from frontrow.experiments.design.design import Design
from frontrow.operate.finding import Finding

SOON: Final = HOUR
"""How long an experiment may run before somebody must have been served it."""


@dataclass(frozen=True)
class Experiments:
    """What the doctor looks at. `check` raises what is wrong with a design by what this version knows; `exposed` gives
    the experiments that somebody was served, `looked` those that were read; pages are kept for `keep_days`."""

    designs: Collection[Design]
    check: Callable[[Design], None]
    exposed: Callable[[], Collection[str]]
    looked: Callable[[], Collection[str]]
    keep_days: int


def experiment_findings(seen: Experiments, now: int) -> Iterable[Finding]:
    """What of each experiment that runs or has run; `now` is the service's, microseconds UTC."""
    begun = [design for design in seen.designs if design.started_at is not None]
    if not begun:
        return
    exposed, looked = seen.exposed(), seen.looked()
    found = [finding for design in begun for finding in _one(design, seen, exposed, looked, now)]
    running = sum(design.state == "running" for design in begun)
    yield Finding("ok", "experiments", f"{running} running, {len(begun) - running} stopped")
    yield from found


def _one(
    design: Design, seen: Experiments, exposed: Collection[str], looked: Collection[str], now: int
) -> Iterable[Finding]:
    name = design.experiment_id
    try:
        seen.check(design)
    except FrontrowError as error:
        mend = (
            "Stop it, and state it anew under another id." if design.state == "running" else "Nothing brings it back."
        )
        yield Finding("warn", "experiments", f"{name} does not hold in this version: {error.message}", mend)
    since = now - parse_time(design.started_at or "")
    if name not in exposed and since >= SOON and name not in looked:
        yield Finding(
            "warn", "experiments", f"{name} started {_ago(since)} ago, and nobody has been served anything under it",
            _why_nobody(design),
        )  # fmt: skip
    elif design.state == "stopped" and name not in looked:
        left = seen.keep_days - (now - parse_time(design.stopped_at or "")) // DAY
        yield Finding(
            "warn", "experiments", f"{name} was stopped and never read; its exposures are kept for {max(left, 0)} days",
            f"frontrow experiment read {name}",
        )  # fmt: skip


def _why_nobody(design: Design) -> str:
    if design.state == "stopped":
        return f"There is nothing to read: DELETE /v1/experiments/{design.experiment_id}."
    reasons = ["whether pages are asked for by profiles that are known and consent"]
    if design.audience:
        reasons.insert(0, "the audience")
    if design.coverage < 0.01:
        reasons.insert(0, f"the coverage of {design.coverage:g}")
    if design.unit == "account":
        reasons.append("whether profiles have an account_id")
    return f"Look at {', '.join(reasons)}."


def _ago(span: int) -> str:
    return f"{span // DAY} days" if span >= 2 * DAY else f"{span // HOUR} hours"
