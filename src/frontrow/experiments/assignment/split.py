"""What decides who is in which arm: an experiment's split, layers, the holdout; and the outcome, an assignment.

Layers after Tang, Agarwal, O'Brien and Meyer, "Overlapping Experiment Infrastructure", KDD 2010.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from frontrow.experiments.assignment.buckets import BucketRange

Unit = Literal["profile", "account"]
"""What is randomised. Where profiles of one account influence each other, the account must be the unit."""

Reason = Literal["assigned", "override", "no_consent", "no_unit", "holdout", "layer", "audience", "coverage"]
"""Why a unit has its variant; all but the first two mean the control, not in the experiment."""


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One arm. `weight` is its share of those who are in; `value` is what apps read as the flag (null: the key)."""

    key: str
    weight: float
    value: Any = None


class Split(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is in which arm of one experiment; pure, and the same wherever it is computed.

    The first variant is the control. `seed` (default: the key) may never change while the experiment runs; weights
    neither. `coverage` (0..1) may rise: those who are in stay where they are. `ranges` are the parts of the layer's
    line that belong to this experiment. `overrides` name a variant for single units (ids of profiles, or of accounts
    where those are the unit).
    """

    key: str
    variants: tuple[Variant, ...]
    unit: Unit = "profile"
    seed: str | None = None
    coverage: float = 1.0
    audience: dict[str, Any] = {}
    layer: str | None = None
    ranges: tuple[BucketRange, ...] = ((0.0, 1.0),)
    overrides: dict[str, str] = {}

    @property
    def hashed_with(self) -> str:
        """The seed in force."""
        return self.seed or self.key


class Layer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Experiments that exclude each other: each owns ranges of the layer's line, all randomise the same unit."""

    key: str
    unit: Unit = "profile"
    seed: str | None = None

    @property
    def hashed_with(self) -> str:
        """The seed in force; never an experiment's, else a layer's slice would hold one arm only."""
        return self.seed or f"layer:{self.key}"


class Holdout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of units that is in no experiment, for good: what all experiments together did is read against it.

    By account unless said otherwise (a profile without an account counts as one), so that no experiment reaches a held
    out viewer through another profile. Raising `share` adds units and lets none go.
    """

    share: float
    unit: Unit = "account"
    seed: str = "holdout"


class Assignment(Struct, frozen=True, gc=False):
    """A unit's arm in one experiment.

    `in_experiment`: it gets the arm as a member. `counted`: it was randomised, so its outcomes belong in the analysis
    (an override is in, but not counted). `bucket` is where the hash fell, 0..1, or None where nothing was hashed.
    """

    variant: str
    in_experiment: bool
    counted: bool
    bucket: float | None
    reason: Reason
