"""What came of a playback: minutes, whether it was finished, liked, abandoned. The one definition of these labels.

* `minutes` watched in it
* `finish` 1 where it reached .9
* `thumbs_up` 1 where the viewer rated the title 4 or better within a day of its end
* `abandon` 1 where it was left below .2 and nothing more of the title was played within a day; or where the title was
  hidden, or rated below 3, or fewer like it were asked for within a day

All are NaN for ratings, and for playbacks that ended less than a day before the log's newest event: what comes of them
is not known yet. An episode's title is its series.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, MINUTE, SECOND
from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import EventColumns
from frontrow.features.happened import Happened

OUTCOMES: Final = ("minutes", "finish", "thumbs_up", "abandon")
KNOWN_AFTER: Final = DAY
LEFT_BELOW: Final = 0.2
UP_FROM, DOWN_BELOW = 4.0, 3.0

_RATE: Final = TYPE_NUMBER["rate"]
_AGAINST: Final = (TYPE_NUMBER["hide"], TYPE_NUMBER["less_like"])


class Playbacks(NamedTuple):
    """Playbacks as equal-length arrays: `began` places of their first events, `weight` as interactions have it,
    `seconds` watched, `fraction` the latest position (NaN: never said), `until` the time of the last event."""

    began: NDArray[np.int64]
    weight: NDArray[np.float32]
    seconds: NDArray[np.float32]
    fraction: NDArray[np.float32]
    until: NDArray[np.int64]

    def __len__(self) -> int:
        return self[0].size


def outcomes_of(
    columns: EventColumns, series_of: NDArray[np.int32], event: NDArray[np.int64], title: NDArray[np.int32],
    playbacks: Playbacks, ended: NDArray[np.int64],
) -> NDArray[np.float32]:  # fmt: skip
    """float32[interactions, OUTCOMES] for interactions that began with the events at places `event`, on `title`;
    `ended` is each one's place in `playbacks`, -1 for a rating."""
    found = np.full((len(event), len(OUTCOMES)), np.nan, np.float32)
    played = np.flatnonzero(ended >= 0)
    number = ended[played]
    until = playbacks.until[number]
    profile, shown = columns.profile[event[played]], title[played]
    said = _Said.of(columns, series_of)
    later = Happened(profile, shown, columns.at[event[played]])
    finished = playbacks.weight[number] == 1
    left = (playbacks.fraction[number] < np.float32(LEFT_BELOW)) & ~finished
    left &= ~later.any(profile, shown, columns.at[event[played]], until + KNOWN_AFTER)
    up = said.up.any(profile, shown, columns.at[event[played]], until + KNOWN_AFTER)
    against = said.against.any(profile, shown, columns.at[event[played]], until + KNOWN_AFTER)
    found[played] = np.stack([playbacks.seconds[number] / np.float32(MINUTE // SECOND), finished, up, left | against]).T
    found[played[until + KNOWN_AFTER > columns.at.max()]] = np.nan
    return found


class _Said(NamedTuple):
    """What viewers said of titles: for them, and against."""

    up: Happened
    against: Happened

    @classmethod
    def of(cls, columns: EventColumns, series_of: NDArray[np.int32]) -> _Said:
        rated = columns.type == _RATE
        up = rated & (columns.value >= np.float32(UP_FROM))
        against = (rated & (columns.value < np.float32(DOWN_BELOW))) | np.isin(columns.type, _AGAINST)
        told = columns.learn & (columns.title >= 0)
        return cls(cls._after(columns, series_of, up & told), cls._after(columns, series_of, against & told))

    @staticmethod
    def _after(columns: EventColumns, series_of: NDArray[np.int32], some: NDArray[np.bool_]) -> Happened:
        title = columns.title[some]
        shown = title.copy()
        mapped = title < len(series_of)
        shown[mapped] = series_of[title[mapped]]
        return Happened(columns.profile[some], np.maximum(shown, 0), columns.at[some])
