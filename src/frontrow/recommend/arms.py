"""The arms that a request is answered in: assigned locally, resolved once at the top of a story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from frontrow.core.log import Log
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.targeting import attributes_of
from frontrow.experiments.design.design import MODEL, Design
from frontrow.experiments.design.overrides import overridden
from frontrow.experiments.design.register import Register
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile
from frontrow.recommend.tuning import Tuning

_log = Log("frontrow")


NOTHING: Final[Mapping[str, str | None]] = {}
MOST_KNOWN: Final = 10_000
"""Combinations of arms whose settings are kept made ready."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What one request is answered with. `experiments` holds the variant of each running experiment, `counted` those
    in which the viewer was randomised; `model` is a version, None: the published one; `problem` why arms failed."""

    tuning: Tuning
    model: str | None = None
    experiments: dict[str, str] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)
    problem: str | None = None


PLAIN: Final = Resolved(Tuning())
"""No experiment runs, nothing is tuned."""


class Arms:
    """Running experiments, as of the register's version when last asked. One small read a request finds out."""

    def __init__(self, register: Register, tuning: Tuning, default_consent: bool = True) -> None:
        self._register, self._default_consent = register, default_consent
        self._tuning = tuning
        self._plain = Resolved(tuning)
        self._version = 0
        self._designs: dict[str, Design] = {}
        self._overriding: set[str] = set()
        self._known: dict[tuple[tuple[str, str], ...], tuple[Tuning, str | None]] = {}
        self.assigner = Assigner([])
        self.refused: frozenset[str] = frozenset()
        """Versions of models that could not be loaded, as of the last `load`."""
        self._loaded = 0
        self._problem: str | None = None

    @property
    def models(self) -> set[str]:
        """Versions of models that running arms ask for."""
        return set().union(*(design.models for design in self._designs.values()))

    def fresh(self) -> Arms:
        """These arms, with every change that was answered before this call."""
        version = self._register.version()
        if version != self._version:
            designs = [design for _, design in self._register.all() if design.state == "running"]
            self._designs = {design.experiment_id: design for design in designs}
            self._overriding = {design.experiment_id for design in designs if any(arm.overrides for arm in design.arms)}
            self._known = {}
            self._refuse(self.refused)
            self._version = version
        return self

    def load(self, pin: Callable[[set[str]], set[str]]) -> None:
        """Has the models of arms loaded by `pin`, which gives those that fail; they are tried anew after a change."""
        self.fresh()
        failed: frozenset[str] = self.refused if self._loaded == self._version else frozenset()
        failed |= pin(self.models - failed)
        self._loaded = self._version
        if failed != self.refused:
            self._refuse(failed)

    def _refuse(self, versions: frozenset[str]) -> None:
        """Experiments that ask for one of these versions take nobody in: every viewer gets their control, uncounted.

        Leaving out only the arm that lacks its model would leave the other arms counted, and so a mismatch of sizes.
        """
        halted = {key for key, design in self._designs.items() if design.models & versions}
        self.assigner = self._register.assigner(
            [structs.replace(it, coverage=0.0) if key in halted else it for key, it in self._designs.items()]
        )
        self.refused = versions
        said = [f"model {', '.join(sorted(self._designs[key].models & versions))} of {key}" for key in sorted(halted)]
        self._problem = f"experiments: {'; '.join(said)} was refused, so it counts nobody" if said else None

    def resolve(
        self, profile_id: str | None, known: KnownProfile | None, context: Mapping[str, str | None] = NOTHING
    ) -> Resolved:
        """The arms of a viewer; `context` is what the request says (device, country, language). Whatever fails, the
        request is answered as without experiments, and says so."""
        try:
            self.fresh()
            if not self._designs or profile_id is None:
                return self._plain
            return self._resolve(known.profile if known else Profile(profile_id=profile_id), context)
        except Exception as error:  # noqa: BLE001 - a page is answered whatever failed behind it
            _log.warning("experiments failed", error=type(error).__name__)
            return Resolved(self._tuning, problem=f"experiments: {type(error).__name__}")

    def _resolve(self, profile: Profile, context: Mapping[str, str | None]) -> Resolved:
        consent = profile.consent.experiments
        consents = self._default_consent if consent is None else consent
        attributes = attributes_of(profile, context)
        found = self.assigner.assign(profile.profile_id, attributes, consents, profile.account_id)
        tuning, model = self._tuned(
            tuple((key, it.variant) for key, it in found.items() if it.in_experiment and key in self._overriding)
        )
        return Resolved(
            tuning,
            model,
            {key: assignment.variant for key, assignment in found.items()},
            {key: assignment.variant for key, assignment in found.items() if assignment.counted},
            self._problem,
        )

    def _tuned(self, arms: tuple[tuple[str, str], ...]) -> tuple[Tuning, str | None]:
        """Tunables and model of a combination of (experiment, variant), made once."""
        known = self._known.get(arms)
        if known is None:
            overrides: dict[str, object] = {}
            for key, variant in arms:
                overrides |= next(arm.overrides for arm in self._designs[key].arms if arm.key == variant)
            model = overrides.get(MODEL)
            known = overridden(self._tuning, overrides, self._register.prefix), None if model is None else str(model)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[arms] = known
        return known
