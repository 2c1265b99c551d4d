"""One viewer at one moment, as every model reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.features.moments import NO_MOMENT, Moment


@dataclass(frozen=True)
class Query:
    """A viewer's history, oldest first, and the moment asked about.

    `titles` are title numbers (an episode's events count for its series), `at` microseconds UTC, `weights` 0..1 how
    much each interaction says for the title (a finished film 1, an abandoned one little). Empty arrays for nobody in
    particular. `now` is the moment answered for; `country` is ISO 3166-1 alpha-2 or None.

    `hours` and `devices` are the moments of the interactions (as in Interactions; None: not known of any), `moment` the
    one asked about: local hour and device, as far as the request tells. `now` may be known without them. Not `timed`:
    nobody says when the question is asked, and `now` is only the latest time known; then no time passed says nothing,
    while of somebody asked at a known time it says that they are still at it.

    `resumed`: of a question that is not timed, how long (microseconds) after the latest interaction it is asked, for
    what may be told of it as the moment may; None: nobody says.

    `all_stored`: popularity counts all that is stored, what is dated after `now` too (a request without a time of its
    own); else what is dated up to `now`.
    """

    titles: NDArray[np.int32]
    at: NDArray[np.int64]
    weights: NDArray[np.float32]
    now: int
    country: str | None = None
    hours: NDArray[np.int16] | None = None
    devices: NDArray[np.int8] | None = None
    moment: Moment = NO_MOMENT
    all_stored: bool = False
    timed: bool = True
    resumed: int | None = None

    @property
    def elapsed(self) -> int | None:
        """Microseconds since the latest interaction, as far as anybody says."""
        if not self.timed or not len(self.at):
            return self.resumed
        return max(self.now - int(self.at[-1]), 0)

    def __len__(self) -> int:
        return len(self.titles)


def nobody(now: int, country: str | None = None, moment: Moment = NO_MOMENT, all_stored: bool = False) -> Query:
    """The query of a viewer of whom nothing is known."""
    nothing = np.empty(0, np.int64)
    return Query(
        nothing.astype(np.int32),
        nothing,
        nothing.astype(np.float32),
        now,
        country,
        moment=moment,
        all_stored=all_stored,
    )
