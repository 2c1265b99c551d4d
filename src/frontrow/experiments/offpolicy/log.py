"""Logged decisions with their propensities, checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class DecisionLog:
    """n decisions of one action each; arrays of n, or of n by slots for slates.

    reward: float64, what followed (of each slot, for slates). propensity: the logging policy's probability of the
    logged action, as it was when served; of a slot, given the slots above. target: that of the policy in question for
    the same action in the same context. clusters: int64[n], whose decision each row is (None: all independent).
    """

    reward: F64
    propensity: F64
    target: F64
    clusters: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        shape = self.reward.shape
        if self.propensity.shape != shape or self.target.shape != shape or not 1 <= len(shape) <= 2:
            raise FrontrowError(
                f"rewards {shape}, propensities {self.propensity.shape} and targets {self.target.shape} differ",
                "Give one of each for every decision (and slot)",
            )
        if self.clusters is not None and self.clusters.shape != shape[:1]:
            raise FrontrowError(f"{len(self.clusters)} clusters for {shape[0]} decisions")
        if not shape[0] or not shape[-1]:
            raise FrontrowError("the log has no decisions")
        if not np.isfinite(self.reward).all():
            raise FrontrowError(f"{int((~np.isfinite(self.reward)).sum())} rewards are missing or infinite")
        wrong = ~((self.propensity > 0) & (self.propensity <= 1))
        if wrong.any():
            raise FrontrowError(
                f"{int(wrong.sum())} propensities are not in (0, 1]",
                "What was served had a probability above zero; log it when serving",
            )
        if not ((self.target >= 0) & (self.target <= 1)).all():
            raise FrontrowError("the target policy's probabilities must lie between 0 and 1")

    def __len__(self) -> int:
        return len(self.reward)

    @property
    def weights(self) -> F64:
        """target over propensity, of the reward's shape."""
        return self.target / self.propensity
