"""What viewers have in mind: what they began, saw, put on their list or never want to see again."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.traits import NOBODY, Traits
from frontrow.simulate.utilities import CLOSED, NAT, Utilities
from frontrow.simulate.watching import Watched

SEEN, SEEN_BY_CHILD, LISTED = -5 * NAT, -2 * NAT, 2 * NAT
TOO_EARLY: Final = -3 * NAT - 1
"""A later part of a film series, before the part that it follows was watched."""
STALE: Final = 12 * 86_400
"""Seconds after which something begun draws much less."""


class Minds:
    """State of one group of viewers; arrays by place in the group. `leaning` is int16[viewers, titles]: what their own
    past adds to utilities. One title may be begun (`title`, −1: none) at `episode` from position `position`."""

    def __init__(self, n: int, traits: Traits, utilities: Utilities, kids: NDArray[np.bool_]) -> None:
        self.traits, self.utilities = traits, utilities
        self.leaning = np.zeros((n, len(traits)), np.int16)
        if utilities.next_part:
            self.leaning[:, traits.part > 1] = TOO_EARLY
        self.after_seeing = np.where(kids, SEEN_BY_CHILD, SEEN).astype(np.int16)
        self.title = np.full(n, NOBODY)
        self.episode = np.full(n, NOBODY)
        self.position = np.zeros(n)
        self.free_at = np.full(n, -86_400)
        self.last_mood = np.full(n, NOBODY)
        self.last_at = np.full(n, -90 * 86_400)

    def begun(self, mine: NDArray[np.int64], open_: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Whether something begun may still be played; `open_` is bool[mine, titles]."""
        title = self.title[mine]
        return np.asarray((title != NOBODY) & open_[np.arange(len(mine)), title])

    def urge(self, mine: NDArray[np.int64], opening: NDArray[np.bool_], gap: NDArray[np.int64]) -> NDArray[np.float64]:
        """How likely viewers are to go on with what they began: a series in one go more than the next day."""
        series = self.traits.episodes[self.title[mine]] > 0
        urge = np.where(opening, 0.34, np.where(series, 0.52, 0.12))
        return np.asarray(np.where(gap > STALE, 0.3 * urge, urge))

    def place_in(
        self, mine: NDArray[np.int64], title: NDArray[np.int64], goes_on: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Episode (−1: no series) and position (0..1) at which each starts."""
        first = np.where(self.traits.episodes[title] > 0, 0, NOBODY)
        return np.where(goes_on, self.episode[mine], first), np.where(goes_on, self.position[mine], 0.0)

    def remember(
        self,
        mine: NDArray[np.int64],
        title: NDArray[np.int64],
        episode: NDArray[np.int64],
        at: NDArray[np.int64],
        watched: Watched,
        goes_on: NDArray[np.bool_],
        glance: NDArray[np.int64],
        listed: NDArray[np.bool_],
    ) -> None:
        """Takes up one play of each of `mine`."""
        more = watched.finished & (episode + 1 < self.traits.episodes[title])
        paused = ~watched.finished & (watched.to >= 0.15) & ~watched.hidden
        keeps = more | paused
        self.title[mine] = np.where(keeps, title, NOBODY)
        self.episode[mine] = np.where(more, episode + 1, episode)
        self.position[mine] = np.where(paused, watched.to, 0.0)
        self.free_at[mine] = at + watched.seconds + 5
        self.last_at[mine] = at
        self.last_mood[mine] = np.where(goes_on, self.last_mood[mine], self.traits.moods[title, 0])

        wanted = listed & (self.leaning[mine, glance] == 0)
        self.leaning[mine[wanted], glance[wanted]] = LISTED
        self.leaning[mine, title] = np.where(watched.hidden, CLOSED, self.after_seeing[mine])
        sequel = self.traits.next_part[title]
        leads_on = watched.finished & (sequel != NOBODY)
        now = self.leaning[mine, sequel]
        leads_on &= (now >= 0) | (now == TOO_EARLY)
        self.leaning[mine[leads_on], sequel[leads_on]] = self.utilities.next_part
