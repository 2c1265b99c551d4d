"""What to do, in one word and reasons: ship, stop, keep running, or broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from frontrow.experiments.statistics.effect import Effect
from frontrow.experiments.statistics.guardrail import MIN_UNITS, GuardrailReading
from frontrow.experiments.statistics.words import number, percent, span

Decision = Literal["ship", "stop", "keep running", "broken"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """For one arm. All but `keep running` are final: a later look repeats them and adds what it saw."""

    arm: str
    decision: Decision
    reasons: list[str]


@dataclass(frozen=True)
class Rules:
    """What the decision goes by. `minimal_effect` is the relative lift of the primary metric that is worth having."""

    sequence: bool
    planned: float | None
    minimal_effect: float | None


def decide(
    primary: Effect, guardrails: Sequence[GuardrailReading], faults: Sequence[str], rules: Rules, before: Verdict | None
) -> Verdict:
    """The verdict on one arm. Faults come first, then harm, then the primary metric.

    With sequences one may decide at any look; a `before` that is final stays, because the decision that it led to was
    made with all errors accounted for. With a fixed horizon nothing is decided before the planned units are in.
    """
    decision, reasons = _now(primary, guardrails, faults, rules)
    if before is not None and before.decision != "keep running":
        kept = [f"decided at an earlier look: {before.decision}", *before.reasons]
        if decision not in (before.decision, "keep running"):
            kept.append(f"this look alone would say {decision}: {reasons[0]}")
        return Verdict(arm=primary.arm, decision=before.decision, reasons=_unique(kept))
    return Verdict(arm=primary.arm, decision=decision, reasons=reasons)


def _now(
    primary: Effect, guardrails: Sequence[GuardrailReading], faults: Sequence[str], rules: Rules
) -> tuple[Decision, list[str]]:
    if faults:
        return "broken", list(faults)
    smallest = min(primary.control_units, primary.arm_units)
    if smallest < MIN_UNITS:
        return "keep running", [f"only {smallest} units in the smaller arm; nothing is decided below {MIN_UNITS}"]
    if not rules.sequence and rules.planned is not None and smallest < rules.planned:
        text = f"{smallest:,} of {number(rules.planned)} planned units a side; a fixed horizon is read at its end only"
        return "keep running", [text]
    if harmed := [f"guardrail {item.metric} is harmed: {item.text}" for item in guardrails if item.state == "harmed"]:
        return "stop", harmed
    return _by_primary(primary, guardrails, rules)


def _by_primary(primary: Effect, guardrails: Sequence[GuardrailReading], rules: Rules) -> tuple[Decision, list[str]]:
    said = _said(primary)
    if primary.difference_interval is None:
        return "keep running", [f"{primary.metric}: no interval can be given yet"]
    sign = -1 if primary.better == "down" else 1
    low, high = sorted((sign * primary.difference_interval.low, sign * primary.difference_interval.high))
    if high < 0:
        return "stop", [f"{said}: worse than control"]
    if low > 0:
        waiting = [
            f"guardrail {item.metric} is not yet safe: {item.text}" for item in guardrails if item.state != "safe"
        ]
        if waiting:
            return "keep running", [f"{said}: better than control", *waiting]
        safe = [f"guardrail {item.metric} is safe: {item.text}" for item in guardrails]
        return "ship", [f"{said}: better than control", *safe]
    if rules.minimal_effect is not None and primary.lift_interval is not None:
        best = primary.lift_interval.high if sign > 0 else -primary.lift_interval.low
        if best < rules.minimal_effect:
            return "stop", [f"{said}: an effect of {percent(rules.minimal_effect)} is ruled out"]
    reasons = [f"{said}: no effect is still possible"]
    if rules.planned is not None and min(primary.control_units, primary.arm_units) >= rules.planned:
        if not rules.sequence:
            return "stop", [f"{said}: no effect found with the planned units"]
        reasons.append("the planned units are in; what is still possible is in the interval")
    return "keep running", reasons


def _said(effect: Effect) -> str:
    if effect.lift is not None and effect.lift_interval is not None:
        return f"{effect.metric} {percent(effect.lift)} ({span(effect.lift_interval, True)})"
    return f"{effect.metric} {number(effect.difference)} ({span(effect.difference_interval, False)})"


def _unique(reasons: list[str]) -> list[str]:
    return list(dict.fromkeys(reasons))
