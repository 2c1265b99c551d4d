"""How long a test takes, from how fast new units have arrived in the past."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from frontrow.core.errors import UsageError


def days_needed(units: float, reach: Sequence[float], share: float = 1.0) -> float:
    """Days until `units` have entered, of `share` of the audience; inf where it would never be.

    `reach` is the cumulative number of distinct units after 1, 2, … days of the past. It bends, since most of those
    who come on a later day have come before; beyond its end the last quarter's pace goes on, which is optimistic.
    """
    steps = np.asarray(reach, np.float64)
    if len(steps) < 2 or bool((np.diff(steps) < 0).any()) or steps[0] < 0 or not 0 < share <= 1:
        raise UsageError("reach must be a cumulative count over at least two days, and the share between 0 and 1")
    wanted = units / share
    path = np.concatenate([[0.0], steps])
    if wanted <= path[-1]:
        after = int(np.searchsorted(path, wanted, side="left"))
        if after == 0:
            return 0.0
        return after - 1 + float((wanted - path[after - 1]) / (path[after] - path[after - 1]))
    tail = max(len(steps) // 4, 1)
    pace = (path[-1] - path[-1 - tail]) / tail
    return len(steps) + float((wanted - path[-1]) / pace) if pace > 0 else float("inf")
