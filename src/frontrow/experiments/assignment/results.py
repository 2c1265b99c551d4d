"""How results are put together, and how a rule becomes an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from frontrow.experiments.assignment.conditions import matches
from frontrow.experiments.assignment.records import (
    ContextualBandit,
    Experiment,
    ExperimentResult,
    FeatureResult,
    LeafUsed,
    Rule,
    Source,
)
from frontrow.experiments.assignment.sticky import variation_key, variation_meta
from frontrow.experiments.assignment.values import Groups

_SHARED = tuple(
    name
    for name in Rule.__struct_fields__
    if name in Experiment.__struct_fields__ and name not in {"key", "variations"}
)


@dataclass(frozen=True, slots=True)
class Hashed:
    """What is hashed: an attribute, its value as it came, and that as text ("": nothing to hash)."""

    attribute: str
    value: Any
    text: str


def feature_result(
    value: Any,
    source: Source,
    rule: str = "",
    experiment: Experiment | UnsetType = UNSET,
    result: ExperimentResult | UnsetType = UNSET,
) -> FeatureResult:
    """A feature's result. Empty lists and objects are on, as in JavaScript."""
    on = bool(value) or isinstance(value, list | dict)
    return FeatureResult(
        value=value,
        on=on,
        off=not on,
        source=source,
        rule_id=rule,
        experiment=experiment,
        experiment_result=result,
    )


def forced_result(experiment: Experiment, hashed: Hashed, feature: str | None, variation: int) -> ExperimentResult:
    """A result without hashing; a variation that there is not means the first, and not in the experiment."""
    known = 0 <= variation < len(experiment.variations)
    return _result(experiment, hashed, feature, variation if known else 0, known)


def result_of(
    experiment: Experiment, hashed: Hashed, feature: str | None, variation: int, bucket: float, kept: bool
) -> ExperimentResult:
    """The result for a unit that is in, by its bucket or (`kept`) by what is remembered."""
    result = _result(experiment, hashed, feature, variation, True)
    leaf = experiment.contextual_bandit
    result = msgspec.structs.replace(result, hash_used=True, bucket=bucket, sticky_bucket_used=kept)
    if isinstance(leaf, LeafUsed):
        weights, version = leaf.variation_weights, leaf.bandit_version
        result = msgspec.structs.replace(
            result, leaf_id=leaf.leaf_id, variation_weights=weights, bandit_version=version
        )
    return result


def experiment_of(
    feature: str, rule: Rule, bandit: ContextualBandit | None, attributes: dict[str, Any], groups: Groups
) -> Experiment | None:
    """The experiment that a rule runs; None where it runs none. A bandit's leaf gives its weights."""
    variations = rule.variations if rule.contextual_variations is UNSET else rule.contextual_variations
    if variations is UNSET:
        return None
    said = {name: getattr(rule, name) for name in _SHARED if name != "force"}
    experiment = Experiment(key=rule.key or feature, variations=variations, **said)
    if bandit is None or rule.contextual_variations is UNSET:
        return experiment
    version = bandit.bandit_version
    for leaf in bandit.contexts:
        if matches(leaf.condition, attributes, groups):
            used = LeafUsed(leaf_id=leaf.leaf_id, variation_weights=leaf.weights, bandit_version=version)
            return msgspec.structs.replace(experiment, weights=leaf.weights, contextual_bandit=used)
    used = LeafUsed(leaf_id=-1, variation_weights=rule.weights or [], bandit_version=version)
    return msgspec.structs.replace(experiment, contextual_bandit=used)


def _result(
    experiment: Experiment, hashed: Hashed, feature: str | None, variation: int, included: bool
) -> ExperimentResult:
    meta = variation_meta(experiment, variation)
    return ExperimentResult(
        key=variation_key(experiment, variation),
        variation_id=variation,
        value=experiment.variations[variation] if experiment.variations else None,
        in_experiment=included,
        hash_used=False,
        hash_attribute=hashed.attribute,
        hash_value=hashed.value,
        sticky_bucket_used=False,
        feature_id=feature,
        name=meta.name,
        passthrough=meta.passthrough,
    )
