"""The best few of many, without sorting all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_places(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Places of the `count` largest values, largest first; of equal ones the first place first. No value is NaN.

    Sorts integers made of value and place: several times as fast as a stable sort of the floats, with the same result.
    """
    bits = np.add(values, 0, dtype=np.float32).view(np.int32)  # adding 0 makes -0 a 0
    ordered = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)  # as integers, in the order of the floats
    keys = (~ordered).astype(np.int64) << 32 | np.arange(len(values))
    if count < len(keys):
        keys = np.partition(keys, count)[:count]
    keys.sort()
    return keys & 0xFFFFFFFF
