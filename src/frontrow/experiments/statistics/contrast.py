"""Two arms compared: the difference, and the lift relative to control."""

from __future__ import annotations

import math
from dataclasses import dataclass

from frontrow.experiments.statistics.estimate import Estimate

_CLEAR_OF_ZERO = 4.0


@dataclass(frozen=True)
class Contrast:
    """`value` with `variance` (squared standard error), Welch's `degrees` of freedom, and the information in `units`.

    units is the harmonic mean of the two arms' counts: what a balanced test of as much information has a side.
    """

    value: float
    variance: float
    degrees: float
    units: float


def difference(control: Estimate, arm: Estimate) -> Contrast:
    """arm - control."""
    return Contrast(
        arm.value - control.value,
        arm.variance + control.variance,
        _welch(control, arm),
        2 * control.units * arm.units / (control.units + arm.units),
    )


def lift(control: Estimate, arm: Estimate) -> Contrast | None:
    """(arm - control) / |control|, by the delta method; positive when the arm is above.

    None where the control's value is within four standard errors of zero: there a ratio has no useful interval.
    """
    base = abs(control.value)
    if base == 0 or base <= _CLEAR_OF_ZERO * math.sqrt(control.variance):
        return None
    plain = difference(control, arm)
    variance = arm.variance / base**2 + control.variance * arm.value**2 / base**4
    return Contrast(plain.value / base, variance, plain.degrees, plain.units)


def _welch(control: Estimate, arm: Estimate) -> float:
    """Welch-Satterthwaite degrees of freedom; inf for normal estimates."""
    if math.isinf(control.degrees) or math.isinf(arm.degrees):
        return math.inf
    parts = [control.variance**2 / control.degrees, arm.variance**2 / arm.degrees]
    total = sum(parts)
    return (control.variance + arm.variance) ** 2 / total if total > 0 else control.degrees + arm.degrees
