"""frontrow experiment snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from frontrow.cli.experiment import Repeated, table_errors
from frontrow.cli.options import JsonOption
from frontrow.cli.output import say, say_json
from frontrow.core.errors import UsageError

if TYPE_CHECKING:
    from frontrow.experiments.statistics.snapshots import SnapshotColumns, SnapshotSeries

EXAMPLE = "frontrow experiment snapshots archive.parquet --by experiment_id --by metric_id --column time=day"


def snapshots(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv|.parquet", help="One row a look: counts, means, variances.", show_default=False
        ),
    ],
    by: Annotated[
        Repeated,
        typer.Option(
            "--by",
            metavar="COL",
            help="What tells series apart. Repeatable. Else experiment_id, variant_id and metric_id.",
            show_default=False,
        ),
    ] = None,
    column: Annotated[
        Repeated,
        typer.Option(
            "--column",
            metavar="ROLE=COL",
            help="Where a column is named otherwise. Roles: time, control_units, arm_units, control_mean, arm_mean, "
            "control_variance, arm_variance. Repeatable.",
            show_default=False,
        ),
    ] = None,
    lower_is_better: Annotated[bool, typer.Option("--lower-is-better", help="For hides, latency, churn.")] = False,
    control_share: Annotated[
        float, typer.Option("--control-share", metavar="S", help="The control's intended share of both.")
    ] = 0.5,
    alpha: Annotated[float, typer.Option("--alpha", metavar="A", help="Chance of a false alarm.")] = 0.05,
    planned_units: Annotated[
        int | None,
        typer.Option("--planned-units", metavar="N", help="Units a side planned before the first look."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read cumulative snapshots of tests, look by look, where no units are kept.

    Each series' verdict is the first that it reaches; beside it, how often a t-test at each look would have taken its
    word back. Needs no workspace.
    """
    from frontrow.experiments.statistics.snapshots import analyze_snapshots
    from frontrow.experiments.statistics.table_file import read_unit_table

    if not 0 < alpha < 0.5 or not 0 < control_share < 1:
        raise UsageError("alpha must lie between 0 and .5, and the control's share between 0 and 1")
    if planned_units is not None and planned_units < 1:
        raise UsageError("the planned units must be above zero")
    named = _columns(column or [])
    with table_errors(file):
        series = analyze_snapshots(
            read_unit_table(file),
            by=by or ("experiment_id", "variant_id", "metric_id"),
            columns=named,
            alpha=alpha,
            planned_units=planned_units,
            better="down" if lower_is_better else "up",
            control_share=control_share,
        )
    if as_json:
        say_json({"series": series})
    else:
        say("\n".join(_line(one) for one in series))


def _columns(stated: list[str]) -> SnapshotColumns:
    from frontrow.experiments.statistics.snapshots import SnapshotColumns

    pairs = dict(each.split("=", 1) for each in stated if "=" in each)
    roles = SnapshotColumns.__struct_fields__
    if wrong := [each for each in stated if each.split("=", 1)[0] not in roles or "=" not in each]:
        raise UsageError(f"--column {wrong[0]} is no ROLE=COL", f"Roles: {', '.join(roles)}")
    return SnapshotColumns(**pairs)


def _line(one: SnapshotSeries) -> str:
    from frontrow.experiments.statistics.words import number

    last = one.looks[-1]
    still = "unknown" if last.low is None or last.high is None else f"{number(last.low)} to {number(last.high)}"
    since = "" if one.decided_at is None else f" since {number(one.decided_at)}"
    naive = f"; a t-test at each look takes {one.naive_withdrawals} back" if one.naive_withdrawals else ""
    warned = "".join(f"\n  {text}" for text in one.warnings)
    return (
        f"{' '.join(one.key)}: {one.decision.upper()}{since}; {len(one.looks)} looks, difference "
        f"{number(last.difference)} ({still}){naive}{warned}"
    )
