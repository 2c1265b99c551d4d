"""What a knower of the truth would gain by each facet, in the very questions that run.py asks.

    python benchmarks/facets/ceiling.py [--seeds 401,402,403] [--profiles N]

A service is played through again, and at each viewer's last title that was new to them all open titles they do not know
are ranked by the simulator's own wants: with everything that can be known (taste, fame, rights, moment, what came last,
and, of the session's intent, what its earlier plays betray by Bayes' rule), and without the moment, without what
follows what, without what the session betrays. NDCG@10, over all questions and over those within a running session.
`lift` is by how much the first is ahead, as a share. `intent known` is told the intent itself. A minute in all. Writes
ceiling.json beside this file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.minds import TOO_EARLY, Minds
from frontrow.simulate.plays import GROUP, Player, Plays, Turn
from frontrow.simulate.sessions import INTENT_SHARE, first_weekday, make_sessions
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import NOBODY
from frontrow.simulate.utilities import GAPS, NAT, context_of
from frontrow.simulate.words import MOODS
from frontrow.simulate.world import World, make_world

HERE = Path(__file__).resolve().parent
CUT = 10
KNOWN = ("all", "no moment", "no order", "no session", "neither order nor session", "intent known")
SHARES = np.append(np.full(len(MOODS), INTENT_SHARE / len(MOODS)), 1 - INTENT_SHARE)
"""How likely a session is for each mood, and for none, before anything of it is known."""


class Replay(Player):
    """Plays through again, and ranks at the plays asked about."""

    def __init__(self, world: World, sessions: Any, asked: dict[int, NDArray[np.int64]]) -> None:
        super().__init__(world, sessions)
        self.asked = asked
        self.gains: list[list[float]] = []
        self._of = {int(self.plays.session[number]) for number in asked}
        self._betrayed: dict[int, tuple[NDArray[np.float64], int]] = {}
        self._wants: dict[int, tuple[NDArray[np.float64], ...]] = {}
        self._first_weekday = first_weekday(world.settings)

    def _utility(
        self, turn: Turn, wanted: NDArray[np.int16], open_: NDArray[np.bool_], minds: Minds
    ) -> NDArray[np.int16]:
        utility = super()._utility(turn, wanted, open_, minds)
        tables, session = self.world.utilities, self.plays.session[turn.number]
        tier = np.searchsorted(np.array(GAPS), turn.at - minds.last_at[turn.mine], side="right")
        local = turn.at + self.sessions.offset[session]
        context = context_of(local, self._first_weekday, self.sessions.device[session])
        self._wants = {}
        for row in np.flatnonzero([each in self._of for each in session.tolist()]).tolist():
            mood, leaning = int(minds.last_mood[turn.mine[row]]), minds.leaning[turn.mine[row]].astype(np.float64)
            place = len(tables.follows) - 1 if mood == NOBODY else int(tier[row]) * len(MOODS) + mood
            part = (leaning == TOO_EARLY) | ((leaning == tables.next_part) & (tables.next_part != 0))
            order = tables.follows[place].astype(np.float64) + np.where(part, leaning, 0)
            without = utility[row].astype(np.float64) - tables.intent[self.sessions.intent[session[row]]]
            self._wants[int(turn.number[row])] = (without, order, tables.context[context[row]] * 1.0, open_[row])
        return utility

    def _play(self, turn: Turn, always: NDArray[np.int16], moved: NDArray[np.int16], minds: Minds) -> None:
        super()._play(turn, always, moved, minds)
        for number, (wants, order, moment, open_) in self._wants.items():
            title, session = int(self.plays.title[number]), int(self.plays.session[number])
            if title == NOBODY:
                continue
            betrayed, before = self._betrayed.get(session, (SHARES, 0))
            if number in self.asked:
                truth = np.eye(len(SHARES))[self.sessions.intent[session]]
                told = [
                    (wants, betrayed), (wants - moment, betrayed), (wants - order, betrayed), (wants, SHARES),
                    (wants - order, SHARES), (wants, truth),
                ]  # fmt: skip
                gains = [self._gain(number, shares @ self._chances(each, open_)) for each, shares in told]
                self.gains.append([float(before > 0), *gains])
            if not self.plays.went_on[number]:
                betrayed = betrayed * self._chances(wants, open_)[:, title]
                betrayed /= betrayed.sum()
            self._betrayed[session] = (betrayed, before + 1)

    def _chances(self, wants: NDArray[np.float64], open_: NDArray[np.bool_]) -> NDArray[np.float64]:
        """float64[intents, titles]: how likely each title is, were the session for each mood, or for none."""
        utility = np.where(open_, wants, -1e6) + self.world.utilities.intent
        odds = np.exp((utility - utility.max(axis=1, keepdims=True)) / NAT)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def _gain(self, number: int, chance: NDArray[np.float64]) -> float:
        chance = chance.copy()
        chance[self.asked[number]] = -1
        rank = int((chance > chance[self.plays.title[number]]).sum())
        return float(1 / np.log2(rank + 2)) if rank < CUT else 0.0


def questions(plays: Plays) -> dict[int, NDArray[np.int64]]:
    """By the number of each viewer's last play of a title new to them, the titles known then."""
    happened = np.flatnonzero(plays.at >= 0)
    asked = {}
    for rows in np.split(happened, np.flatnonzero(np.diff(plays.viewer[happened])) + 1):
        last = int(np.unique(plays.title[rows], return_index=True)[1].max())
        if last:
            asked[int(rows[last])] = plays.title[rows[:last]]
    return asked


def run(settings: WorldSettings) -> dict[str, Any]:
    """One service."""
    world = make_world(settings)
    sessions = make_sessions(settings, world.viewers)
    first = Player(world, sessions)
    for start in range(0, settings.profiles, GROUP):
        first.group(start)
    again = Replay(world, sessions, questions(first.plays))
    for start in range(0, settings.profiles, GROUP):
        again.group(start)
    gains = np.array(again.gains)
    told: dict[str, Any] = {}
    for name, some in (("every question", gains), ("within a session", gains[gains[:, 0] > 0])):
        mean = dict(zip(KNOWN, some[:, 1:].mean(axis=0).tolist(), strict=True))
        told[name] = {
            "asked": len(some), "ndcg@10": {known: round(value, 4) for known, value in mean.items()},
            "lift": {known[3:]: round(mean["all"] / mean[known] - 1, 4) for known in KNOWN[1:4]},
        }  # fmt: skip
    return told


def main() -> None:
    """Runs all seeds."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="401,402,403")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=2_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--out", type=Path, default=HERE / "ceiling.json")
    options = asked.parse_args()
    runs = []
    for seed in map(int, options.seeds.split(",")):
        settings = WorldSettings(seed, options.titles, options.profiles, options.days)
        runs.append({"seed": seed, "profiles": options.profiles} | run(settings))
        print(json.dumps(runs[-1], indent=1), flush=True)
    options.out.write_text(json.dumps({"runs": runs}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
