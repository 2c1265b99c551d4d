"""frontrow experiment offpolicy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress
from frontrow.core.errors import UsageError

if TYPE_CHECKING:
    from frontrow.experiments.offpolicy.value import PolicyValue
    from frontrow.experiments.reading.offpolicy import Give, OffPolicy

EXAMPLE = """frontrow experiment offpolicy fewer-rows --give 'fewer={"device": "phone"}'"""


def offpolicy(
    experiment_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    give: Annotated[
        list[str],
        typer.Option(
            "--give",
            metavar="ARM[=CONDITION]",
            help="Who gets an arm: all, or who fulfils a condition as audiences have it. Repeatable, the first that "
            "holds counts; who fulfils none gets the control.",
            show_default=False,
        ),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What giving an experiment's arms by other rules would have earned, from what was served with which probability.

    Of home pages: from how many something was played. Where the log says too little of the rules there is no estimate,
    but how much too little.
    """
    policy = [_rule(text) for text in give]
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        found = opened.off_policy(experiment_id, policy, progress)
    if as_json:
        say_json(found)
        return
    say("\n".join(_lines(found)))


def _rule(text: str) -> Give:
    import msgspec

    from frontrow.experiments.reading.offpolicy import Give

    arm, stated, condition = text.partition("=")
    if not stated:
        return Give(arm)
    try:
        when: Any = msgspec.json.decode(condition)
    except msgspec.DecodeError:
        when = None
    if not isinstance(when, dict):
        raise UsageError(f"--give {text}: the condition is no JSON object", """Write ARM='{"device": "phone"}'""")
    return Give(arm, when)


def _lines(found: OffPolicy) -> list[str]:
    from frontrow.experiments.statistics.words import number

    lines = [f"{found.pages:,} home pages of {found.units:,} units; {found.reward}"]
    lines.append(f"as served: {number(found.as_served)} (standard error {number(found.as_served_error)})")
    return lines + estimate_lines(found.estimates)


def estimate_lines(estimates: Sequence[PolicyValue]) -> list[str]:
    """A line for each estimate, or for why there is none."""
    from frontrow.experiments.statistics.words import number

    lines = []
    for each in estimates:
        effective = f"{each.overlap.effective:,.0f} effective pages"
        if each.value is None or each.low is None or each.high is None:
            lines.append(f"{each.estimator}: no estimate; {'; '.join(each.overlap.refused)} ({effective})")
        else:
            span = f"{number(each.low)} to {number(each.high)}"
            lines.append(f"{each.estimator}: {number(each.value)} ({span}; {effective}; assumes {each.assumes})")
    return lines
