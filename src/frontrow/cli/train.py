"""frontrow train."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, SeedOption, WorkspaceOption, checked_time, open_workspace
from frontrow.cli.output import note, say, say_json, say_records
from frontrow.cli.progress import ShownProgress

EXAMPLE = "frontrow train --until 2026-03-01T00:00:00Z"


def train(
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="Only events before this time (RFC 3339).", show_default=False),
    ] = None,
    seed: SeedOption = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Small models, in seconds, to try things out.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit all models on the events and publish them; running servers take them up."""
    import msgspec

    checked_time(until, "--until")
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        try:
            report = opened.train(until=until, seed=seed, quick=quick, progress=progress)
        except KeyboardInterrupt:
            from frontrow.wiring import UNFINISHED_FOLDER

            if any((opened.path / UNFINISHED_FOLDER).glob("train/*")):
                note("what the sequence model has learned stays: the same command goes on from there")
            raise
    if as_json:
        say_json(report)
        return
    told = msgspec.to_builtins(report)
    left_out, fields, unlearned = (told.pop(name) for name in ("left_out", "context_fields", "unlearned_fields"))
    say(f"published model {told.pop('version')} after {told.pop('seconds'):.1f} s")
    for name, value in told.items():
        if isinstance(value, dict) and value:
            say_records([{name: key, "": number} for key, number in value.items()], "")
        elif value not in (None, {}, []):
            say(f"{name}: {value}")
    if fields:
        say(f"fields of the context that are learned from: {', '.join(fields)}")
    if unlearned:
        from frontrow.features.said import LEAST_PLAYS

        say(
            f"nothing is learned from models.context_fields {', '.join(unlearned)}: too few playbacks say them (two"
            f" values with {LEAST_PLAYS} each are needed; is the name right?), titles decide them, or they tell nothing"
        )
    for name, why in left_out.items():
        say(f"without the {name} model: {why}")
