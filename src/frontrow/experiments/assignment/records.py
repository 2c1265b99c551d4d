"""Features, rules, inline experiments and results as GrowthBook's JSON has them (specification 0.8).

Unknown fields are ignored, so that a newer file still reads. Absent is UNSET, never a default: a result repeats exactly
what its rule said.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from frontrow.experiments.assignment.buckets import BucketRange

Condition = dict[str, Any]
Namespace = tuple[str, float, float]
"""Name, start, end."""

Source = Literal["unknownFeature", "defaultValue", "force", "experiment", "prerequisite", "cyclicPrerequisite"]


class _Record(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    pass


class Filter(_Record, frozen=True, kw_only=True):
    """Lets through the units whose bucket under `seed` lies in one of the ranges."""

    seed: str
    ranges: list[BucketRange]
    attribute: str = "id"
    hash_version: int = 2


class Prerequisite(_Record, frozen=True, kw_only=True):
    """Another feature whose value must fulfil a condition (on `value`); a gate ends the feature, else only the rule."""

    id: str
    condition: Condition
    gate: bool = False


class VariationMeta(_Record, frozen=True, kw_only=True):
    """A variation's key and name; `passthrough`: the next rules are tried for those who are in it."""

    key: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    passthrough: bool | UnsetType = UNSET


class BanditLeaf(_Record, frozen=True, kw_only=True):
    """Weights for those who fulfil the condition."""

    leaf_id: int
    weights: list[float]
    condition: Condition = {}


class ContextualBandit(_Record, frozen=True, kw_only=True):
    """Leaves in order; the first whose condition holds gives the weights."""

    contexts: list[BanditLeaf] = []
    bandit_version: int | UnsetType = UNSET


class LeafUsed(_Record, frozen=True, kw_only=True):
    """The leaf that gave the weights; -1: none held, the rule's own weights were used."""

    leaf_id: int
    variation_weights: list[float]
    bandit_version: int | UnsetType = UNSET


class _Split(_Record, frozen=True, kw_only=True):
    """What a rule and an inline experiment share: whom it takes, and how it splits them."""

    weights: list[float] | UnsetType = UNSET
    coverage: float | UnsetType = UNSET
    ranges: list[BucketRange] | UnsetType = UNSET
    filters: list[Filter] | UnsetType = UNSET
    namespace: Namespace | UnsetType = UNSET
    condition: Condition | UnsetType = UNSET
    parent_conditions: list[Prerequisite] | UnsetType = UNSET
    hash_attribute: str | UnsetType = UNSET
    fallback_attribute: str | UnsetType = UNSET
    hash_version: int | UnsetType = UNSET
    seed: str | UnsetType = UNSET
    meta: list[VariationMeta] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    phase: str | UnsetType = UNSET
    disable_sticky_bucketing: bool | UnsetType = UNSET
    bucket_version: int | UnsetType = UNSET
    min_bucket_version: int | UnsetType = UNSET
    url_patterns: list[Any] | UnsetType = UNSET


class Experiment(_Split, frozen=True, kw_only=True):
    """An experiment among `variations`, which are its values. `force` gives everyone who is in that variation."""

    key: str
    variations: list[Any]
    active: bool | UnsetType = UNSET
    force: int | UnsetType = UNSET
    contextual_bandit: LeafUsed | UnsetType = UNSET


class Rule(_Split, frozen=True, kw_only=True):
    """One rule of a feature: a forced value, or an experiment; the first that takes the unit decides."""

    id: str = ""
    key: str | UnsetType = UNSET
    force: Any = UNSET
    range: BucketRange | UnsetType = UNSET
    variations: list[Any] | UnsetType = UNSET
    contextual_variations: list[Any] | UnsetType = UNSET
    contextual_bandit_ref: str | UnsetType = UNSET


class Feature(_Record, frozen=True, kw_only=True):
    """A feature: its default value, and the rules that override it."""

    default_value: Any = None
    rules: list[Rule] = []


class ExperimentResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an experiment gave a unit. `hash_value` is the attribute as it came; `bucket` is absent when not hashed."""

    key: str
    variation_id: int
    value: Any
    in_experiment: bool
    hash_used: bool
    hash_attribute: str
    hash_value: Any
    sticky_bucket_used: bool
    feature_id: str | None = None
    bucket: float | UnsetType = UNSET
    name: str | UnsetType = UNSET
    passthrough: bool | UnsetType = UNSET
    leaf_id: int | UnsetType = UNSET
    variation_weights: list[float] | UnsetType = UNSET
    bandit_version: int | UnsetType = UNSET


class FeatureResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """A feature's value for a unit and where it came from; `on` is its truth in JavaScript's sense."""

    value: Any
    on: bool
    off: bool
    source: Source
    rule_id: str
    experiment: Experiment | UnsetType = UNSET
    experiment_result: ExperimentResult | UnsetType = UNSET
