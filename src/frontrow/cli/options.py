"""Options that many commands share, and the workspace that they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.core.errors import InvalidRecord, UsageError

if TYPE_CHECKING:
    from frontrow.workspace import Workspace

ENVIRONMENT = "FRONTROW_WORKSPACE"
DEFAULT = "frontrow-data"

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        help=f"The workspace. Else {ENVIRONMENT}, else ./{DEFAULT}.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of everything random.")]


def workspace_path(chosen: Path | None) -> Path:
    """The folder that `--workspace`, the environment or the default name."""
    return chosen or Path(os.environ.get(ENVIRONMENT) or DEFAULT)


def open_workspace(chosen: Path | None) -> Workspace:
    """Opens it; FrontrowError where there is none."""
    from frontrow.workspace import Workspace

    return Workspace.open(workspace_path(chosen))


def checked_time(text: str | None, option: str) -> str | None:
    """An RFC 3339 time as it was given; UsageError names the option otherwise."""
    from frontrow.core.clock import parse_time

    if text is not None:
        try:
            parse_time(text)
        except InvalidRecord as error:
            raise UsageError(f"{option}: {error.message}") from None
    return text


def checked_horizon(text: str) -> str:
    """A horizon as it was given; UsageError otherwise."""
    from frontrow.core.horizon import parse_horizon

    try:
        parse_horizon(text)
    except InvalidRecord as error:
        raise UsageError(f"--horizon: {error.message}") from None
    return text
