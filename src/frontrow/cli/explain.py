"""frontrow explain."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, checked_time, open_workspace
from frontrow.cli.output import note_strangers, say, say_json, say_records
from frontrow.cli.requests import parse_context

EXAMPLE = "frontrow explain 42 260 --device tv"


def explain(
    profile_id: Annotated[str, typer.Argument(metavar="PROFILE_ID", show_default=False)],
    title_id: Annotated[str, typer.Argument(metavar="TITLE_ID", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="The moment asked about (RFC 3339). Else now.", show_default=False),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="DEVICE", help="Where it would be watched.", show_default=False)
    ] = None,
    context: Annotated[
        list[str] | None, typer.Option("--context", metavar="K=V", help="Context; repeatable.", show_default=False)
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a title is shown to a profile, or why not."""
    from frontrow.recommend.outcomes import in_words
    from frontrow.recommend.request import ExplainRequest

    asked = ExplainRequest(at=checked_time(at, "--at"), device=device, context=parse_context(context or []))
    with open_workspace(workspace) as opened:
        told = opened.engine.explain(profile_id, title_id, asked)
        note_strangers(opened.strangers([profile_id]))
    if as_json:
        say_json(told)
        return
    say(f"{title_id} is {'shown' if told.shown else 'not shown'} to {profile_id}")
    for drop in told.drops:
        say(f"  {drop.reason}: {drop.detail}")
    if told.score is not None:
        say(f"score: {told.score:.4g}")
    if told.evidence:
        say_records(
            [
                {"source": each.source, "score": each.score, "because": each.because, "in words": each.text}
                for each in told.evidence
            ],
            "",
        )
    if told.outcomes:
        say(in_words(told.outcomes))
