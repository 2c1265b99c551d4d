"""From weights and coverage to bucket ranges, and from a bucket to a variation."""

from __future__ import annotations

from collections.abc import Sequence

BucketRange = tuple[float, float]
"""[start, end) within 0..1."""


def equal_weights(count: int) -> list[float]:
    """`count` equal weights that sum to 1; none for a count below 1."""
    return [1 / count] * count if count > 0 else []


def bucket_ranges(count: int, coverage: float = 1.0, weights: Sequence[float] | None = None) -> list[BucketRange]:
    """One range for each of `count` variations, each starting where it would with full coverage.

    So raising the coverage lengthens ranges at their ends and moves nobody who is in. Coverage is held to 0..1. Weights
    of another number than `count`, or whose sum is off 1 by over .01, count as equal (GrowthBook's rule; Frontrow's own
    experiments refuse them before).
    """
    coverage = min(max(coverage, 0.0), 1.0)
    if weights is None or len(weights) != count or not 0.99 <= sum(weights) <= 1.01:
        weights = equal_weights(count)
    ranges: list[BucketRange] = []
    start = 0.0
    for weight in weights:
        ranges.append((start, start + coverage * weight))
        start += weight
    return ranges


def in_range(bucket: float, within: BucketRange) -> bool:
    """Whether start ≤ bucket < end."""
    return within[0] <= bucket < within[1]


def tidy(ranges: Sequence[BucketRange]) -> tuple[BucketRange, ...]:
    """Ranges without the dust of float sums: .1 + .2 ends at .3, where the next one begins, and not a bucket later."""
    return tuple((round(start, 9), round(end, 9)) for start, end in ranges)


def choose_variation(bucket: float, ranges: Sequence[BucketRange]) -> int:
    """The number of the first range that holds `bucket`; -1: none does."""
    for number, within in enumerate(ranges):
        if within[0] <= bucket < within[1]:
            return number
    return -1
