"""An experiment as it is stated before it starts: the body behind `/v1/experiments`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from frontrow.core.decode import Name, Text
from frontrow.experiments.assignment.split import Split, Unit, Variant

State = Literal["draft", "running", "stopped"]

MOST_OVERRIDES = 1_000
"""Units with an arm by hand: people who try it out, not an audience."""

_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Seed = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One arm; the first of a design is the control. `weight` is its share of those who are in.

    `overrides` maps tunables by their dotted name to this arm's value, and `model` to a published version. `value` is
    what apps read as the flag (null: the arm's key).
    """

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    weight: _Share
    overrides: dict[str, Any] = {}
    value: Any = None


class Guard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metric that must not get worse by more than `margin` (relative; .01: one percent)."""

    metric: Name
    margin: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.01


class Design(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pre-registered experiment. Once it runs nothing of it changes but its `state`, to `stopped`.

    `audience` is a condition over the profile (see docs/experiments.md; {}: everybody). `coverage` is the share of the
    audience that takes part. Experiments of one `layer` exclude each other: each owns `ranges` of its line, [start,
    end) in 0..1. `overrides` gives single units (profiles, or accounts where those are the unit) an arm by hand; they
    are not counted. `minimal_effect` is the relative change of the primary metric that is worth having, `planned_units`
    the sample a side that is planned for. Times are RFC 3339 UTC and set by the service.
    """

    experiment_id: str
    hypothesis: Text
    arms: Annotated[tuple[Arm, ...], msgspec.Meta(min_length=2, max_length=50)]
    primary: Name
    unit: Unit = "profile"
    audience: dict[str, Any] = {}
    coverage: _Share = 1.0
    layer: str | None = None
    ranges: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    seed: _Seed | None = None
    overrides: Annotated[dict[str, str], msgspec.Meta(max_length=MOST_OVERRIDES)] = {}
    guardrails: Annotated[tuple[Guard, ...], msgspec.Meta(max_length=50)] = ()
    minimal_effect: Annotated[float, msgspec.Meta(gt=0)] | None = None
    planned_units: Annotated[int, msgspec.Meta(ge=1)] | None = None
    alpha: Annotated[float, msgspec.Meta(gt=0, lt=0.5)] = 0.05
    state: State = "draft"
    started_at: str | None = None
    stopped_at: str | None = None

    @property
    def models(self) -> set[str]:
        """Versions of models that arms ask for."""
        return {str(arm.overrides[MODEL]) for arm in self.arms if MODEL in arm.overrides}

    def split(self) -> Split:
        """Who is in which arm."""
        return Split(
            key=self.experiment_id,
            variants=tuple(Variant(key=arm.key, weight=arm.weight, value=arm.value) for arm in self.arms),
            unit=self.unit,
            seed=self.seed,
            coverage=self.coverage,
            audience=self.audience,
            layer=self.layer,
            ranges=self.ranges,
            overrides=self.overrides,
        )


MODEL = "model"
"""The override that is no tunable: a published version of the models."""
