"""frontrow show."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say_json, say_records

EXAMPLE = "frontrow show models"


def show(
    what: Annotated[
        Literal["stages", "features", "models", "experiments", "routes"], typer.Argument(show_default=False)
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is wired and live."""
    if what == "routes":
        from frontrow.api.routes import route_rows

        records: list[dict[str, Any]] = [*route_rows()]
    else:
        with open_workspace(workspace) as opened:
            records = opened.show(what)
    if as_json:
        say_json({what: records})
    else:
        say_records(records, f"there are no {what}")
