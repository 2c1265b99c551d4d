"""Guardrails: metrics that must not get worse by more than a margin, tested as non-inferiority.

"No significant harm" would pass every small test; here an arm is safe only when harm beyond the margin is ruled out.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from frontrow.experiments.statistics.effect import Effect
from frontrow.experiments.statistics.words import percent, span

MIN_UNITS: Final = 100
"""A side; below, the normal approximation of a skewed metric is not trusted and nothing is decided."""


class GuardrailReading(msgspec.Struct, frozen=True, kw_only=True):
    """safe: the whole interval of the lift is above -margin. harmed: all below it. Else, and below MIN_UNITS a
    side, undecided."""

    metric: str
    arm: str
    margin: float
    state: Literal["safe", "harmed", "undecided"]
    text: str


def read_guardrail(effect: Effect, margin: float) -> GuardrailReading:
    """From the lift's interval; `margin` is relative, and "worse" is down unless the metric is better down."""
    state: Literal["safe", "harmed", "undecided"] = "undecided"
    smallest = min(effect.control_units, effect.arm_units)
    if smallest < MIN_UNITS:
        text = f"only {smallest} units in the smaller arm; nothing is told below {MIN_UNITS}"
    elif effect.lift_interval is None:
        text = "the relative effect is not known yet"
    else:
        worst, best = effect.lift_interval.low, effect.lift_interval.high
        if effect.better == "down":
            worst, best = -best, -worst
        state = "safe" if worst > -margin else "harmed" if best < -margin else "undecided"
        tolerated = percent(margin if effect.better == "down" else -margin)
        text = f"change {span(effect.lift_interval, True)}, tolerated {tolerated}"
    return GuardrailReading(metric=effect.metric, arm=effect.arm, margin=margin, state=state, text=text)
