"""How a play goes: how far it is watched, and what the viewer says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.utilities import NAT

_EXPECTED: Final = 3.2
"""Nats of lasting want that a typical play has."""


@dataclass(frozen=True)
class Watched:
    """Arrays by play: `to` is the position reached (0..1), `thumb` 0 (none), 1, 4 or 5."""

    to: NDArray[np.float64]
    seconds: NDArray[np.int64]
    finished: NDArray[np.bool_]
    thumb: NDArray[np.float64]
    hidden: NDArray[np.bool_]


def finish_chance(want: NDArray[np.int16]) -> NDArray[np.float64]:
    """How likely a play is to be finished by somebody who lastingly wants the title this much."""
    return np.asarray(1 / (1 + np.exp(-(0.75 + 0.4 * (want / NAT - _EXPECTED)))))


def watch(
    chance: NDArray[np.float64],
    want: NDArray[np.int16],
    runtime: NDArray[np.float64],
    from_: NDArray[np.float64],
) -> Watched:
    """Who wanted it more watches it to the end more often, and likes it more; `chance` is [n, ≥ 6] in [0, 1)."""
    match = want / NAT - _EXPECTED
    finished = chance[:, 0] < finish_chance(want)
    gave_up = ~finished & (chance[:, 1] < 0.4)
    to = np.where(gave_up, from_ + 0.005 + 0.12 * chance[:, 2], from_ + (0.97 - from_) * (0.1 + 0.78 * chance[:, 2]))
    to = np.where(finished, 0.92 + 0.08 * chance[:, 2], np.minimum(to, 0.88))
    to = np.round(np.maximum(to, from_ + 0.004), 4).clip(0, 1)
    seconds = np.maximum(5, (to - from_) * runtime * 60 * (0.98 + 0.04 * chance[:, 3])).astype(np.int64)
    liking = match + 2.0 * (chance[:, 4] - 0.5)
    said = np.where(finished, chance[:, 3] * 7 % 1 < 0.09, gave_up & (chance[:, 3] * 7 % 1 < 0.07))
    thumb = np.where(gave_up | (liking < -1.6), 1.0, np.where(liking > 1.5, 5.0, 4.0))
    hidden = gave_up & (chance[:, 5] < 0.10)
    return Watched(to, seconds, finished, np.where(said, thumb, 0.0), hidden)
