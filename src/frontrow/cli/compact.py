"""frontrow compact."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress

EXAMPLE = "frontrow compact"


def compact(
    anew: Annotated[bool, typer.Option("--anew", help="Make the lake again from nothing.")] = False,
    let_all_go: Annotated[
        bool, typer.Option("--let-all-go", help="Though no event is younger than events.keep_days.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the lake on to the log's end, and drop what has grown old; beside a live server too."""
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        report = opened.compact(anew, let_all_go, progress)
    if as_json:
        say_json(report)
        return
    lake = report.lake
    if lake.made_anew:
        say(f"the lake was made anew: {lake.made_anew}")
    if report.retired:
        say(
            f"{report.retired:,} events and {lake.dropped_days} days of the lake were older than events.keep_days: gone"
        )
    say(f"{lake.rows:,} events taken over; the lake stands at offset {lake.offset:,}")
    if lake.changed:
        say(f"{lake.changed:,} rows changed by erasures and merges")
    if lake.joined_files or lake.deleted_files:
        say(f"{lake.joined_files} small files joined, {lake.deleted_files} old ones deleted")
