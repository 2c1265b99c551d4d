"""frontrow evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontrow.cli.experiment import check_report, write_page
from frontrow.cli.options import JsonOption, SeedOption, WorkspaceOption, checked_horizon, open_workspace
from frontrow.cli.output import note, say, say_json, say_table
from frontrow.cli.progress import ShownProgress

if TYPE_CHECKING:
    from frontrow.evaluate.report import Measured, Report, Row

EXAMPLE = "frontrow evaluate --protocol last-event --report evaluation.html"
AHEAD = "ndcg@10"
INTERVALS = ("hr@10", "ndcg@10")
"""Metrics told with their interval; --json and --report have all."""


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
            help="next, session or days=N, what is asked for; of new titles and profiles also what counts as right. "
            "Else next for last-event, days=30 for time-split, session otherwise.",
            show_default=False,
        ),
    ] = None,
    request_time: Annotated[
        Literal["unknown", "known"],
        typer.Option("--request-time", help="Whether models know when they are asked, and on which device."),
    ] = "unknown",
    facets: Annotated[
        bool,
        typer.Option(
            "--facets/--no-facets",
            help="Also the whole without each of its facets. Takes about half as long again.",
        ),
    ] = True,
    quick: Annotated[bool, typer.Option("--quick", help="Small models, as frontrow train --quick makes them.")] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="A page with charts, in one file.", show_default=False),
    ] = None,
    seed: SeedOption = 0,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank the whole catalogue for held-out events: with every model, the whole system, and the whole less each facet.

    Publishes nothing.
    """
    if horizon is not None:
        checked_horizon(horizon)
    if report is not None:
        check_report(report)
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        told = opened.evaluate(
            protocol, horizon=horizon, request_time=request_time, seed=seed, facets=facets, quick=quick,
            progress=progress,
        )  # fmt: skip
    if report is not None:
        from frontrow.evaluate.html_chart import html_chart

        write_page(report, html_chart(told))
        note(f"the report is in {report}")
    if as_json:
        say_json(told)
        return
    _say_all(told)


def _say_all(told: Report) -> None:
    say(
        f"{told.protocol}, horizon {told.horizon}, request time {told.request_time}: {told.users:,} viewers, each asked"
        f" to rank the {told.candidates:,} candidates less what they know"
    )
    for why, count in told.apart.items():
        if count:
            say(f"left out: {count:,} {why}")
    _say_rows(told.rows)
    for group in told.groups:
        say(f"\n{group.name}: {group.users:,} viewers")
        _say_rows(group.rows)
    if told.calibration:
        say("\nwhether forecasts of outcomes come true")
        say_table(
            ["outcome", "forecasts", "forecast", "came", "error of calibration"],
            [
                [name, each.forecasts, each.forecast, each.came, _told(each.error)]
                for name, each in told.calibration.items()
            ],
        )
    if told.uncompared:
        say(f"\nforecasts of outcomes are not held against what came: {told.uncompared}")
    for name, why in told.failed.items():
        say(f"FAILED, and counted as saying nothing: {name}: {why}")
    for name, why in told.left_out.items():
        say(f"without the {name} model: {why}")
    for name, why in told.not_forecast.items():
        say(f"{name} is not forecast: {why}")


def _say_rows(rows: Sequence[Row]) -> None:
    """What is right, and by how much the whole is ahead; then what the lists are like."""
    if not rows:
        say("nobody to ask about")
        return
    say_table(
        ["system", "kind", *INTERVALS, f"the whole is ahead by, {AHEAD}"],
        [
            [
                row.system, row.kind, *(_told(row.metrics[name]) for name in INTERVALS),
                _told(row.lead[AHEAD], "+") if row.lead else "",
            ]
            for row in rows
        ],
    )  # fmt: skip
    others = [name for name in rows[0].metrics if name not in INTERVALS]
    say_table(["system", *others], [[row.system, *(row.metrics[name].value for name in others)] for row in rows])


def _told(measured: Measured, sign: str = "") -> str:
    return f"{measured.value:{sign}.4f} ({measured.low:{sign}.4f} to {measured.high:{sign}.4f})"
