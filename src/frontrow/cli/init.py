"""frontrow init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, workspace_path
from frontrow.cli.output import say, say_json

EXAMPLE = "frontrow init my-service"


def init(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", show_default=False)] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an empty workspace, with a frontrow.toml that shows every setting."""
    from frontrow.workspace import Workspace

    path = folder or workspace_path(workspace)
    Workspace.init(path)
    if as_json:
        say_json({"workspace": str(path)})
    else:
        say(f"{path} is ready. Next: frontrow import tables FOLDER --workspace {path} (or import movielens FOLDER)")
