"""What the sequence model reads of a history and of a moment: one definition for training and serving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import MINUTE, SECOND

HORIZONS: Final = ("next", "session", "days")
"""What the model can be asked for, by number."""

_STRENGTH_EDGES: Final = np.array([0.01, 0.12, 0.3, 0.7, 0.85, 0.97], np.float32)
STRENGTHS: Final = len(_STRENGTH_EDGES) + 1
GAPS: Final = 32
FIRST: Final = GAPS - 1
"""The gap before the first interaction of all: somebody who has just come is told from somebody of whom only the latest
is read (a gap of 0)."""
COUNTRIES: Final = 64
"""Countries with a place of their own, the most frequent; 0 stands for any other, and for none."""


@dataclass(frozen=True)
class Tokens:
    """Interactions as arrays of one shape [..., t]: title numbers, buckets of how much each says and of the time since
    the one before, and minutes on any clock that all of a history share (float32, so it begins near 0)."""

    title: NDArray[np.int32]
    strength: NDArray[np.int32]
    gap: NDArray[np.int32]
    minutes: NDArray[np.float32]


@dataclass(frozen=True)
class Moment:
    """When, where and for what somebody is asked: numbers of one shape. A gap of 0 is unknown; `cells`,
    int32[..., axes], are those of the local hour, the weekday, the device and the fields of the context that the model
    knows (features/moments.py), `Fields.cells` where it is not known."""

    gap: NDArray[np.int32]
    horizon: NDArray[np.int32]
    country: NDArray[np.int32]
    cells: NDArray[np.int32]


def strength_bucket(weight: NDArray[np.float32]) -> NDArray[np.int32]:
    """0..STRENGTHS-1 by an interaction's weight (0..1)."""
    return np.digitize(weight, _STRENGTH_EDGES).astype(np.int32)


def gap_bucket(gap: NDArray[np.int64]) -> NDArray[np.int32]:
    """1..FIRST-1 by the logarithm of microseconds between two moments; 0 is for callers that know of none."""
    seconds = np.maximum(gap, 0) / SECOND
    return np.minimum(1 + np.log2(1 + seconds).astype(np.int32), FIRST - 1).astype(np.int32)


def gaps_before(at: NDArray[np.int64]) -> NDArray[np.int64]:
    """Microseconds since the interaction before, 0 for the first; `at` ascends."""
    return np.diff(at, prepend=at[:1])


def minutes_since(at: NDArray[np.int64], origin: NDArray[np.int64] | int) -> NDArray[np.float32]:
    """Minutes from `origin` to `at`, both microseconds UTC."""
    return ((at - origin) / MINUTE).astype(np.float32)
