"""frontrow export tables, frontrow export profile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress

EXAMPLE_TABLES = "frontrow export tables backup --format csv"
EXAMPLE_PROFILE = "frontrow export profile viewer-1 > viewer-1.json"


def tables(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A new or empty folder.", show_default=False)],
    format: Annotated[Literal["parquet", "csv", "jsonl"], typer.Option("--format", help="How to write.")] = "parquet",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all titles, profiles and events as tables that can be imported again."""
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        report = opened.export_tables(path, format=format, progress=progress)
    if as_json:
        say_json(report)
    else:
        say(f"{report.titles:,} titles, {report.profiles:,} profiles, {report.events:,} events in {report.path}")


def profile(
    profile_id: Annotated[str, typer.Argument(metavar="PROFILE_ID", show_default=False)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print all that is held about a profile, as JSON."""
    import msgspec

    with open_workspace(workspace) as opened:
        held = opened.export_profile(profile_id)
    if as_json:
        say_json(held)
    else:
        say(msgspec.json.format(msgspec.json.encode(held)).decode())
