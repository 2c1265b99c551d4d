"""Where flags come from: running experiments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Protocol

from msgspec import UNSET, Struct, UnsetType

from frontrow.experiments.assignment.assigner import Assigner
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
