"""A per-unit table, checked: what is wrong with it is said before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.core.names import nearest
from frontrow.experiments.statistics.metric import Metric

CROSSED_LIMIT = 0.001
"""Above this share of units in two arms the assignment is broken; below, they are left out."""
ARM = "arm"


@dataclass(frozen=True)
class UnitTable:
    """`frame`: one row a unit, `arm` as text, numbers as Float64 with missing ones null, under internal names.

    `names` gives the internal name of each of the user's columns. `faults` break the experiment, `warnings` do not.
    """

    frame: pl.DataFrame
    names: dict[str, str]
    control: str
    arms: tuple[str, ...]
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_units(
    frame: pl.DataFrame | pl.LazyFrame,
    *,
    unit: str,
    arm: str,
    control: str,
    metrics: Sequence[Metric],
    covariates: Sequence[str],
    segments: Sequence[str],
    arms: Sequence[str] | None,
) -> UnitTable:
    """The table under internal names; FrontrowError where it cannot be analysed. `arms`: those that must be there."""
    lazy = frame.lazy()
    schema = lazy.collect_schema()
    numeric = list(dict.fromkeys([*(name for metric in metrics for name in metric.columns), *covariates]))
    for name in [unit, arm, *numeric, *segments]:
        _refuse_absent(name, schema.names())
    for name in numeric:
        kind = schema[name]
        if not (kind.is_numeric() or kind in (pl.Boolean, pl.Null)):
            raise FrontrowError(f"column {name} holds {kind}, not numbers", "Convert it, or name another column")
    names = {name: f"value {at}" for at, name in enumerate(numeric)}
    shaped = lazy.select(
        pl.col(unit).alias("unit"),
        pl.col(arm).cast(pl.String).alias(ARM),
        *(pl.col(name).cast(pl.Float64).fill_nan(None).alias(names[name]) for name in numeric),
        *(pl.col(name).cast(pl.String).fill_null("(none)").alias(f"segment {at}") for at, name in enumerate(segments)),
    ).collect()
    warnings: list[str] = []
    faults: list[str] = []
    shaped = _drop_without_arm(shaped, unit, arm, warnings)
    shaped = _one_row_a_unit(shaped, unit, arm, warnings, faults)
    present = sorted(shaped[ARM].unique().to_list())
    chosen = _control(control, present, arm)
    for needed in arms or ():
        if needed not in present:
            raise FrontrowError(f"arm {needed} has no units", f"Arms in column {arm}: {', '.join(present) or 'none'}")
    if len(present) < 2:
        raise FrontrowError(f"column {arm} has only the arm {chosen}", "An experiment needs at least two arms")
    for metric in metrics:
        _check_values(shaped, metric, names)
    for name in numeric:
        if shaped[names[name]].is_infinite().any():
            raise FrontrowError(f"column {name} holds infinite values", "Mend or remove those rows")
    others = tuple(name for name in present if name != chosen)
    return UnitTable(shaped.drop("unit"), names, chosen, (chosen, *others), faults, warnings)


def _refuse_absent(name: str, known: Sequence[str]) -> None:
    if name not in known:
        near = nearest(name, known)
        mend = f"Did you mean {near}?" if near else f"Columns: {', '.join(known[:30])}"
        raise UsageError(f"no column {name} in the table", mend)


def _drop_without_arm(frame: pl.DataFrame, unit: str, arm: str, warnings: list[str]) -> pl.DataFrame:
    if frame.is_empty():
        raise FrontrowError("the table has no rows")
    if missing := frame["unit"].null_count():
        raise FrontrowError(f"{missing} rows have no {unit}", "Every row must say whose it is")
    if missing := frame[ARM].null_count():
        warnings.append(f"{missing} units have no {arm} and are left out")
        frame = frame.filter(pl.col(ARM).is_not_null())
    return frame


def _one_row_a_unit(frame: pl.DataFrame, unit: str, arm: str, warnings: list[str], faults: list[str]) -> pl.DataFrame:
    units = frame["unit"].n_unique()
    if units == frame.height:
        return frame
    repeated = frame.group_by("unit").agg(pl.len(), pl.col(ARM).n_unique().alias("arms")).filter(pl.col("len") > 1)
    crossed = repeated.filter(pl.col("arms") > 1)
    again = repeated.filter(pl.col("arms") == 1)
    if again.height:
        example = str(again["unit"].cast(pl.String).min())
        raise FrontrowError(
            f"{again.height} units have more than one row, for example {unit} {example}",
            "Give one row a unit: sum its values first. Rows of one unit are not independent",
        )
    text = f"{crossed.height} of {units} units are in two arms of {arm} and are left out"
    (faults if crossed.height > CROSSED_LIMIT * units else warnings).append(text)
    return frame.filter(~pl.col("unit").is_in(crossed["unit"].implode()))


def _control(control: str, present: Sequence[str], arm: str) -> str:
    if control in present:
        return control
    if found := [name for name in present if name.lower() == control.lower()]:
        return found[0]
    raise UsageError(f"no unit has {control} in column {arm}", f"Arms there: {', '.join(present) or 'none'}")


def _check_values(frame: pl.DataFrame, metric: Metric, names: dict[str, str]) -> None:
    values = frame[names[metric.column]]
    if values.null_count() == frame.height:
        raise FrontrowError(f"column {metric.column} holds no values")
    if metric.kind == "proportion" and not values.drop_nulls().is_in([0.0, 1.0]).all():
        raise FrontrowError(f"column {metric.column} holds more than 0 and 1", "A proportion is of yes and no")
    if metric.non_negative:
        for column in metric.columns:
            below = int((frame[names[column]] < 0).sum())
            if below:
                worst = str(frame[names[column]].min())
                raise FrontrowError(
                    f"column {column} is negative for {below} units (down to {worst})", "It was said never to be"
                )
