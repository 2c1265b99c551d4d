"""What is played, play by play: all viewers of a group at once, each one's plays in order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.choosing import Draw
from frontrow.simulate.minds import Minds
from frontrow.simulate.sessions import Sessions, first_weekday
from frontrow.simulate.traits import NOBODY
from frontrow.simulate.utilities import DRIFT_SHIFT, GAPS, context_of, drift_step, lasting
from frontrow.simulate.watching import watch
from frontrow.simulate.words import MOODS
from frontrow.simulate.world import World

GROUP: Final = 256
"""Viewers whose utilities are held at once: 256 × 2,000 numbers of two bytes stay near the processor."""
BREAK: Final = 2_100
"""Seconds without an event after which the next one begins a session of its own."""
GLANCED, LISTED_SHARE = 0.4, 0.15
"""Of what is begun, how often another title's details were opened before; of those, how often it goes on the list."""


@dataclass(frozen=True)
class Plays:
    """Equal-length arrays, one place a planned play, sorted by (viewer, order). `at` is seconds from the first midnight
    (−1: did not happen), `pause` the seconds looked around before, `episode` its number from 0 (−1: no series),
    `glanced` a title whose details were opened before and which was not played (−1: none), `went_on` whether it
    continues what was begun before."""

    viewer: NDArray[np.int64]
    session: NDArray[np.int64]
    at: NDArray[np.int64]
    pause: NDArray[np.int64]
    title: NDArray[np.int64]
    episode: NDArray[np.int64]
    glanced: NDArray[np.int64]
    went_on: NDArray[np.bool_]
    from_: NDArray[np.float64]
    to: NDArray[np.float64]
    seconds: NDArray[np.int64]
    thumb: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    listed: NDArray[np.bool_]

    @classmethod
    def planned(cls, sessions: Sessions) -> Plays:
        """Places for all planned plays, none of which has happened."""
        session = np.repeat(np.arange(len(sessions)), sessions.plays)
        n = len(session)
        return cls(
            viewer=sessions.viewer[session], session=session, at=np.full(n, -1), pause=np.zeros(n, np.int64),
            title=np.full(n, NOBODY), episode=np.full(n, NOBODY), glanced=np.full(n, NOBODY),
            went_on=np.zeros(n, bool), from_=np.zeros(n), to=np.zeros(n), seconds=np.zeros(n, np.int64),
            thumb=np.zeros(n), hidden=np.zeros(n, bool), listed=np.zeros(n, bool),
        )  # fmt: skip

    def happened(self) -> Plays:
        """Those that took place."""
        kept = self.at >= 0
        return Plays(*(getattr(self, field.name)[kept] for field in fields(self)))


@dataclass(frozen=True)
class Turn:
    """One play of each of several viewers, about to happen; equal-length arrays. `mine` are places in the group,
    `number` in the plays; `chance` is float64[n, 12] in [0, 1)."""

    chance: NDArray[np.float64]
    mine: NDArray[np.int64]
    number: NDArray[np.int64]
    at: NDArray[np.int64]
    pause: NDArray[np.int64]

    def take(self, kept: NDArray[np.bool_]) -> Turn:
        """Only some of them."""
        return Turn(self.chance[kept], self.mine[kept], self.number[kept], self.at[kept], self.pause[kept])

    def __len__(self) -> int:
        return len(self.mine)


