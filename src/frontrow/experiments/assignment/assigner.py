"""Who is in which arm: consent, override, holdout, layer, audience, coverage, asked in this order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from frontrow.core.errors import NotFound
from frontrow.experiments.assignment.buckets import bucket_ranges, tidy
from frontrow.experiments.assignment.checks import check_together
from frontrow.experiments.assignment.conditions import NO_GROUPS
from frontrow.experiments.assignment.hashing import bucket_of, code_units
from frontrow.experiments.assignment.lanes import Lanes
from frontrow.experiments.assignment.ready_condition import ready_condition
from frontrow.experiments.assignment.split import Assignment, Holdout, Layer, Reason, Split, Unit
from frontrow.experiments.assignment.values import Groups

_UNITS: Final[tuple[Unit, ...]] = ("profile", "account")
_HOLDOUT: Final = 0
"""The holdout's lane, for either unit: a profile without an account is held out by its own id."""
_OUT: Final[tuple[Reason, ...]] = ("no_consent", "no_unit", "holdout", "layer", "audience")


class _Ready:
    """A split made ready: its lane known, its ends summed, the answers that need no bucket made."""

    __slots__ = ("audience", "ends", "keys", "lane", "layer", "out", "overrides", "ranges", "unit")

    def __init__(self, split: Split, lane: int, groups: Groups) -> None:
        self.unit: Unit = split.unit
        self.lane = lane
        self.audience = ready_condition(split.audience, groups) if split.audience else None
        self.layer = split.layer
        self.ranges = tidy(split.ranges)
        self.keys = tuple(each.key for each in split.variants)
        weights = [each.weight for each in split.variants]
        self.ends = bucket_ranges(len(weights), split.coverage, weights)
        self.out: dict[Reason, Assignment] = {
            reason: Assignment(self.keys[0], False, False, None, reason) for reason in _OUT
        }
        self.overrides = {
            unit: Assignment(variant, True, False, None, "override") for unit, variant in split.overrides.items()
        }


class _Request:
    """One viewer while all experiments are gone through: each kind of unit is hashed at most once."""

    __slots__ = ("held", "ids", "lines", "states", "units")

    def __init__(self, profile: str, account: str | None) -> None:
        self.ids: dict[Unit, str | None] = {"profile": profile, "account": account}
        self.units: dict[Unit, Sequence[int]] = {"profile": code_units(profile)}
        if account:
            self.units["account"] = code_units(account)
        self.states: dict[Unit, tuple[int, ...]] = {}
        self.lines: dict[str, float] = {}
        self.held: bool | None = None


class Assigner:
    """Assigns units to the arms of `experiments`. Immutable, local, lock-free: make a new one when they change.

    Raises InvalidRecord when experiments contradict each other (see `checks`).
    """

    def __init__(
        self,
        experiments: Iterable[Split],
        holdout: Holdout | None = None,
        layers: Iterable[Layer] = (),
        groups: Groups = NO_GROUPS,
    ) -> None:
        self.experiments = tuple(experiments)
        self.holdout = holdout
        self.layers = tuple(layers)
        check_together(self.experiments, holdout, self.layers)
        seeds: dict[Unit, list[str]] = {unit: [holdout.seed] if holdout else [] for unit in _UNITS}
        self._line_lanes = {layer.key: _add(seeds[layer.unit], layer.hashed_with) for layer in self.layers}
        self._ready = {
            split.key: _Ready(split, _add(seeds[split.unit], split.hashed_with), groups) for split in self.experiments
        }
        self._lanes = {unit: Lanes(several) for unit, several in seeds.items()}
        self._overridden = {
            layer.key: {
                unit: split.key for split in self.experiments if split.layer == layer.key for unit in split.overrides
            }
            for layer in self.layers
        }

    def assign(
        self, unit_id: str, attributes: dict[str, Any], consent: bool, account_id: str | None = None
    ) -> dict[str, Assignment]:
        """The arm of each experiment, by its key, for profile `unit_id`.

        Experiments on accounts go by `account_id`; without one they are "no_unit". Without `consent` to experiments
        every answer is the control, not counted. An override comes before the holdout and the layer: it is an
        operator's hand, and not counted.
        """
        request = _Request(unit_id, account_id)
        return {key: self._one(ready, key, request, attributes, consent) for key, ready in self._ready.items()}

    def assign_one(
        self, key: str, unit_id: str, attributes: dict[str, Any], consent: bool, account_id: str | None = None
    ) -> Assignment:
        """The same for one experiment; NotFound where there is none of that key."""
        if (ready := self._ready.get(key)) is None:
            raise NotFound(f"there is no running experiment {key}")
        return self._one(ready, key, _Request(unit_id, account_id), attributes, consent)

    def _one(self, ready: _Ready, key: str, request: _Request, attributes: dict[str, Any], consent: bool) -> Assignment:
        if not consent:
            return ready.out["no_consent"]
        if not request.units.get(ready.unit):
            return ready.out["no_unit"]
        if ready.overrides and (forced := ready.overrides.get(request.ids[ready.unit] or "")):
            return forced
        if self.holdout is not None and self._is_held(request):
            return ready.out["holdout"]
        if ready.layer is not None and not self._owns(ready, ready.layer, key, request):
            return ready.out["layer"]
        if ready.audience is not None and not ready.audience(attributes):
            return ready.out["audience"]
        bucket = bucket_of(self._states(request, ready.unit)[ready.lane])
        for number, (start, end) in enumerate(ready.ends):
            if start <= bucket < end:
                return Assignment(ready.keys[number], True, True, bucket, "assigned")
        return Assignment(ready.keys[0], False, False, bucket, "coverage")

    def _is_held(self, request: _Request) -> bool:
        if request.held is None:
            if self.holdout is None:
                return False
            unit = self.holdout.unit if request.units.get(self.holdout.unit) else "profile"
            request.held = bucket_of(self._states(request, unit)[_HOLDOUT]) < self.holdout.share
        return request.held

    def _owns(self, ready: _Ready, layer: str, key: str, request: _Request) -> bool:
        holder = self._overridden[layer].get(request.ids[ready.unit] or "")
        if holder is not None and holder != key:
            return False  # an override elsewhere in the layer takes the unit out of its other experiments
        point = request.lines.get(layer)
        if point is None:
            point = request.lines[layer] = bucket_of(self._states(request, ready.unit)[self._line_lanes[layer]])
        for start, end in ready.ranges:  # noqa: SIM110 - a generator costs as much as the comparisons
            if start <= point < end:
                return True
        return False

    def _states(self, request: _Request, unit: Unit) -> tuple[int, ...]:
        states = request.states.get(unit)
        if states is None:
            states = request.states[unit] = self._lanes[unit].states(request.units[unit])
        return states


def _add(seeds: list[str], seed: str) -> int:
    seeds.append(seed)
    return len(seeds) - 1
