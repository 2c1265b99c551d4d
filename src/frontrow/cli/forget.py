"""frontrow forget."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json, say_records

EXAMPLE = "frontrow forget viewer-1 --json > receipt.json"


def forget(
    profile_id: Annotated[str, typer.Argument(metavar="PROFILE_ID", show_default=False)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a profile everywhere, and print a receipt."""
    import msgspec

    with open_workspace(workspace) as opened:
        receipt = opened.forget(profile_id)
    if as_json:
        say_json(receipt)
        return
    say(f"{receipt.profile_id} was erased at {receipt.erased_at}; receipt {receipt.receipt_id}")
    say_records([msgspec.to_builtins(place) for place in receipt.places], "")
