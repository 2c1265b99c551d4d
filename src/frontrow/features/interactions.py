"""What counts as an interaction, and how much it says: the one definition for training and serving.

An interaction is a rating, or a playback (all events of one profile, title and `playback_id`; without an id a playback
ends at its `stop` or 4 hours after it began). It happens when it began. Its weight, 0..1:

* rating: 1 from 3 up, 0.5 from 2 up, 0 below (somebody who disliked it; kept, as having been seen, but not learned from)
* playback: 1 once finished (fraction ≥ .9); else grows from .2 with the fraction, and is 0 below two minutes, where it
  says nothing yet

Events without consent, and of other types, are none. An episode's interactions are its series'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FINISHED = 0.9
LEAST_SECONDS = 120.0
PLAYBACK_HOURS = 4


@dataclass(frozen=True)
class Interactions:
    """Interactions as equal-length arrays, sorted by (profile, at, offset of the first event)."""

    profile: NDArray[np.int64]
    title: NDArray[np.int32]
    at: NDArray[np.int64]
    weight: NDArray[np.float32]
    country: NDArray[np.int16]
    countries: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.title)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Interactions:
        """The chosen interactions, in the same order."""
        return Interactions(
            self.profile[chosen], self.title[chosen], self.at[chosen], self.weight[chosen], self.country[chosen],
            self.countries,
        )  # fmt: skip


def rating_weight(value: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Weight of ratings by their value (0.5..5)."""
    value = np.asarray(value, np.float32)
    return np.where(value >= 3, 1, np.where(value >= 2, 0.5, 0)).astype(np.float32)


def playback_weight(seconds: NDArray[np.float32] | float, fraction: NDArray[np.float32] | float) -> NDArray[np.float32]:
    """Weight of playbacks by seconds watched and the position reached (0..1)."""
    seconds, fraction = np.nan_to_num(np.asarray(seconds, np.float32)), np.nan_to_num(np.asarray(fraction, np.float32))
    going = 0.2 + 0.7 * np.clip(fraction, 0, FINISHED) / FINISHED
    return np.where(fraction >= FINISHED, 1, np.where(seconds > LEAST_SECONDS, going, 0)).astype(np.float32)
