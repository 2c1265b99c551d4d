"""Adam with decoupled decay (Kingma & Ba 2015; Loshchilov & Hutter 2019), for a handful of small arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_FIRST, _SECOND, _TINY = 0.9, 0.99, 1e-8


class Adam:
    """Moves parameters in place, down their slopes."""

    def __init__(self, parameters: Sequence[NDArray[np.float32]], decay: float) -> None:
        self.parameters, self.decay = list(parameters), decay
        self._slopes = [np.zeros_like(each) for each in parameters]
        self._squares = [np.zeros_like(each) for each in parameters]
        self._steps = 0

    def step(self, slopes: Sequence[NDArray[np.float32]], rate: float) -> None:
        """One step of at most about `rate` for each parameter."""
        self._steps += 1
        for place, slope in enumerate(slopes):
            self._slopes[place] += (1 - _FIRST) * (slope - self._slopes[place])
            self._squares[place] += (1 - _SECOND) * (slope * slope - self._squares[place])
            mean = self._slopes[place] / (1 - _FIRST**self._steps)
            spread = np.sqrt(self._squares[place] / (1 - _SECOND**self._steps)) + _TINY
            self.parameters[place] -= np.float32(rate) * (mean / spread + self.decay * self.parameters[place])
