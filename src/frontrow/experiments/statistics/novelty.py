"""Effects that fade or grow: the effect by day since a unit was first exposed, and whether it changes.

Daily effects of the same units depend on each other, so a line through them has no honest error. The test here is of
one number a unit: its mean over the later days less its mean over the early ones, compared between the arms by Welch's
test. Only units observed through all days count, so that later days are not a selection of loyal units.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import polars as pl

from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.statistics.contrast import difference
from frontrow.experiments.statistics.effect import Interval
from frontrow.experiments.statistics.estimate import Estimate, estimate
from frontrow.experiments.statistics.inference import FixedHorizon
from frontrow.experiments.statistics.moments import Moments


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
    inside = table.lazy().filter((pl.col("day") >= 0) & (pl.col("day") < days))
    if not _control_in(per_unit, control):
        raise UsageError(f"no unit has {control} in column {arm}")
    half = days // 2
    sides = inside.group_by("unit").agg(
        pl.col("value").filter(pl.col("day") >= days - half).sum().alias("late") / half,
        pl.col("value").filter(pl.col("day") < half).sum().alias("early") / half,
    )
    units = per_unit.join(sides.collect(), on="unit", how="left", maintain_order="left").with_columns(
        (pl.col("late").fill_null(0.0) - pl.col("early").fill_null(0.0)).alias("change")
    )
    sizes = dict(units.group_by("arm").len().iter_rows())
    daily = inside.group_by("arm", "day").agg(pl.col("value").sum(), (pl.col("value") ** 2).sum().alias("square"))
    cells = {(name, at): (total, square) for name, at, total, square in daily.collect().iter_rows()}
    changes = {name: units.filter(pl.col("arm") == name)["change"].to_numpy() for name in sizes}
    found = []
    for name in sorted(set(sizes) - {control}):
        effects = [
            _day(at, _of_sums(sizes[control], *cells.get((control, at), (0.0, 0.0))),
                 _of_sums(sizes[name], *cells.get((name, at), (0.0, 0.0))), alpha)
            for at in range(days)
        ]  # fmt: skip
        before = estimate(Moments.of(changes[control][:, None]), "mean")
        after = estimate(Moments.of(changes[name][:, None]), "mean")
        if before is None or after is None:
            raise FrontrowError(f"arm {name} or {control} has fewer than two units")
        found.append(_novelty(value, name, before, after, effects, alpha))
    return found


def _control_in(per_unit: pl.DataFrame, control: str) -> bool:
    """Whether any unit is in the control arm."""
    return bool((per_unit["arm"] == control).any())


def _of_sums(count: int, total: float, square: float) -> Estimate:
    mean = total / count
    variance = max(square - count * mean * mean, 0.0) / max(count - 1, 1) / count
    return Estimate(mean, variance, count, float(max(count - 1, 1)))


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
