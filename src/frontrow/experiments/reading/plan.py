"""How long a test must run, from the service's own past: the minimal effect that each duration can find."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import polars as pl

from frontrow.core.clock import DAY
from frontrow.core.errors import FrontrowError, UsageError
from frontrow.experiments.metrics.definitions import BEFORE, MetricDefinition
from frontrow.experiments.metrics.tables import MetricTables
from frontrow.experiments.metrics.totals import RETURN_DAYS, unit_totals
from frontrow.experiments.reading.unit_rows import COVARIATE_DAYS
from frontrow.experiments.statistics.duration import days_needed
from frontrow.experiments.statistics.estimate import adjustment, estimate
from frontrow.experiments.statistics.moments import Moments
from frontrow.experiments.statistics.power import sample_plan

DURATIONS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84)
"""Days that are tried, as far as the past reaches."""
FEWEST: Final = 20
MOST_DAYS: Final = 365
"""What would take longer is not said in days: viewers of a year from now are not those of today."""


@dataclass(frozen=True)
class Wanted:
    """What is planned: the relative `effect` (.02), `arms` of equal size, `coverage` of the audience. `covariate_days`
    before a unit's first narrow the intervals; None: 28, but no more than half of the past."""

    metric: MetricDefinition
    effect: float
    arms: int = 2
    coverage: float = 1.0
    alpha: float = 0.05
    power: float = 0.8
    covariate_days: int | None = None
    looks: int = 100

    def check(self) -> None:
        """UsageError for what cannot be planned."""
        if not 0 < self.effect < 10:
            raise UsageError("the effect must lie above 0 and below 10; .02 means two percent")
        if not 2 <= self.arms <= 50:
            raise UsageError("a test has 2 to 50 arms, the control among them")
        if not 0 < self.coverage <= 1:
            raise UsageError("the coverage must lie above 0 and at most at 1")
        if not 0 < self.alpha < 0.5 or not self.alpha < self.power < 1:
            raise UsageError("alpha must lie between 0 and .5, and the power between alpha and 1")
        if (self.covariate_days or 0) < 0:
            raise UsageError("the covariate's days cannot be negative")


