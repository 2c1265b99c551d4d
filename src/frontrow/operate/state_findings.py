"""What the doctor says of a state that several servers share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from frontrow.operate.finding import Finding

FULL: Final = 0.9


@dataclass
class StateStatus:
    """How the shared state stands. `offset` of the log it holds (None: nothing yet), `behind` so many offsets (None:
    unknown here); `leased`: a server that ingests keeps it up; `keys` of profiles; `foreign`: it is another
    workspace's. `where` never holds a password."""

    where: str
    role: str
    offset: int | None = None
    behind: int | None = None
    leased: bool = False
    foreign: bool = False
    keys: int = 0
    used_bytes: int = 0
    most_bytes: int = 0
    policy: str = ""
    problem: str = ""
    mend: str = ""


def state_findings(status: StateStatus | None) -> Iterable[Finding]:
    """`status` None: the state is embedded."""
    if status is None:
        yield Finding("ok", "state", "embedded: folds of this workspace's log")
        return
    if status.problem:
        yield Finding("fail", "state", f"{status.where}: {status.problem}", status.mend)
        return
    if status.foreign:
        yield Finding(
            "fail",
            "state",
            f"{status.where} holds the state of another workspace",
            "Name another database in state.url, or empty this one if nobody uses it (FLUSHDB).",
        )
        return
    yield from _stand(status)
    if status.most_bytes and status.used_bytes > FULL * status.most_bytes:
        share = status.used_bytes / status.most_bytes
        yield Finding("warn", "state", f"its memory is {share:.0%} full", "Raise maxmemory, or lower state.max_keys.")
    if status.policy.startswith("allkeys"):
        yield Finding(
            "warn",
            "state",
            f"maxmemory-policy {status.policy} may let titles and the feed go: all is told anew each time",
            "CONFIG SET maxmemory-policy volatile-lru",
        )


def _stand(status: StateStatus) -> Iterable[Finding]:
    if status.offset is None:
        yield Finding("warn", "state", f"{status.where} holds nothing yet", "Start the server that ingests.")
        return
    behind = "" if status.behind is None else f", {status.behind:,} behind the log"
    said = f"{status.where} ({status.role}) holds the log up to offset {status.offset:,}{behind}; {status.keys:,} keys"
    yield Finding("ok", "state", said)
    if not status.leased:
        yield Finding(
            "warn",
            "state",
            "no server keeps it up: servers that read say `degraded`",
            "Start the server that ingests; if it runs, its log says why it cannot tell Valkey.",
        )
