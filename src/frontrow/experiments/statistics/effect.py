"""What one arm did to one metric, as it is reported."""

from __future__ import annotations

import math

import msgspec

from frontrow.experiments.statistics.contrast import Contrast, difference, lift
from frontrow.experiments.statistics.estimate import Estimate
from frontrow.experiments.statistics.inference import Inference
from frontrow.experiments.statistics.metric import Kind, Metric


class Interval(msgspec.Struct, frozen=True):
    """From `low` to `high`, at the effect's confidence."""

    low: float
    high: float


class Segment(msgspec.Struct, frozen=True):
    """Units whose `column` holds `level` (as text)."""

    column: str
    level: str


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """An arm against control. Differences are in the metric's unit, lifts relative to |control|.

    An interval is None where nothing can be said: too few units, no variance, a control near zero (lift), or a sample
    so small that every value is possible still.
    """

    metric: str
    kind: Kind
    better: str
    arm: str
    segment: Segment | None
    control_units: int
    arm_units: int
    control_value: float
    arm_value: float
    difference: float
    difference_interval: Interval | None
    lift: float | None
    lift_interval: Interval | None
    p_value: float
    """Of one look for the fixed horizon, else the smallest so far, valid at every look."""
    adjusted_p_value: float | None
    """After Benjamini-Hochberg over its family; None for the primary metric, which stands alone."""
    found: bool
    """The primary: its interval excludes zero. Others: the adjusted p-value is at most α."""
    confidence: float
    variance_reduction: float | None
    """1 - adjusted variance over plain variance of the difference, from the covariates."""
    contradicted: bool
    """This look's interval does not meet those before: the effect moved by more than chance explains."""


def read_effect(
    metric: Metric,
    arm: str,
    estimates: tuple[Estimate, Estimate],
    inference: Inference,
    alpha: float,
    *,
    segment: Segment | None = None,
    plain: tuple[Estimate, Estimate] | None = None,
    previous: Effect | None = None,
) -> Effect:
    """From the estimates of (control, arm); `plain` are those without covariates.

    With the effect of a `previous` look, the intervals are what all looks agree on, which is valid for sequences (and
    only for them), and never takes back what an earlier look ruled out.
    """
    control, treated = estimates
    contrast, relative = difference(control, treated), lift(control, treated)
    absolute_interval = _interval(contrast, inference, alpha)
    relative_interval = _interval(relative, inference, alpha) if relative else None
    p_value = inference.p_value(contrast) if contrast.variance > 0 else 1.0
    contradicted = False
    if previous is not None:
        absolute_interval, apart = intersect(previous.difference_interval, absolute_interval)
        relative_interval, apart_too = intersect(previous.lift_interval, relative_interval)
        contradicted = apart or apart_too or previous.contradicted
        p_value = min(p_value, previous.p_value)
    return Effect(
        metric=metric.name,
        kind=metric.kind,
        better=metric.better,
        arm=arm,
        segment=segment,
        control_units=control.units,
        arm_units=treated.units,
        control_value=control.value,
        arm_value=treated.value,
        difference=contrast.value,
        difference_interval=absolute_interval,
        lift=relative.value if relative else None,
        lift_interval=relative_interval,
        p_value=p_value,
        adjusted_p_value=None,
        found=excludes_zero(absolute_interval),
        confidence=1 - alpha,
        variance_reduction=_reduction(plain, contrast),
        contradicted=contradicted,
    )


def excludes_zero(interval: Interval | None) -> bool:
    """Whether no effect at all is ruled out."""
    return interval is not None and (interval.low > 0 or interval.high < 0)


def intersect(before: Interval | None, now: Interval | None) -> tuple[Interval | None, bool]:
    """What two intervals agree on; where they do not meet, the earlier one and True."""
    if before is None or now is None:
        return before or now, False
    low, high = max(before.low, now.low), min(before.high, now.high)
    return (before, True) if low > high else (Interval(low, high), False)


def _interval(contrast: Contrast, inference: Inference, alpha: float) -> Interval | None:
    if contrast.variance <= 0:
        return None
    half = inference.half_width(contrast, alpha)
    return Interval(contrast.value - half, contrast.value + half) if math.isfinite(half) else None


def _reduction(plain: tuple[Estimate, Estimate] | None, contrast: Contrast) -> float | None:
    if plain is None:
        return None
    without = plain[0].variance + plain[1].variance
    return 1 - contrast.variance / without if without > 0 else None
