"""frontrow experiment read and plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from frontrow.cli.experiment import analysis_json, check_report, write_page
from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import note, say, say_json
from frontrow.cli.progress import ShownProgress

EXAMPLE_READ = "frontrow experiment read fewer-rows --segment country --report report.html"
EXAMPLE_PLAN = "frontrow experiment plan --metric viewing_time --effect .02 --report plan.html"

_Days = Annotated[
    int,
    typer.Option(
        "--covariate-days",
        metavar="N",
        min=0,
        max=365,
        help="Days before exposure whose numbers narrow the intervals (CUPED); 0: none.",
    ),
]


def _report(metavar: str, text: str) -> Any:
    return typer.Option("--report", "--html", metavar=metavar, help=text, show_default=False)


def _asked(flag: str, metavar: str, text: str) -> Any:
    """An option that has no default."""
    return typer.Option(flag, metavar=metavar, help=text, show_default=False)


def read(
    experiment_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    segment: Annotated[
        list[str] | None,
        typer.Option(
            "--segment",
            metavar="FIELD",
            help="Effects by country, language, plan or kids too. Repeatable.",
            show_default=False,
        ),
    ] = None,
    covariate_days: _Days = 28,
    method: Annotated[
        Literal["sequence", "fixed"],
        typer.Option("--method", help="sequence: valid at every look. fixed: for one look at the planned sample."),
    ] = "sequence",
    drop_bots: Annotated[bool, typer.Option("--drop-bots", help="Leave out units that look like bots.")] = False,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew", help="As if nobody had looked before: what earlier looks decided is forgotten, verdicts too."
        ),
    ] = False,
    report: Annotated[Path | None, _report("FILE.html", "A page to forward, in one file.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read an experiment from the service's own log: who was served it, and what they did since.

    Each reading is a look that the next one knows of. The answer begins with a verdict for each arm.
    """
    from frontrow.experiments.reading.read import Asked, glossary, heading
    from frontrow.experiments.statistics.html_report import html_report
    from frontrow.experiments.statistics.text_report import text_report

    if report is not None:
        check_report(report)
    asked = Asked(segment or (), covariate_days, method, drop_bots, anew)
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        analysis = opened.read_experiment(experiment_id, asked, progress)
        design, now = opened.register.find(experiment_id)[1], opened.now()
    if report is not None:
        write_page(report, html_report(analysis, *heading(design, now), glossary(analysis)))
    if as_json:
        say_json(analysis_json(analysis))
        return
    say(text_report(analysis).rstrip("\n"))
    if report is not None:
        note(f"the report is in {report}")


def plan(
    metric: Annotated[str, _asked("--metric", "NAME", "Of docs/experiments.md, such as viewing_time.")],
    effect: Annotated[float, _asked("--effect", "E", "The relative effect to find: .02 is 2 %.")],
    arms: Annotated[int, typer.Option("--arms", metavar="N", help="Arms of equal size, with the control.")] = 2,
    coverage: Annotated[
        float, typer.Option("--coverage", metavar="C", help="Share of the audience that takes part.")
    ] = 1.0,
    unit: Annotated[Literal["profile", "account"], typer.Option("--unit", help="Who is assigned.")] = "profile",
    power: Annotated[
        float, typer.Option("--power", metavar="P", help="Chance to find the effect if it is true.")
    ] = 0.8,
    alpha: Annotated[float, typer.Option("--alpha", metavar="A", help="Chance of a false alarm.")] = 0.05,
    covariate_days: Annotated[
        int | None,
        typer.Option(
            "--covariate-days",
            metavar="N",
            min=0,
            max=365,
            help="Days before a viewer's first that narrow the intervals (CUPED); 0: none. "
            "Else 28, or half of the past where that is less.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[Path | None, _report("FILE.html|.svg", "The plan as a page, or its figure alone.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """How long a test must run, and how many viewers it takes, from this service's own past."""
    from frontrow.experiments.metrics.definitions import metric_named
    from frontrow.experiments.reading.plan import Wanted
    from frontrow.experiments.reading.plan_chart import plan_html, plan_lines, plan_svg

    if report is not None:
        check_report(report, kinds=(".html", ".htm", ".svg"))
    wanted = Wanted(metric_named(metric), effect, arms, coverage, alpha, power, covariate_days)
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        found = opened.plan_experiment(wanted, unit, progress)
    if report is not None:
        write_page(report, plan_svg(found) if report.suffix.lower() == ".svg" else plan_html(found))
    if as_json:
        say_json(found)
        return
    say("\n".join(plan_lines(found)))
    if report is not None:
        note(f"the plan is in {report}")