class Player:
    """Plays through everybody's sessions, a group of viewers after the other; groups do not know of each other."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        self.world, self.sessions = world, sessions
        self.plays = Plays.planned(sessions)
        self._opening = np.diff(self.plays.session, prepend=-1) != 0
        self._weekday = first_weekday(world.settings)
        self._bounds = np.searchsorted(self.plays.viewer, np.arange(len(world.viewers) + 1))

    def group(self, first: int) -> None:
        """Plays through the sessions of viewers `first` to `first + GROUP`."""
        world = self.world
        rows = np.arange(first, min(first + GROUP, len(world.viewers)))
        rng = world.settings.stream("plays", first)
        always, moved = lasting(world.traits, world.utilities, world.viewers, rows)
        minds = Minds(len(rows), world.traits, world.utilities, world.viewers.kids[rows])
        count = np.diff(self._bounds)[rows]
        for number in range(int(count.max(initial=0))):
            active = np.flatnonzero(count > number)
            turn = self._come(rng.random((len(active), 12)), active, self._bounds[rows[active]] + number, minds)
            if len(turn):
                self._play(turn, always, moved, minds)

    def _come(
        self, chance: NDArray[np.float64], mine: NDArray[np.int64], number: NDArray[np.int64], minds: Minds
    ) -> Turn:
        """When each begins: as planned, or when the last play is over; who would begin after the end does not."""
        opening = self._opening[number]
        look = np.where(opening, 40 + 260 * chance[:, 0] ** 2, 15 + 120 * chance[:, 0]).astype(np.int64)
        free = minds.free_at[mine]
        planned = np.maximum(self.sessions.start[self.plays.session[number]], free + BREAK)
        turn = Turn(chance, mine, number, np.where(opening, planned, free) + look, look)
        return turn.take(turn.at < self.world.settings.days * 86_400 - 60)

    def _play(self, turn: Turn, always: NDArray[np.int16], moved: NDArray[np.int16], minds: Minds) -> None:
        """What each wants, takes, and makes of it."""
        plays, traits = self.plays, self.world.traits
        open_ = self.world.open[turn.at // 86_400, self.world.viewers.place[plays.viewer[turn.number]]]
        step = drift_step(turn.at, self.world.settings.days)
        wanted = moved[turn.mine] * step[:, None]
        wanted >>= DRIFT_SHIFT
        wanted += always[turn.mine]
        draw = Draw(self._utility(turn, wanted, open_, minds))

        row = np.arange(len(turn))
        gap = turn.at - minds.last_at[turn.mine]
        urge = minds.urge(turn.mine, self._opening[turn.number], gap)
        goes_on = minds.begun(turn.mine, open_) & (turn.chance[:, 1] < urge)
        title = np.where(goes_on, minds.title[turn.mine], draw.at(row, turn.chance[:, 2]))
        glance = np.where((turn.chance[:, 3] < GLANCED) & ~goes_on, draw.at(row, turn.chance[:, 4]), NOBODY)
        glance = np.where(glance == title, NOBODY, glance)
        some = title != NOBODY  # nothing may be open to somebody
        turn, row, title, glance, goes_on = turn.take(some), row[some], title[some], glance[some], goes_on[some]
        episode, from_ = minds.place_in(turn.mine, title, goes_on)
        watched = watch(turn.chance[:, 5:], wanted[row, title], traits.runtime[title], from_)
        listed = (glance != NOBODY) & (turn.chance[:, 11] < LISTED_SHARE)
        minds.remember(turn.mine, title, episode, turn.at, watched, goes_on, glance, listed)

        at = turn.number
        plays.at[at], plays.pause[at], plays.title[at], plays.episode[at] = turn.at, turn.pause, title, episode
        plays.glanced[at], plays.went_on[at], plays.listed[at] = glance, goes_on, listed
        plays.from_[at], plays.to[at], plays.seconds[at] = from_, watched.to, watched.seconds
        plays.thumb[at], plays.hidden[at] = watched.thumb, watched.hidden

    def _utility(
        self, turn: Turn, wanted: NDArray[np.int16], open_: NDArray[np.bool_], minds: Minds
    ) -> NDArray[np.int16]:
        """What lasts, and what the moment, the session and the viewer's own past add, int16[turn, titles]."""
        tables, session = self.world.utilities, self.plays.session[turn.number]
        local = turn.at + self.sessions.offset[session]
        mood = minds.last_mood[turn.mine]
        tier = np.searchsorted(np.array(GAPS), turn.at - minds.last_at[turn.mine], side="right")
        utility = wanted + tables.fame[turn.at // 86_400]
        utility += tables.context[context_of(local, self._weekday, self.sessions.device[session])]
        utility += tables.follows[np.where(mood == NOBODY, (len(GAPS) + 1) * len(MOODS), tier * len(MOODS) + mood)]
        utility += tables.intent[self.sessions.intent[session]]
        utility += minds.leaning[turn.mine]
        utility[~open_] = np.iinfo(np.int16).min
        return utility
