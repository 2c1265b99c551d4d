"""Values of features, as arrays over cases, and as JSON for one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHOWN_LENGTH = 20
"""Elements of a sequence or map that JSON shows: the latest, the largest."""


@dataclass(frozen=True)
class Ragged:
    """Several values a case: those of case i are values[first[i]:first[i + 1]]; with `keys` each has a name, numbered
    in `names`."""

    values: NDArray[Any]
    first: NDArray[np.int64]
    keys: NDArray[np.int64] | None = None
    names: list[str] | None = None

    def of(self, case: int) -> NDArray[Any]:
        """One case's values."""
        return self.values[self.first[case] : self.first[case + 1]]

    def named(self, case: int) -> dict[str, float]:
        """One case's values by their names, the largest first."""
        assert self.keys is not None
        assert self.names is not None
        keys = self.keys[self.first[case] : self.first[case + 1]]
        found = {self.names[key]: _number(value) for key, value in zip(keys, self.of(case).tolist(), strict=True)}
        return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


Values = NDArray[Any] | Ragged
"""float64[cases] or int64[cases] for numbers, [cases, axis] for vectors, Ragged for sequences and maps."""


def as_json(values: Values, case: int, axis: tuple[str, ...], names: list[str] | None = None) -> Any:
    """One case's value as JSON has it: a number or null, an object by axis or name, or a list, the newest first.
    With `names` a sequence's values are places in it."""
    if isinstance(values, Ragged):
        if values.keys is not None:
            return dict(islice(values.named(case).items(), SHOWN_LENGTH))
        latest = values.of(case)[: -SHOWN_LENGTH - 1 : -1].tolist()
        return [(names[each] if each >= 0 else None) if names is not None else _number(each) for each in latest]
    if values.ndim == 2:
        return dict(zip(axis, map(_number, values[case].tolist()), strict=True))
    return _number(values[case].item())


def _number(value: float) -> Any:
    return None if math.isnan(value) else value
