"""Namespaces and filters: which part of a shared number line a unit lies on, so that experiments exclude each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from frontrow.experiments.assignment.buckets import in_range
from frontrow.experiments.assignment.hashing import bucket_hash
from frontrow.experiments.assignment.records import Filter, Namespace


def in_namespace(value: str, namespace: Namespace) -> bool:
    """Whether a unit lies in [start, end) of the named line (hash version 1, as the format fixes it)."""
    name, start, end = namespace
    bucket = bucket_hash(f"__{name}", value, 1)
    return bucket is not None and in_range(bucket, (start, end))


def passes(filters: Iterable[Filter], value_of: Callable[[str], str]) -> bool:
    """Whether a unit passes all filters. `value_of` gives an attribute's text; "" passes none."""
    for each in filters:
        value = value_of(each.attribute)
        bucket = bucket_hash(each.seed, value, each.hash_version) if value else None
        if bucket is None or not any(in_range(bucket, within) for within in each.ranges):
            return False
    return True
