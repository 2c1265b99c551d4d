"""frontrow experiment analyze."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontrow.cli.options import JsonOption
from frontrow.cli.output import note, say, say_json
from frontrow.core.errors import FrontrowError, UsageError

if TYPE_CHECKING:
    import polars as pl

    from frontrow.experiments.statistics.analysis import Analysis

EXAMPLE_ANALYZE = (
    "frontrow experiment analyze units.csv --unit profile_id --arm arm --control control "
    "--metric minutes --metric kept:proportion --covariate minutes_before --report report.html"
)
MAX_ARMS = 50
"""More distinct values than this in the arm's column, and it is another column that was meant."""
_SLOW_BYTES = 20_000_000

_UNITS, _CARE, _LOOKS, _OUTPUT = "What is compared", "Care with the data", "Looks and decisions", "Output"

Repeated = list[str] | None


def analyze(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv|.parquet", help="One row a unit (a viewer).", show_default=False)
    ],
    unit: Annotated[
        str,
        typer.Option("--unit", metavar="COL", help="Whose row it is.", show_default=False, rich_help_panel=_UNITS),
    ],
    arm: Annotated[
        str,
        typer.Option("--arm", metavar="COL", help="What it was given.", show_default=False, rich_help_panel=_UNITS),
    ],
    control: Annotated[
        str,
        typer.Option(
            "--control", metavar="VALUE", help="The arm to compare with.", show_default=False, rich_help_panel=_UNITS
        ),
    ],
    metric: Annotated[
        list[str],
        typer.Option(
            "--metric",
            metavar="COL[:KIND]",
            help="KIND is mean (if not said), proportion (of a 0/1 column), ratio/COL or quantile=q. "
            "Repeatable; the first is the primary one, which decides.",
            show_default=False,
            rich_help_panel=_UNITS,
        ),
    ],
    covariate: Annotated[
        Repeated,
        typer.Option(
            "--covariate",
            metavar="COL",
            help="Known before the experiment; narrows intervals (CUPED). Repeatable.",
            show_default=False,
            rich_help_panel=_UNITS,
        ),
    ] = None,
    segment: Annotated[
        Repeated,
        typer.Option(
            "--segment",
            metavar="COL",
            help="Effects for each of its values too. Repeatable.",
            show_default=False,
            rich_help_panel=_UNITS,
        ),
    ] = None,
    guardrail: Annotated[
        Repeated,
        typer.Option(
            "--guardrail",
            metavar="COL[:KIND]=MARGIN",
            help="Must not get worse by more than MARGIN (.01: one percent) for a change to ship. Repeatable.",
            show_default=False,
            rich_help_panel=_UNITS,
        ),
    ] = None,
    lower_is_better: Annotated[
        Repeated,
        typer.Option(
            "--lower-is-better",
            metavar="COL",
            help="For hides, latency, churn. Repeatable.",
            show_default=False,
            rich_help_panel=_UNITS,
        ),
    ] = None,
    share: Annotated[
        Repeated,
        typer.Option(
            "--share",
            metavar="ARM=WEIGHT",
            help="Intended sizes, every arm's. Else equal.",
            show_default=False,
            rich_help_panel=_CARE,
        ),
    ] = None,
    non_negative: Annotated[
        Repeated,
        typer.Option(
            "--non-negative",
            metavar="COL",
            help="A value below zero is an error, as for minutes. Repeatable.",
            show_default=False,
            rich_help_panel=_CARE,
        ),
    ] = None,
    winsor: Annotated[
        Repeated,
        typer.Option(
            "--winsor",
            metavar="COL=Q",
            help="Values above the quantile Q of all arms count as it. Repeatable.",
            show_default=False,
            rich_help_panel=_CARE,
        ),
    ] = None,
    drop_bots: Annotated[
        bool, typer.Option("--drop-bots", help="Leave out units that look like bots.", rich_help_panel=_CARE)
    ] = False,
    exposed_at: Annotated[
        str | None,
        typer.Option(
            "--exposed-at",
            metavar="COL",
            help="When a unit was first exposed; with --outcome-at, earlier outcomes are refused.",
            show_default=False,
            rich_help_panel=_CARE,
        ),
    ] = None,
    outcome_at: Annotated[
        str | None,
        typer.Option(
            "--outcome-at",
            metavar="COL",
            help="When its first outcome was.",
            show_default=False,
            rich_help_panel=_CARE,
        ),
    ] = None,
    method: Annotated[
        Literal["sequence", "fixed"],
        typer.Option(
            "--method",
            help="sequence: valid at every look. fixed: for one look at a sample planned ahead.",
            rich_help_panel=_LOOKS,
        ),
    ] = "sequence",
    alpha: Annotated[
        float, typer.Option("--alpha", metavar="A", help="Chance of a false alarm.", rich_help_panel=_LOOKS)
    ] = 0.05,
    planned_units: Annotated[
        int | None,
        typer.Option(
            "--planned-units",
            metavar="N",
            help="Units a side that were planned before the first look; sequences are narrowest there.",
            show_default=False,
            rich_help_panel=_LOOKS,
        ),
    ] = None,
    minimal_effect: Annotated[
        float | None,
        typer.Option(
            "--minimal-effect",
            metavar="E",
            help="The relative effect worth having (.02); stop once it is ruled out.",
            show_default=False,
            rich_help_panel=_LOOKS,
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous",
            metavar="FILE.json",
            help="What --json wrote at the last look, so that no verdict is withdrawn.",
            show_default=False,
            rich_help_panel=_LOOKS,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE.html",
            help="A page to forward, in one file.",
            show_default=False,
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title",
            metavar="TEXT",
            help="The report's. Else the file's name.",
            show_default=False,
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read an experiment from any table with one row a unit. Needs no workspace.

    The answer begins with a verdict for each arm (ship, stop, keep running, broken) and its reasons.
    """
    from frontrow.cli.experiment_options import build_metrics, build_shares, read_previous
    from frontrow.experiments.statistics.analyze import analyze_table
    from frontrow.experiments.statistics.text_report import text_report

    metrics = build_metrics(metric, guardrail or [], lower_is_better or [], non_negative or [], winsor or [])
    shares, last = build_shares(share or []), read_previous(previous)
    if (exposed_at is None) != (outcome_at is None):
        raise UsageError("--exposed-at and --outcome-at go together", "Name the column of each")
    if report is not None:
        _check_report(report, file, previous)
    frame = _read(file, unit, arm, exposed_at, outcome_at)
    with _table_errors(file):
        analysis = analyze_table(
            frame,
            unit=unit,
            arm=arm,
            control=control,
            metrics=metrics,
            covariates=covariate or [],
            segments=segment or [],
            method=method,
            alpha=alpha,
            planned_units=planned_units,
            minimal_effect=minimal_effect,
            shares=shares,
            drop_bots=drop_bots,
            previous=last,
        )
    if report is not None:
        _write_report(analysis, report, title or file.stem, f"Read from {file.name}, look {analysis.looks}")
    if as_json:
        say_json(_as_json(analysis))
    else:
        say(text_report(analysis).rstrip("\n"))
        if report is not None:
            note(f"the report is in {report}")
