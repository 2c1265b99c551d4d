"""Drawing titles from utilities, exactly: the same draws on every machine."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.utilities import NAT

_LOWEST, _HIGHEST = -14 * NAT, 10 * NAT
_UNIT: Final = 65_536
WEIGHTS: Final = np.rint(np.exp(np.arange(_LOWEST, _HIGHEST + 1, dtype=np.float64) / NAT) * _UNIT).astype(np.uint32)
"""exp(utility / 256) in units of 1/65536, from −14 nats (0) to 10."""


def weights_of(utility: NDArray[np.int16]) -> NDArray[np.uint32]:
    """What each title weighs in the draw, of [rows, titles]; 0 from some 11 nats below an even one.

    A row that rises above the highest weight is lowered to it as a whole: only differences count.
    """
    shifted = utility.astype(np.int32)
    shifted -= np.maximum(shifted.max(axis=1, keepdims=True, initial=_HIGHEST) - _HIGHEST, 0)
    weights: NDArray[np.uint32] = WEIGHTS[np.clip(shifted, _LOWEST, _HIGHEST) - _LOWEST]
    return weights


class Draw:
    """Draws columns of int16[rows, n] utilities, with probability proportional to exp(utility / 256)."""

    def __init__(self, utility: NDArray[np.int16]) -> None:
        self._n = utility.shape[1]
        self._cumulated = np.cumsum(weights_of(utility), dtype=np.int64)
        self._ends = self._cumulated[self._n - 1 :: self._n]
        self._starts = np.concatenate([[0], self._ends[:-1]])

    def at(self, row: NDArray[np.int64], chance: NDArray[np.float64]) -> NDArray[np.int64]:
        """A column of each of the given rows, by a number in [0, 1) each; −1 where nothing is open."""
        total = self._ends[row] - self._starts[row]
        aim = self._starts[row] + np.minimum((chance * total).astype(np.int64), total - 1)
        column = np.searchsorted(self._cumulated, aim, side="right") - row * self._n
        return np.where(total > 0, column, -1)
