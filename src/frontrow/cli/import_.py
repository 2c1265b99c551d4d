"""frontrow import movielens, frontrow import tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli.command import FAILED, report_error
from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import note, say, say_json
from frontrow.cli.progress import ShownProgress

if TYPE_CHECKING:
    from frontrow.importers.report import Count, ImportReport
    from frontrow.workspace import Workspace

EXAMPLE_MOVIELENS = "frontrow import movielens ~/ml-latest-small"
EXAMPLE_TABLES = "frontrow import tables my-tables --strict"


def movielens(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An unpacked MovieLens folder.", show_default=False)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a MovieLens data set: 100K, 1M, 10M, latest-small to 32M."""
    _run(workspace, as_json, lambda opened, progress: opened.import_movielens(path, progress=progress))


def tables(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder with titles.*, profiles.*, events.*.", show_default=False)
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse all if one record is wrong.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import titles, profiles (optional) and events from Parquet, CSV or JSON Lines."""
    _run(workspace, as_json, lambda opened, progress: opened.import_tables(path, strict=strict, progress=progress))


def _run(
    workspace: Path | None, as_json: bool, work: Callable[[Workspace, ShownProgress], ImportReport]
) -> None:  # fmt: skip
    from frontrow.importers.report import ImportRefused

    with open_workspace(workspace) as opened:
        try:
            with ShownProgress() as progress:
                report = work(opened, progress)
        except KeyboardInterrupt:
            hint = "what is imported so far stays; the same command completes it"
            report_error("interrupted", hint, as_json)
            raise typer.Exit(FAILED) from None
        except ImportRefused as refused:
            if as_json:
                say_json({"error": refused.message, "mend": refused.mend, "report": refused.report})
            else:
                _say_problems(refused.report)
                report_error(refused.message, refused.mend, as_json)
            raise typer.Exit(FAILED) from None
    if as_json:
        say_json(report)
    else:
        _say_problems(report)
        _say_report(report)
    if report.rejected and not report.stored:
        raise typer.Exit(FAILED)


def _say_problems(report: ImportReport) -> None:
    for problem in report.problems:
        note(f"{problem.where}: {problem.message}")
    named = len(report.problems)
    repeated = report.titles.repeated + report.profiles.repeated
    if more := report.rejected + repeated - named:
        note(f"… and {more:,} more")


def _say_report(report: ImportReport) -> None:
    for name, count in (("titles", report.titles), ("profiles", report.profiles), ("events", report.events)):
        say(f"{name}: {_counted(count)}")
    if report.newest_at:
        say(f"newest event: {report.newest_at}")
    for text in report.notes:
        say(f"note: {text}")
    if report.clock:
        say(
            f"note: the newest event is over 30 days old, so this workspace now goes by the {report.clock}'s clock;"
            ' set clock = "wall" in frontrow.toml to go by the machine\'s'
        )


def _counted(count: Count) -> str:
    parts = [f"{count.accepted:,} new"]
    if count.duplicates:
        parts.append(f"{count.duplicates:,} as before")
    if count.repeated:
        parts.append(f"{count.repeated:,} replaced by a later record of the same id")
    if count.rejected:
        parts.append(f"{count.rejected:,} left out")
    return ", ".join(parts)
