"""A unit's features and experiments by GrowthBook's rules: the story of `feature` and `run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from msgspec import UNSET

from frontrow.core.decode import convert
from frontrow.core.errors import InvalidRecord
from frontrow.experiments.assignment import sticky as stickiness
from frontrow.experiments.assignment.buckets import bucket_ranges, choose_variation, in_range
from frontrow.experiments.assignment.conditions import matches
from frontrow.experiments.assignment.forcing import forced_by_url
from frontrow.experiments.assignment.hashing import bucket_hash
from frontrow.experiments.assignment.namespaces import in_namespace, passes
from frontrow.experiments.assignment.records import (
    ContextualBandit,
    Experiment,
    ExperimentResult,
    Feature,
    FeatureResult,
    Rule,
)
from frontrow.experiments.assignment.results import Hashed, experiment_of, feature_result, forced_result, result_of
from frontrow.experiments.assignment.values import Groups, nests_deeper, prepare_groups, text_of

LONGEST_CHAIN: Final = 100
"""Features that may stand on each other; a longer chain counts as a circle."""
DEEPEST: Final = 64
"""Levels that a file may nest."""


@dataclass(frozen=True)
class Ruleset:
    """What holds for all units. `forced`: variation numbers by experiment; `qa`: only forced experiments run."""

    features: Mapping[str, Feature] = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)
    bandits: Mapping[str, ContextualBandit] = field(default_factory=dict)
    forced: Mapping[str, int] = field(default_factory=dict)
    enabled: bool = True
    qa: bool = False


class _File(msgspec.Struct, rename="camel"):
    features: dict[str, Feature] = {}
    saved_groups: dict[str, list[Any]] = {}
    contextual_bandits: dict[str, ContextualBandit] = {}
    forced_variations: dict[str, int] = {}
    enabled: bool = True
    qa_mode: bool = False


def parse_ruleset(raw: object) -> Ruleset:
    """A ruleset from JSON with `features`, `savedGroups` and so on; InvalidRecord with a pointer where it is not."""
    if nests_deeper(raw, DEEPEST):
        raise InvalidRecord(f"rules may nest {DEEPEST} levels")
    file = convert(raw, _File)
    groups = prepare_groups(file.saved_groups)
    bandits = file.contextual_bandits
    return Ruleset(file.features, groups, bandits, file.forced_variations, file.enabled, file.qa_mode)


class Evaluation:
    """One unit's evaluation. Holds no lock and reads no clock; make one for each request.

    `sticky` are the unit's documents, or None where nothing is kept; after evaluation `documents` holds what to store.
    """

    def __init__(
        self,
        rules: Ruleset,
        attributes: dict[str, Any],
        *,
        url: str = "",
        sticky: stickiness.Documents | None = None,
    ) -> None:
        self._rules = rules
        self._attributes = attributes
        self._url = url
        self._open: list[str] = []
        self.documents = sticky

    def feature(self, key: str) -> FeatureResult:
        """The value of feature `key`: that of the first rule that takes the unit, else the default."""
        if key in self._open or len(self._open) >= LONGEST_CHAIN:
            return feature_result(None, "cyclicPrerequisite")
        feature = self._rules.features.get(key)
        if feature is None:
            return feature_result(None, "unknownFeature")
        self._open.append(key)
        try:
            for rule in feature.rules:
                if (result := self._by_rule(key, rule)) is not None:
                    return result
        finally:
            self._open.pop()
        return feature_result(feature.default_value, "defaultValue")

    def _by_rule(self, key: str, rule: Rule) -> FeatureResult | None:
        for needed in rule.parent_conditions or ():
            parent = self.feature(needed.id)
            if parent.source == "cyclicPrerequisite":
                return feature_result(None, "cyclicPrerequisite")
            if not matches(needed.condition, {"value": parent.value}, self._rules.groups):
                if needed.gate:
                    return feature_result(None, "prerequisite")
                return None
        if rule.filters and not passes(rule.filters, self._text):
            return None
        if rule.force is not UNSET:
            if self._matches(rule) and self._rolled_out(key, rule):
                return feature_result(rule.force, "force", rule.id)
            return None
        bandit = self._rules.bandits.get(rule.contextual_bandit_ref or "")
        experiment = experiment_of(key, rule, bandit, self._attributes, self._rules.groups)
        if experiment is None:
            return None
        result = self.run(experiment, key)
        if not result.in_experiment or result.passthrough is True:
            return None
        if not result.hash_used:
            experiment = msgspec.structs.replace(experiment, contextual_bandit=UNSET)
        return feature_result(result.value, "experiment", rule.id, experiment, result)

    def run(self, experiment: Experiment, feature: str | None = None) -> ExperimentResult:
        """The unit's variation in an experiment; the first one with `in_experiment` false for those who are not in."""
        hashed = self._hashed(experiment)
        out = forced_result(experiment, hashed, feature, -1)
        if len(experiment.variations) < 2 or not self._rules.enabled:
            return out
        by_url = forced_by_url(experiment.key, self._url, len(experiment.variations))
        by_hand = self._rules.forced.get(experiment.key) if by_url is None else by_url
        if by_hand is not None:
            return forced_result(experiment, hashed, feature, by_hand)
        if experiment.active is False or not hashed.text:
            return out
        variation, blocked = self._remembered(experiment)
        kept = variation >= 0
        if not kept and not self._takes(experiment, hashed):
            return out
        seed = experiment.seed or experiment.key
        bucket = bucket_hash(seed, hashed.text, experiment.hash_version or 1)
        if bucket is None or blocked or experiment.url_patterns:
            return out  # pages' addresses are not known here, and what cannot be checked does not hold
        if not kept:
            variation = choose_variation(bucket, experiment.ranges or _ranges(experiment))
        if variation < 0:
            return out
        if experiment.force is not UNSET:
            return forced_result(experiment, hashed, feature, experiment.force)
        if self._rules.qa:
            return out
        result = result_of(experiment, hashed, feature, variation, bucket, kept)
        if self.documents is not None and not experiment.disable_sticky_bucketing:
            name, text = hashed.attribute, hashed.text
            self.documents = stickiness.remember(self.documents, name, text, experiment, result.key)
        return result

    def _takes(self, experiment: Experiment, hashed: Hashed) -> bool:
        if experiment.filters:
            if not passes(experiment.filters, self._text):
                return False
        elif experiment.namespace and not in_namespace(hashed.text, experiment.namespace):
            return False
        if not self._matches(experiment):
            return False
        for needed in experiment.parent_conditions or ():
            parent = self.feature(needed.id)
            value = {"value": parent.value}
            if parent.source == "cyclicPrerequisite" or not matches(needed.condition, value, self._rules.groups):
                return False
        return True

    def _rolled_out(self, key: str, rule: Rule) -> bool:
        if not rule.range and rule.coverage is UNSET:
            return True
        text = self._hashed(rule).text
        bucket = bucket_hash(rule.seed or key, text, rule.hash_version or 1) if text else None
        if bucket is None:
            return False
        if rule.range:
            return in_range(bucket, rule.range)
        coverage = rule.coverage or 0.0
        return coverage > 0 and bucket <= coverage

    def _hashed(self, split: Experiment | Rule) -> Hashed:
        attribute = split.hash_attribute or "id"
        text = self._text(attribute)
        fallback = split.fallback_attribute
        if not text and fallback and self.documents is not None and not split.disable_sticky_bucketing:
            instead = self._text(fallback)
            if instead:
                return Hashed(fallback, self._attributes.get(fallback), instead)
        return Hashed(attribute, self._attributes.get(attribute) if text else "", text)

    def _remembered(self, experiment: Experiment) -> tuple[int, bool]:
        if self.documents is None or experiment.disable_sticky_bucketing:
            return -1, False
        assignments: dict[str, str] = {}
        for attribute in (experiment.fallback_attribute, experiment.hash_attribute or "id"):
            if attribute and (text := self._text(attribute)):
                found = self.documents.get(stickiness.document_key(attribute, text))
                assignments |= found.assignments if found else {}
        return stickiness.remembered(experiment, assignments)

    def _matches(self, split: Experiment | Rule) -> bool:
        return not split.condition or matches(split.condition, self._attributes, self._rules.groups)

    def _text(self, attribute: str) -> str:
        return text_of(self._attributes.get(attribute))


def _ranges(experiment: Experiment) -> list[tuple[float, float]]:
    coverage = 1.0 if experiment.coverage is UNSET else experiment.coverage
    return bucket_ranges(len(experiment.variations), coverage, experiment.weights or None)
