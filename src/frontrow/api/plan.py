"""What the serving process tells its workers, and how they find the service."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Final, cast

import msgspec

from frontrow.api.service import Service
from frontrow.core.clock import Micros

VARIABLE: Final = "FRONTROW_SERVE"
WORKSPACE: Final = "frontrow.workspace:Workspace.open"


class Plan(msgspec.Struct, frozen=True):
    """One server. `service` names what opens a workspace, `since` is when serving began (microseconds UTC)."""

    path: str
    host: str
    port: int
    dev: bool
    since: int
    service: str = WORKSPACE

    def hand_down(self) -> None:
        """Leaves the plan in the environment, which children inherit."""
        os.environ[VARIABLE] = msgspec.json.encode(self).decode()

    def open(self) -> Service:
        """The service, in this process."""
        opener = cast("Callable[..., Service]", resolve_name(self.service))
        return opener(Path(self.path), serving_since=Micros(self.since))


def plan_of_parent() -> Plan:
    """The plan that the serving process left."""
    return msgspec.json.decode(os.environ[VARIABLE], type=Plan)
