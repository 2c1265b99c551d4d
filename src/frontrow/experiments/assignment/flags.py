"""Where flags come from: running experiments, and features with rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, Protocol

from msgspec import UNSET, Struct, UnsetType

from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.evaluate import Evaluation, Ruleset
from frontrow.experiments.assignment.records import FeatureResult
from frontrow.experiments.assignment.split import Reason

FlagReason = Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "UNKNOWN"]
"""OpenFeature's words for why a flag has its value."""


class FlagContext(Struct, frozen=True):
    """Whom a flag is asked for: the targeting key (a profile id) and the attributes that came with it."""

    targeting_key: str
    attributes: dict[str, Any] = {}


class Resolution(Struct, frozen=True, kw_only=True):
    """A flag's value; UNSET leaves it to the app's own default. `error` says why there is none, and outranks it."""

    value: Any = UNSET
    reason: FlagReason = "UNKNOWN"
    variant: str | UnsetType = UNSET
    metadata: dict[str, bool | str | int | float] = {}
    error: str | None = None


Resolver = Callable[[str], Resolution | None]
"""From a flag's key to its value for one context; None: there is no such flag."""


class FlagSource(Protocol):
    """Something that has flags."""

    def names(self) -> Sequence[str]:
        """The keys of all flags, in order."""
        ...

    def resolver(self, context: FlagContext) -> Resolver:
        """What answers for one context; what is common to its flags is done once."""
        ...


class Subject(Struct, frozen=True, kw_only=True):
    """What experiments need to know of a viewer; arguments of `Assigner.assign`."""

    unit_id: str
    attributes: dict[str, Any] = {}
    consent: bool
    account_id: str | None = None


_REASONS: Final[dict[Reason, FlagReason]] = {"assigned": "SPLIT", "override": "TARGETING_MATCH"}


class ExperimentFlags:
    """Each running experiment as a flag of its key, whose value is the variant's (its key where it states none).

    `subject_of` finds the viewer of a context: its profile's fields and consent.
    """

    def __init__(self, assigner: Assigner, subject_of: Callable[[FlagContext], Subject]) -> None:
        self._assigner = assigner
        self._subject_of = subject_of
        self._values = {
            split.key: {each.key: each.key if each.value is None else each.value for each in split.variants}
            for split in assigner.experiments
        }

    def names(self) -> Sequence[str]:
        """The keys of the experiments."""
        return sorted(self._values)

    def resolver(self, context: FlagContext) -> Resolver:
        """Answers for one viewer; the profile is looked up once."""
        subject = self._subject_of(context)

        def resolve(key: str) -> Resolution | None:
            if key not in self._values:
                return None
            it = self._assigner.assign_one(
                key, subject.unit_id, subject.attributes, subject.consent, subject.account_id
            )
            return Resolution(
                value=self._values[key][it.variant],
                reason=_REASONS.get(it.reason, "DEFAULT"),
                variant=it.variant,
                metadata={"assignment": it.reason, "inExperiment": it.in_experiment, "counted": it.counted},
            )

        return resolve


class FeatureFlags:
    """Features with rules, in GrowthBook's form. The targeting key is attribute `id` unless the context states one."""

    def __init__(self, rules: Ruleset) -> None:
        self._rules = rules

    def names(self) -> Sequence[str]:
        """The keys of the features."""
        return sorted(self._rules.features)

    def resolver(self, context: FlagContext) -> Resolver:
        """Answers for one context."""
        evaluation = Evaluation(self._rules, {"id": context.targeting_key, **context.attributes})

        def resolve(key: str) -> Resolution | None:
            if key not in self._rules.features:
                return None
            return _resolution(evaluation.feature(key), fixed=not self._rules.features[key].rules)

        return resolve


class Flags:
    """Several sources as one; where two have a key, the first answers."""

    def __init__(self, sources: Iterable[FlagSource]) -> None:
        self._sources = tuple(sources)

    def names(self) -> Sequence[str]:
        """All keys, each once."""
        return sorted({key for source in self._sources for key in source.names()})

    def resolver(self, context: FlagContext) -> Resolver:
        """Asks the sources in order."""
        resolvers = [source.resolver(context) for source in self._sources]

        def resolve(key: str) -> Resolution | None:
            found = (resolve_one(key) for resolve_one in resolvers)
            return next((each for each in found if each is not None), None)

        return resolve


def _resolution(result: FeatureResult, fixed: bool) -> Resolution:
    if result.source == "cyclicPrerequisite":
        return Resolution(error="the flag's prerequisites form a circle")
    value = UNSET if result.value is None else result.value
    if result.source == "force":
        return Resolution(value=value, reason="TARGETING_MATCH", metadata={"rule": result.rule_id})
    run = result.experiment_result
    if run is not UNSET:
        reason: FlagReason = "SPLIT" if run.hash_used else "TARGETING_MATCH"
        return Resolution(value=value, reason=reason, variant=run.key, metadata={"rule": result.rule_id})
    return Resolution(value=value, reason="STATIC" if fixed else "DEFAULT")