class PlanPoint(msgspec.Struct, frozen=True):
    """What a test of `days` finds: the smallest relative effect, of one look at its end and of a sequence."""

    days: int
    units: float
    """A side."""
    fixed_effect: float
    sequence_effect: float
    mean: float
    variance_reduction: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Days and units a side that find `effect` with `power`; None: not within a year at the pace of the past.

    `expected_days` is when a sequence stops on average if the effect is true. `observed_days` is how far the past
    reaches; what lies beyond is extrapolated at the pace of its last quarter.
    """

    metric: str
    unit: str
    effect: float
    arms: int
    coverage: float
    alpha: float
    power: float
    fixed_units: float
    sequence_units: float
    fixed_days: float | None
    sequence_days: float | None
    expected_days: float | None
    covariate_days: int
    observed_days: int
    curve: list[PlanPoint]


def make_plan(
    wanted: Wanted, unit: str, tables: MetricTables, members: pl.DataFrame, genres: pl.DataFrame, now: int
) -> Plan:
    """From the whole days before `now` (microseconds UTC). A unit enters with its first event in the span, as it would
    with its first page. FrontrowError where the past is too short, or the metric never moved in it."""
    wanted.check()
    own = members.filter("consents", pl.col("unit").is_not_null()).select("profile", "unit")
    today = now // DAY
    active = tables.days.filter((pl.col("active") > 0) & (pl.col("day") < today)).join(own, on="profile")
    active = active.select("unit", "day").unique()
    if active.is_empty():
        raise FrontrowError("there are no events before today to plan from", "Import some history first")
    past = int(today - active["day"].min())  # type: ignore[operator]
    before = min(COVARIATE_DAYS, past // 2) if wanted.covariate_days is None else wanted.covariate_days
    wanted, history = replace(wanted, covariate_days=before), past - before
    durations = [days for days in DURATIONS if days <= history and _possible(wanted.metric, days)]
    if not durations:
        raise FrontrowError(
            f"the past reaches back {past} days; {before} of them are the covariate's, and what is left "
            f"is too short for {wanted.metric.name}",
            "Take fewer with --covariate-days",
        )
    pages, points = tables.all_page_days(), []
    for days in durations:
        spans = active.filter(pl.col("day") >= today - days).group_by("unit").agg(pl.col("day").min().alias("from_day"))
        spans = spans.with_columns(to_day=pl.lit(today - 1, pl.Int32))
        point = _point(wanted, days, tables.days, pages, own, spans, genres)
        if point is not None:
            points.append(point)
    if not points:
        raise FrontrowError(f"{wanted.metric.name} never moved in the last {durations[-1]} days: nothing to plan from")
    return _plan(wanted, unit, points, _reach(active, today, durations[-1]))


def _possible(metric: MetricDefinition, days: int) -> bool:
    return metric.name != "return_rate" or days > RETURN_DAYS


def _point(
    wanted: Wanted, days: int, by_day: pl.DataFrame, pages: pl.DataFrame, own: pl.DataFrame, spans: pl.DataFrame,
    genres: pl.DataFrame,
) -> PlanPoint | None:  # fmt: skip
    """What the last `days` days would have found; None where too few units did anything."""
    definition, level = wanted.metric, wanted.alpha / (wanted.arms - 1)
    totals = unit_totals(by_day, pages, own, spans, genres)
    if wanted.covariate_days:
        earlier = spans.select(
            "unit", from_day=pl.col("from_day") - wanted.covariate_days, to_day=pl.col("from_day") - 1
        )
        before = unit_totals(by_day, pages, own, earlier, genres).select("unit", *definition.before)
        totals = totals.join(before.rename({name: BEFORE + name for name in definition.before}), on="unit")
        columns = [*definition.columns, *(BEFORE + name for name in definition.before)]
    else:
        columns = list(definition.columns)
    moments = Moments.of(totals.select(columns).drop_nulls().to_numpy())
    outcome = len(definition.columns)
    plain = estimate(
        Moments(moments.count, moments.mean[:outcome], moments.comoment[:outcome, :outcome]), definition.kind
    )
    found = estimate(moments, definition.kind, adjustment(moments, definition.kind)) if plain else None
    if plain is None or found is None or moments.count < FEWEST or found.variance <= 0 or plain.value == 0:
        return None
    side = moments.count * wanted.coverage / wanted.arms
    one = sample_plan(found.variance * found.units, 1.0, alpha=level, power=wanted.power, looks=wanted.looks)
    scale = abs(plain.value) * math.sqrt(side)
    return PlanPoint(
        days, side, math.sqrt(one.fixed_units) / scale, math.sqrt(one.sequence_units) / scale, plain.value,
        1 - found.variance / plain.variance,
    )  # fmt: skip


def _reach(active: pl.DataFrame, today: int, days: int) -> list[float]:
    """Distinct units after 1, 2, … of the last `days` days."""
    first = active.filter(pl.col("day") >= today - days).group_by("unit").agg(pl.col("day").min())
    counts = dict(first.group_by("day").len().iter_rows())
    total, reach = 0.0, []
    for day in range(today - days, today):
        total += counts.get(day, 0)
        reach.append(total)
    return reach


def _plan(wanted: Wanted, unit: str, points: Sequence[PlanPoint], reach: Sequence[float]) -> Plan:
    fixed_units, fixed_days = _needed(wanted, points, reach, [each.fixed_effect for each in points])
    sequence_units, sequence_days = _needed(wanted, points, reach, [each.sequence_effect for each in points])
    share = sample_plan(1.0, 1.0, alpha=wanted.alpha / (wanted.arms - 1), power=wanted.power, looks=wanted.looks)
    expected = None if sequence_days is None else sequence_days * share.expected_units / share.sequence_units
    return Plan(
        metric=wanted.metric.name,
        unit=unit,
        effect=wanted.effect,
        arms=wanted.arms,
        coverage=wanted.coverage,
        alpha=wanted.alpha,
        power=wanted.power,
        fixed_units=fixed_units,
        sequence_units=sequence_units,
        fixed_days=fixed_days,
        sequence_days=sequence_days,
        expected_days=expected,
        covariate_days=wanted.covariate_days or 0,
        observed_days=points[-1].days,
        curve=list(points),
    )


def _needed(
    wanted: Wanted, points: Sequence[PlanPoint], reach: Sequence[float], effects: Sequence[float]
) -> tuple[float, float | None]:
    """(units a side, days) at which `effects` (of the points) come down to the wanted one."""
    for at, (point, effect) in enumerate(zip(points, effects, strict=True)):
        if effect <= wanted.effect:
            if at == 0:
                return point.units, float(point.days)
            last, above = points[at - 1], effects[at - 1]
            share = math.log(above / wanted.effect) / math.log(above / effect)
            return (
                last.units * (point.units / last.units) ** share,
                last.days * (point.days / last.days) ** share,
            )
    units = points[-1].units * (effects[-1] / wanted.effect) ** 2
    if len(reach) < 2:
        return units, None
    days = days_needed(units * wanted.arms, reach, wanted.coverage)
    return units, days if days <= MOST_DAYS else None
