"""The register of experiments: stated, started, stopped; what runs is not changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from frontrow.core.clock import Clock, format_time
from frontrow.core.decode import convert, decode
from frontrow.core.errors import Conflict, InvalidRecord, NotFound, UsageError
from frontrow.core.ids import check_id
from frontrow.experiments.assignment.assigner import Assigner
from frontrow.experiments.assignment.checks import check_split
from frontrow.experiments.assignment.split import Holdout, Layer
from frontrow.experiments.design.design import Design
from frontrow.experiments.design.overrides import check_model, overridden
from frontrow.experiments.design.store import ControlStore, Stored
from frontrow.experiments.metrics.definitions import metric_named

_encode = msgspec.json.Encoder().encode
_BY_SERVICE = ("state", "started_at", "stopped_at")

Versioned = tuple[int, Design]


class Register:
    """Designs by id, with the rules of their life: draft → running → stopped.

    `tunables` are the settings that arms may override, under names that begin with `prefix`; `published` gives the
    versions of models that are kept; `clock` is the service's.
    """

    def __init__(
        self,
        store: ControlStore,
        tunables: msgspec.Struct,
        prefix: str,
        published: Callable[[], Collection[str]],
        clock: Clock,
        holdout_share: float = 0.0,
    ) -> None:
        self.tunables, self.prefix = tunables, prefix
        self._store, self._published, self._clock = store, published, clock
        self._holdout = Holdout(share=holdout_share) if holdout_share > 0 else None

    def version(self) -> int:
        """Rises with every change."""
        return self._store.version()

    def all(self) -> list[Versioned]:
        """Every design with its version, in order of id."""
        return [_read(stored) for stored in self._store.everything().values()]

    def find(self, experiment_id: str) -> Versioned:
        """One design; NotFound if there is none."""
        stored = self._store.everything().get(check_id(experiment_id, "/experiment_id"))
        if stored is None:
            raise NotFound(f"there is no experiment {experiment_id}")
        return _read(stored)

    def put(self, experiment_id: str, raw: Mapping[str, Any], matches: Callable[[int | None], bool]) -> Versioned:
        """Stores a design, starts it (`state` running) or stops it (stopped). `matches` is asked with the stored
        version (None: there is none) whether to go on; Conflict otherwise, InvalidRecord for what may not be."""
        check_id(experiment_id, "/experiment_id")
        if raw.get("experiment_id", experiment_id) != experiment_id:
            raise InvalidRecord("experiment_id is another than in the path", "/experiment_id")
        design = convert(dict(raw) | {"experiment_id": experiment_id}, Design)
        if design.state != "stopped":  # a stop repeats what was checked, perhaps by another version
            self.check(design)

        def work(kept: Mapping[str, Stored]) -> bytes:
            before = kept.get(experiment_id)
            _expect(matches, before)
            others = [_read(each)[1] for key, each in kept.items() if key != experiment_id]
            stated = self._next(None if before is None else _read(before)[1], design)
            if stated.state == "running":
                self.assigner([*others, stated])
                _check_apart(stated, others)
            return _encode(stated)

        stored = self._store.change(experiment_id, work)
        assert stored is not None
        return _read(stored)

    def delete(self, experiment_id: str, matches: Callable[[int | None], bool]) -> None:
        """Removes a draft or a stopped experiment; InvalidRecord for one that runs, NotFound, Conflict."""
        check_id(experiment_id, "/experiment_id")

        def work(kept: Mapping[str, Stored]) -> None:
            before = kept.get(experiment_id)
            if before is None:
                raise NotFound(f"there is no experiment {experiment_id}")
            _expect(matches, before)
            if _read(before)[1].state == "running":
                raise InvalidRecord(f"{experiment_id} is running; stop it first", "/state")

        self._store.change(experiment_id, work)

    def forget(self, profile_ids: Collection[str]) -> int:
        """Takes forgotten profiles out of every design's `overrides`, of those that run too; out of how many."""
        gone = set(profile_ids)
        touched = [
            design.experiment_id
            for _, design in self.all()
            if design.unit == "profile" and gone & design.overrides.keys()
        ]

        def without(kept: Mapping[str, Stored], key: str) -> bytes | None:
            if (stored := kept.get(key)) is None:
                return None
            design = _read(stored)[1]
            left = {unit: arm for unit, arm in design.overrides.items() if unit not in gone}
            return _encode(msgspec.structs.replace(design, overrides=left))

        for key in touched:
            self._store.change(key, lambda kept, key=key: without(kept, key))  # type: ignore[misc]
        return len(touched)

    def assigner(self, designs: Collection[Design]) -> Assigner:
        """Who is in which arm of those that run; InvalidRecord where they contradict each other."""
        running = [design for design in designs if design.state == "running"]
        units = {design.layer: design.unit for design in running if design.layer is not None}
        layers = [Layer(key=key, unit=unit) for key, unit in units.items()]
        return Assigner([design.split() for design in running], self._holdout, layers)

    def check(self, design: Design) -> None:
        """What must hold of a design by itself: metrics and, unless it is stopped, arms, overrides and models.
        InvalidRecord for what does not."""
        _check_metric(design.primary, "/primary")
        for number, guard in enumerate(design.guardrails):
            pointer = f"/guardrails/{number}/metric"
            _check_metric(guard.metric, pointer)
            if guard.metric in {other.metric for other in design.guardrails[:number]}:
                raise InvalidRecord(f"{guard.metric} is a guardrail twice", pointer)
        if design.state == "stopped":  # its model may be gone by now
            return
        split = design.split()
        if split.layer is not None:
            check_id(split.layer, "/layer")
        try:
            check_split(split)
        except InvalidRecord as error:
            raise InvalidRecord(
                error.message.replace("variant", "arm"), error.pointer.replace("/variants", "/arms")
            ) from None
        for number, arm in enumerate(design.arms):
            try:
                overridden(self.tunables, arm.overrides, self.prefix)
                check_model(arm.overrides, self._published())
            except InvalidRecord as error:
                raise InvalidRecord(error.message, f"/arms/{number}{error.pointer}") from None

    def _next(self, before: Design | None, wanted: Design) -> Design:
        """The design as it is kept from now on."""
        now = format_time(self._clock())
        if before is None or before.state == "draft":
            if wanted.state == "stopped":
                raise InvalidRecord("an experiment that never ran cannot be stopped; delete it", "/state")
            started = now if wanted.state == "running" else None
            return msgspec.structs.replace(wanted, started_at=started, stopped_at=None)
        if changed := _changed(before, wanted):
            raise InvalidRecord(
                f"{changed} cannot change: the experiment was started with it on {before.started_at}", f"/{changed}"
            )
        if before.state == wanted.state:
            return before
        if before.state == "stopped":
            raise InvalidRecord("it was stopped; state a new experiment under another id", "/state")
        if wanted.state == "draft":
            raise InvalidRecord("it runs: it can be stopped, and never be a draft again", "/state")
        return msgspec.structs.replace(before, state="stopped", stopped_at=now)


