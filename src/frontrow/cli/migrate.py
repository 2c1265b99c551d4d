"""frontrow migrate."""

from __future__ import annotations

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json

EXAMPLE = "frontrow migrate --workspace my-service"


def migrate(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Bring a workspace to this version's format. Format 1 is the first, so nothing older exists yet."""
    from frontrow.wiring import FORMAT

    with open_workspace(workspace) as opened:  # another format is refused here, with what to do
        path = opened.path
    if as_json:
        say_json({"workspace": str(path), "format": FORMAT, "migrated": False})
    else:
        say(f"{path} has format {FORMAT}, which is this version's: nothing to do.")
