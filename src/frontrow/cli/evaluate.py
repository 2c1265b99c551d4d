"""frontrow evaluate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from frontrow.cli.options import JsonOption, SeedOption, WorkspaceOption, checked_horizon, open_workspace
from frontrow.cli.output import say, say_json, say_records
from frontrow.cli.progress import ShownProgress

EXAMPLE = "frontrow evaluate --protocol last-event"


def evaluate(
    protocol: Annotated[
        Literal["last-event", "time-split", "new-titles", "new-profiles"],
        typer.Option("--protocol", help="What is held out.", show_default=False),
    ],
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            metavar="H",
            help="next, session or days=N. Else next for last-event, days=30 for time-split, session otherwise.",
            show_default=False,
        ),
    ] = None,
    request_time: Annotated[
        Literal["unknown", "known"],
        typer.Option("--request-time", help="Whether models know when they are asked, and on which device."),
    ] = "unknown",
    seed: SeedOption = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank the whole catalogue for held-out events, with every model and the whole system. Publishes nothing."""
    import msgspec

    if horizon is not None:
        checked_horizon(horizon)
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        report = opened.evaluate(protocol, horizon=horizon, request_time=request_time, seed=seed, progress=progress)
    if as_json:
        say_json(report)
        return
    told = msgspec.to_builtins(report)
    say(
        f"{told['protocol']}, horizon {told['horizon']}, request time {told['request_time']}: {told['users']:,} viewers"
    )
    _say_rows(told["rows"])
    for group in told["groups"]:
        say(f"\n{group['name']}: {group['users']:,} viewers")
        _say_rows(group["rows"])


def _say_rows(rows: list[dict[str, Any]]) -> None:
    say_records([{"system": row["system"]} | _metrics(row["metrics"]) for row in rows], "nobody to ask about")


def _metrics(metrics: dict[str, Any]) -> dict[str, str]:
    return {
        name: f"{metric['value']:.4f} ({metric['low']:.4f} to {metric['high']:.4f})" for name, metric in metrics.items()
    }
