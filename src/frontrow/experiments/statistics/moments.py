"""Sufficient statistics of one arm: count, means and centred cross-products, which merge exactly.

Chan, Golub & LeVeque 1983, Algorithms for computing the sample variance. Raw sums of squares would lose all digits of
the variance where the mean is large (a time in microseconds, say); centred products do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Moments:
    """`count` units, float64[k] means and float64[k, k] sums of centred products of k columns."""

    count: int
    mean: F64
    comoment: F64

    @staticmethod
    def of(columns: F64) -> Moments:
        """From float64[n, k] values, one row a unit."""
        if not len(columns):
            return Moments.empty(columns.shape[1])
        mean = columns.mean(axis=0)
        centred = columns - mean
        return Moments(len(columns), mean, centred.T @ centred)

    @staticmethod
    def from_sums(count: int, centre: F64, sums: F64, products: F64) -> Moments:
        """From sums and products of (value - centre), where the centre is anything near the mean. A column that varies
        by no more than rounding is constant: exactly without variance, so that nothing is found in it."""
        if count == 0:
            return Moments.empty(len(centre))
        offset = sums / count
        mean, comoment = centre + offset, products - count * np.outer(offset, offset)
        for constant in np.flatnonzero(np.diag(comoment) <= _ROUNDING * np.diag(products)):
            comoment[constant] = comoment[:, constant] = 0.0
            nothing = abs(mean[constant]) < _ROUNDING * abs(centre[constant])
            mean[constant] = 0.0 if nothing else float(f"{mean[constant]:.14g}")
        return Moments(count, mean, comoment)

    @staticmethod
    def empty(width: int) -> Moments:
        """No units of `width` columns."""
        return Moments(0, np.zeros(width), np.zeros((width, width)))

    def merge(self, other: Moments) -> Moments:
        """Those of both sets of units together."""
        if not self.count or not other.count:
            return other if not self.count else self
        count = self.count + other.count
        apart = other.mean - self.mean
        mean = self.mean + apart * (other.count / count)
        between = np.outer(apart, apart) * (self.count * other.count / count)
        return Moments(count, mean, self.comoment + other.comoment + between)

    def covariance(self) -> F64:
        """float64[k, k] with n - 1 below; zeros for fewer than two units."""
        return self.comoment / max(self.count - 1, 1)


def merged(parts: Iterable[Moments]) -> Moments:
    """All parts as one; at least one part."""
    several = list(parts)
    total = several[0]
    for part in several[1:]:
        total = total.merge(part)
    return total
