"""frontrow similar."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say_json, say_records

EXAMPLE = "frontrow similar 260 --n 10"


def similar(
    title_id: Annotated[str, typer.Argument(metavar="TITLE_ID", show_default=False)],
    n: Annotated[int, typer.Option("--n", metavar="N", min=1, help="How many (at most 100).")] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the titles most like a title."""
    from frontrow.recommend.request import SimilarRequest

    with open_workspace(workspace) as opened:
        slate = opened.engine.similar(title_id, SimilarRequest(n=n))
    if as_json:
        say_json(slate)
        return
    say_records(
        [
            {"rank": rank, "title_id": item.title_id, "name": item.name, "score": item.score}
            for rank, item in enumerate(slate.items, 1)
        ],
        f"nothing that may be shown is like {title_id}",
    )
