"""The result of reading an experiment: typed, and the same as JSON."""

from __future__ import annotations

import msgspec

from frontrow.experiments.statistics.effect import Effect
from frontrow.experiments.statistics.guardrail import GuardrailReading
from frontrow.experiments.statistics.novelty import Novelty
from frontrow.experiments.statistics.ratio_mismatch import RatioMismatch
from frontrow.experiments.statistics.verdict import Decision, Verdict


class ArmUnits(msgspec.Struct, frozen=True):
    """Units of one arm, after what had to be left out."""

    arm: str
    units: int


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a read-out says; hand it back as `previous` at the next look."""

    unit: str
    control: str
    arms: list[ArmUnits]
    primary: str
    method: str
    """sequence: valid at every look. fixed: valid at one look at the planned sample only."""
    alpha: float
    planned_units: float | None
    minimal_effect: float | None
    covariates: list[str]
    mismatch: RatioMismatch
    verdicts: list[Verdict]
    effects: list[Effect]
    """Every metric, then every arm; the primary metric first."""
    segments: list[Effect]
    guardrails: list[GuardrailReading]
    warnings: list[str]
    novelty: list[Novelty] = msgspec.field(default_factory=list)
    """Put there by who has day-by-day data; see `effect_by_day`."""
    looks: int = 1

    @property
    def decision(self) -> Decision:
        """Of the experiment: broken before all; then ship if any arm ships, stop if all stop."""
        said = [verdict.decision for verdict in self.verdicts]
        if "broken" in said:
            return "broken"
        if "ship" in said:
            return "ship"
        return "stop" if all(word == "stop" for word in said) else "keep running"

    def to_json(self) -> bytes:
        """As JSON, numbers in full."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)


def analysis_from_json(data: bytes) -> Analysis:
    """The inverse of `to_json`."""
    return msgspec.json.decode(data, type=Analysis)
