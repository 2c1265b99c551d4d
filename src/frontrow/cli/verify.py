"""frontrow verify."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.command import FAILED
from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress

EXAMPLE = "frontrow verify --pages 200"


def verify(
    pages: Annotated[int, typer.Option("--pages", metavar="N", min=1, help="Compare the latest N.")] = 1_000,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute again what sampled pages were made of and compare; fails if anything differs."""
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        found = opened.verify(pages, progress=progress)
    if as_json:
        say_json(found)
    else:
        say(f"{found.compared} of {found.pages} sampled pages computed again, {found.values:,} values compared")
        for reason, count in sorted({**found.skipped, **found.not_compared}.items()):
            say(f"  left out {count}: {reason}")
        for each in found.differences:
            say(f"DIFFERS  {each.page_id}: {each.value}")
            say(f"           logged      {each.logged}")
            say(f"           recomputed  {each.recomputed}")
        say("no difference" if not found.different else f"{found.different:,} values differ")
    if found.different:
        raise typer.Exit(FAILED)
