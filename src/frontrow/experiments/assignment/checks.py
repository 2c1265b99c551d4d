"""What must be true of splits, layers and the holdout before anybody is assigned. Raises InvalidRecord."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id
from frontrow.experiments.assignment.buckets import BucketRange, tidy
from frontrow.experiments.assignment.hashing import BUCKETS
from frontrow.experiments.assignment.split import Holdout, Layer, Split
from frontrow.experiments.assignment.targeting import check_condition

TOLERANCE = 1e-6
"""How far weights may be off a sum of 1."""


def check_split(split: Split) -> None:
    """One split by itself; pointers are into its record."""
    check_id(split.key, "/key")
    if split.seed is not None:
        check_id(split.seed, "/seed")
    _check_variants(split)
    _check_share(split.coverage, "coverage", "/coverage")
    check_condition(split.audience, "/audience")
    _check_ranges(split.ranges)
    if split.layer is None and split.ranges != ((0.0, 1.0),):
        raise InvalidRecord("ranges need a layer that they are ranges of", "/ranges")
    keys = {each.key for each in split.variants}
    for unit, variant in split.overrides.items():
        check_id(unit, "/overrides")
        if variant not in keys:
            raise InvalidRecord(f"overrides: {variant[:60]} is no variant of {split.key}", "/overrides")


def check_together(splits: Sequence[Split], holdout: Holdout | None, layers: Sequence[Layer]) -> None:
    """All that run side by side: each by itself, then what they must not share. Messages name the experiments."""
    for split in splits:
        try:
            check_split(split)
        except InvalidRecord as error:
            raise InvalidRecord(f"experiment {split.key}: {error.message}", error.pointer) from None
    for layer in layers:
        check_id(layer.key, "/layers/key")
        check_id(layer.hashed_with, "/layers/seed")
    by_key = {layer.key: layer for layer in layers}
    _check_keys([layer.key for layer in layers], "layer")
    _check_keys([split.key for split in splits], "experiment")
    seeds = [(layer.hashed_with, f"layer {layer.key}") for layer in by_key.values()]
    seeds += [(split.hashed_with, f"experiment {split.key}") for split in splits]
    if holdout is not None:
        _check_share(holdout.share, "share", "/holdout/share")
        check_id(holdout.seed, "/holdout/seed")
        seeds.append((holdout.seed, "the holdout"))
    _check_seeds(seeds)
    for split in splits:
        if holdout is not None and holdout.unit == "profile" and split.unit == "account":
            raise InvalidRecord(
                f"experiment {split.key} randomises accounts, but the holdout profiles: it would reach held out viewers"
            )
        if split.layer is not None:
            _check_layer(split, by_key.get(split.layer))
    for key in by_key:
        _check_exclusive([split for split in splits if split.layer == key])


def _check_variants(split: Split) -> None:
    if len(split.variants) < 2:
        raise InvalidRecord("an experiment needs a control and at least one more variant", "/variants")
    for number, variant in enumerate(split.variants):
        check_id(variant.key, f"/variants/{number}/key")
        _check_share(variant.weight, "weight", f"/variants/{number}/weight")
        if isinstance(variant.value, list):
            raise InvalidRecord(
                "value: a flag's value cannot be a list; wrap it in an object", f"/variants/{number}/value"
            )
    if len({variant.key for variant in split.variants}) < len(split.variants):
        raise InvalidRecord("two variants have the same key", "/variants")
    total = math.fsum(variant.weight for variant in split.variants)
    if abs(total - 1) > TOLERANCE:
        raise InvalidRecord(f"the weights sum to {total:.6g}; they must sum to 1", "/variants")


def _check_share(share: float, name: str, pointer: str) -> None:
    if not 0 <= share <= 1:  # NaN fails too
        raise InvalidRecord(f"{name} must lie in 0..1", pointer)


def _check_ranges(ranges: Sequence[BucketRange]) -> None:
    if not ranges:
        raise InvalidRecord("ranges: at least one is needed", "/ranges")
    for number, (start, end) in enumerate(ranges):
        if not 0 <= start < end <= 1:
            raise InvalidRecord("ranges: each is [start, end) with 0 ≤ start < end ≤ 1", f"/ranges/{number}")
        if math.ceil(start * BUCKETS - TOLERANCE) >= end * BUCKETS - TOLERANCE:
            raise InvalidRecord(f"ranges: narrower than 1/{BUCKETS}, so nobody is in it", f"/ranges/{number}")


def _check_keys(keys: Sequence[str], what: str) -> None:
    if repeated := [key for key in dict.fromkeys(keys) if keys.count(key) > 1]:
        raise InvalidRecord(f"two {what}s have the key {repeated[0]}", "/key")


def _check_seeds(seeds: Iterable[tuple[str, str]]) -> None:
    owners: dict[str, str] = {}
    for seed, owner in seeds:
        if seed in owners:
            raise InvalidRecord(
                f"{owner} and {owners[seed]} share the seed {seed}: their arms would go together", "/seed"
            )
        owners[seed] = owner


def _check_layer(split: Split, layer: Layer | None) -> None:
    if layer is None:
        raise InvalidRecord(f"experiment {split.key}: there is no layer {split.layer}", "/layer")
    if layer.unit != split.unit:
        raise InvalidRecord(
            f"experiment {split.key} randomises by {split.unit}, its layer {layer.key} by {layer.unit}: "
            "they would not exclude each other",
            "/unit",
        )


def _check_exclusive(splits: Sequence[Split]) -> None:
    owned = sorted((start, end, split.key) for split in splits for start, end in tidy(split.ranges))
    for (_, end, first), (start, _, second) in pairwise(owned):
        if start < end:
            raise InvalidRecord(f"experiments {first} and {second} overlap in layer {splits[0].layer}", "/ranges")
    holders: dict[str, str] = {}
    for split in splits:
        for unit in split.overrides:
            if unit in holders:
                raise InvalidRecord(
                    f"experiments {holders[unit]} and {split.key} of layer {split.layer} override the same unit",
                    "/overrides",
                )
            holders[unit] = split.key
