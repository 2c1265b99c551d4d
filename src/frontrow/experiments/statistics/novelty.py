"""Effects that fade or grow: the effect by day since a unit was first exposed, and whether it changes.

Daily effects of the same units depend on each other, so a line through them has no honest error. The test here is of
one number a unit: its mean over the later days less its mean over the early ones, compared between the arms by Welch's
test. Only units observed through all days count, so that later days are not a selection of loyal units.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import numpy as np
import polars as pl

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.contrast import difference
from frontrow.experiments.statistics.effect import Interval
from frontrow.experiments.statistics.estimate import Estimate, estimate
from frontrow.experiments.statistics.inference import FixedHorizon
from frontrow.experiments.statistics.moments import F64, Moments


class DayEffect(msgspec.Struct, frozen=True):
    """The difference on one day since exposure (0: the first), at fixed-horizon confidence for that day alone."""

    day: int
    difference: float
    interval: Interval | None


class Novelty(msgspec.Struct, frozen=True, kw_only=True):
    """Of one arm and metric. `change` is the effect of the later half of the days less that of the early half."""

    metric: str
    arm: str
    units: int
    days: list[DayEffect]
    change: float
    change_interval: Interval | None
    p_value: float
    state: Literal["steady", "fading", "growing"]
    text: str


def effect_by_day(
    frame: pl.DataFrame, *, unit: str, arm: str, control: str, day: str, value: str, days: int, alpha: float = 0.05
) -> list[Novelty]:
    """For every arm but control, from one row per unit and day of activity (`day`: whole days since exposure, 0 ..).

    `frame` holds units observed for `days` days at least; a day without a row is a day of zero. Later days are
    ignored. UsageError for fewer than two days, FrontrowError where a unit has two rows for a day or is in two arms.
    """
    if days < 2:
        raise UsageError("novelty needs at least two days since exposure")
    rows = frame.lazy().select(
        pl.col(unit).alias("unit"),
        pl.col(arm).cast(pl.String).alias("arm"),
        pl.col(day).cast(pl.Int64).alias("day"),
        pl.col(value).cast(pl.Float64).fill_nan(None).fill_null(0.0).alias("value"),
    )
    table = rows.collect()
    per_unit = table.group_by("unit").agg(
        pl.col("arm").first(),
        (pl.col("arm") != pl.col("arm").first()).any().alias("crossed"),
        (pl.len() > pl.col("day").n_unique()).alias("again"),
    ).sort("unit")  # fmt: skip
    if per_unit["crossed"].any():
        raise FrontrowError(f"{int(per_unit['crossed'].sum())} units are in two arms")
    if per_unit["again"].any():
        raise FrontrowError("a unit has two rows for one day", "Sum them first")
    if not _control_in(per_unit, control):
        raise UsageError(f"no unit has {control} in column {arm}")
    half = days // 2
    grid = _grid(table, per_unit, days)
    of_arm = per_unit["arm"].to_numpy()
    sides = {name: grid[of_arm == name] for name in per_unit["arm"].unique().to_list()}
    changes = {name: (side[:, days - half :].sum(1) - side[:, :half].sum(1)) / half for name, side in sides.items()}
    found = []
    for name in sorted(set(sides) - {control}):
        effects = [_day(at, _of_day(sides[control][:, at]), _of_day(sides[name][:, at]), alpha) for at in range(days)]
        before = estimate(Moments.of(changes[control][:, None]), "mean")
        after = estimate(Moments.of(changes[name][:, None]), "mean")
        if before is None or after is None:
            raise FrontrowError(f"arm {name} or {control} has fewer than two units")
        found.append(_novelty(value, name, before, after, effects, alpha))
    return found


def _grid(table: pl.DataFrame, per_unit: pl.DataFrame, days: int) -> F64:
    """float64[units, days], units as in `per_unit`: summed so, the order of the rows makes no difference."""
    inside = table.lazy().filter((pl.col("day") >= 0) & (pl.col("day") < days))
    placed = inside.join(per_unit.lazy().select("unit").with_row_index("at"), on="unit").select("at", "day", "value")
    at, day, value = (column.to_numpy() for column in placed.collect())
    grid = np.zeros((per_unit.height, days))
    grid[at, day] = value
    return grid


def _control_in(per_unit: pl.DataFrame, control: str) -> bool:
    """Whether any unit is in the control arm."""
    return bool((per_unit["arm"] == control).any())


def _of_day(values: F64) -> Estimate:
    """The mean of one arm's units on one day."""
    moments = Moments.of(values[:, None])
    variance = float(moments.covariance()[0, 0]) / moments.count
    return Estimate(float(moments.mean[0]), variance, moments.count, float(max(moments.count - 1, 1)))


def _day(at: int, control: Estimate, arm: Estimate, alpha: float) -> DayEffect:
    contrast = difference(control, arm)
    if contrast.variance <= 0:
        return DayEffect(at, contrast.value, None)
    half = FixedHorizon().half_width(contrast, alpha)
    return DayEffect(at, contrast.value, Interval(contrast.value - half, contrast.value + half))


def _novelty(
    metric: str, arm: str, control: Estimate, treated: Estimate, effects: list[DayEffect], alpha: float
) -> Novelty:
    contrast = difference(control, treated)
    known = contrast.variance > 0
    half = FixedHorizon().half_width(contrast, alpha) if known else math.inf
    p_value = FixedHorizon().p_value(contrast) if known else 1.0
    overall = sum(item.difference for item in effects)
    state: Literal["steady", "fading", "growing"] = "steady"
    if p_value <= alpha:
        state = "growing" if contrast.value * overall > 0 else "fading"
    text = {
        "steady": "the effect does not change measurably with the days since exposure",
        "fading": "the effect gets weaker with the days since exposure (novelty): expect less than the average",
        "growing": "the effect gets stronger with the days since exposure (learning): expect more than the average",
    }[state]
    return Novelty(
        metric=metric,
        arm=arm,
        units=control.units + treated.units,
        days=effects,
        change=contrast.value,
        change_interval=Interval(contrast.value - half, contrast.value + half) if known else None,
        p_value=p_value,
        state=state,
        text=text,
    )