def _check_metric(name: str, pointer: str) -> None:
    try:
        metric_named(name)
    except UsageError as error:
        raise InvalidRecord(f"{error.message}. {error.mend}", pointer) from None


def _changed(before: Design, wanted: Design) -> str | None:
    """The first field that differs, those of the service aside."""
    fields = (name for name in Design.__struct_fields__ if name not in _BY_SERVICE)
    return next((name for name in fields if getattr(before, name) != getattr(wanted, name)), None)


def _check_apart(design: Design, others: Collection[Design]) -> None:
    """Two experiments that can meet in one viewer must not override the same thing."""
    own = {name for arm in design.arms for name in arm.overrides}
    for other in others:
        if other.state != "running" or (design.layer is not None and design.layer == other.layer):
            continue
        if both := own & {name for arm in other.arms for name in arm.overrides}:
            raise InvalidRecord(
                f"{min(both)} is overridden by running experiment {other.experiment_id} too; put both into one layer",
                "/arms",
            )


def _expect(matches: Callable[[int | None], bool], before: Stored | None) -> None:
    if not matches(None if before is None else before.version):
        raise Conflict("it was changed by somebody else; get it again, and put your change on that")


def _read(stored: Stored) -> Versioned:
    return stored.version, decode(stored.record, Design)
