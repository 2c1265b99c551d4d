"""frontrow experiment analyze."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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


def _option(flag: str, metavar: str, text: str, panel: str) -> Any:
    """An option without a default to show."""
    return typer.Option(flag, metavar=metavar, help=text, rich_help_panel=panel, show_default=False)


def analyze(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv|.parquet", help="One row a unit (a viewer).", show_default=False)
    ],
    unit: Annotated[str, _option("--unit", "COL", "Whose row it is.", _UNITS)],
    arm: Annotated[str, _option("--arm", "COL", "What it was given.", _UNITS)],
    control: Annotated[str, _option("--control", "VALUE", "The arm to compare with.", _UNITS)],
    metric: Annotated[
        list[str],
        _option(
            "--metric",
            "COL[:KIND]",
            "KIND is mean (if not said), proportion (of a 0/1 column), ratio/COL or quantile=q. "
            "Repeatable; the first is the primary one, which decides.",
            _UNITS,
        ),
    ],
    covariate: Annotated[
        Repeated,
        _option("--covariate", "COL", "Known before the experiment; narrows intervals (CUPED). Repeatable.", _UNITS),
    ] = None,
    segment: Annotated[
        Repeated, _option("--segment", "COL", "Effects for each of its values too. Repeatable.", _UNITS)
    ] = None,
    guardrail: Annotated[
        Repeated,
        _option(
            "--guardrail",
            "COL[:KIND]=MARGIN",
            "Must not get worse by more than MARGIN (.01: one percent) for a change to ship. Repeatable.",
            _UNITS,
        ),
    ] = None,
    lower_is_better: Annotated[
        Repeated, _option("--lower-is-better", "COL", "For hides, latency, churn. Repeatable.", _UNITS)
    ] = None,
    share: Annotated[
        Repeated, _option("--share", "ARM=WEIGHT", "Intended sizes, every arm's. Else equal.", _CARE)
    ] = None,
    non_negative: Annotated[
        Repeated, _option("--non-negative", "COL", "A value below zero is an error, as for minutes. Repeatable.", _CARE)
    ] = None,
    winsor: Annotated[
        Repeated,
        _option("--winsor", "COL=Q", "Values above the quantile Q of all arms count as it. Repeatable.", _CARE),
    ] = None,
    drop_bots: Annotated[
        bool, typer.Option("--drop-bots", help="Leave out units that look like bots.", rich_help_panel=_CARE)
    ] = False,
    exposed_at: Annotated[
        str | None,
        _option(
            "--exposed-at",
            "COL",
            "When a unit was first exposed; with --outcome-at, earlier outcomes are refused.",
            _CARE,
        ),
    ] = None,
    outcome_at: Annotated[str | None, _option("--outcome-at", "COL", "When its first outcome was.", _CARE)] = None,
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
        _option(
            "--planned-units",
            "N",
            "Units a side that were planned before the first look; sequences are narrowest there.",
            _LOOKS,
        ),
    ] = None,
    minimal_effect: Annotated[
        float | None,
        _option("--minimal-effect", "E", "The relative effect worth having (.02); stop once it is ruled out.", _LOOKS),
    ] = None,
    previous: Annotated[
        Path | None,
        _option(
            "--previous", "FILE.json", "What --json wrote at the last look, so that no verdict is withdrawn.", _LOOKS
        ),
    ] = None,
    report: Annotated[Path | None, _option("--report", "FILE.html", "A page to forward, in one file.", _OUTPUT)] = None,
    title: Annotated[str | None, _option("--title", "TEXT", "The report's. Else the file's name.", _OUTPUT)] = None,
    as_json: JsonOption = False,
) -> None:
    """Read an experiment from any table with one row a unit. Needs no workspace.

    The answer begins with a verdict for each arm (ship, stop, keep running, broken) and its reasons.
    """
    from frontrow.cli.experiment_options import build_metrics, build_shares, read_previous
    from frontrow.experiments.statistics.analyze import analyze_table
    from frontrow.experiments.statistics.html_report import html_report
    from frontrow.experiments.statistics.text_report import text_report

    metrics = build_metrics(metric, guardrail or [], lower_is_better or [], non_negative or [], winsor or [])
    shares, last = build_shares(share or []), read_previous(previous)
    if (exposed_at is None) != (outcome_at is None):
        raise UsageError("--exposed-at and --outcome-at go together", "Name the column of each")
    if report is not None:
        check_report(report, file, previous)
    frame = _read(file, unit, arm, exposed_at, outcome_at)
    with table_errors(file):
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
        page = html_report(analysis, title or file.stem, f"Read from {file.name}, look {analysis.looks}")
        write_page(report, page)
    if as_json:
        say_json(analysis_json(analysis))
    else:
        say(text_report(analysis).rstrip("\n"))
        if report is not None:
            note(f"the report is in {report}")


def _read(file: Path, unit: str, arm: str, exposed_at: str | None, outcome_at: str | None) -> pl.DataFrame:
    """The table, with what only a command line can get wrong refused."""
    from frontrow.experiments.statistics.exposure_order import check_exposure_order
    from frontrow.experiments.statistics.table_file import read_unit_table

    if unit == arm:
        raise UsageError(f"--unit and --arm both name {unit}", "The unit is who, the arm what it was given")
    size = file.stat().st_size if file.is_file() else 0
    if size > _SLOW_BYTES:
        note(f"reading {file} ({size / 1e6:,.0f} MB)")
    with table_errors(file):
        frame = read_unit_table(file)
        if frame.is_empty():
            raise FrontrowError(f"{file} has no rows")
        if arm in frame.columns and (found := frame[arm].n_unique()) > MAX_ARMS:
            raise UsageError(
                f"column {arm} has {found:,} different values", "Does --arm name the column that you mean?"
            )
        if exposed_at is not None and outcome_at is not None:
            check_exposure_order(frame, unit=unit, exposed=exposed_at, outcome=outcome_at)
    if size > _SLOW_BYTES:
        note(f"analysing {frame.height:,} units")
    return frame


@contextmanager
def table_errors(file: Path) -> Iterator[None]:
    """What a strange column type makes the table's library say, as a message without a traceback."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise FrontrowError(f"{file} cannot be analysed: {str(error).splitlines()[0]}") from None


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """The analysis with the experiment's decision first; `--previous` reads it back."""
    import msgspec

    return {"decision": analysis.decision, **msgspec.to_builtins(analysis)}


def check_report(report: Path, *inputs: Path | None, kinds: tuple[str, ...] = (".html", ".htm")) -> None:
    """Before any work: the report can be written there and overwrites no input."""
    if report.suffix.lower() not in kinds:
        raise UsageError(f"--report {report}: the report is an {' or '.join(k for k in kinds if k != '.htm')} file")
    if report.is_dir():
        raise FrontrowError(f"{report} is a folder", "Name a file in it")
    if not report.absolute().parent.is_dir():
        raise FrontrowError(f"{report.absolute().parent} does not exist", "Make the folder, or choose another --report")
    if report.resolve() in [path.resolve() for path in inputs if path is not None]:
        raise UsageError(f"--report {report} would overwrite an input")


def write_page(path: Path, text: str) -> None:
    """The file under its name only when it is whole."""
    making = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        making.write_text(text, "utf-8")
        making.replace(path)
    except OSError as error:
        raise FrontrowError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        making.unlink(missing_ok=True)
