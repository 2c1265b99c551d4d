"""What the simulated viewers truly want: the ceiling of what any model can know of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import SECOND, Micros
from frontrow.core.errors import NotFound
from frontrow.simulate.habits import habits_of, over_moments
from frontrow.simulate.minds import LISTED, SEEN, SEEN_BY_CHILD, TOO_EARLY
from frontrow.simulate.plays import Plays
from frontrow.simulate.profiles import profile_id
from frontrow.simulate.titles import title_id
from frontrow.simulate.traits import NOBODY
from frontrow.simulate.utilities import DRIFT_SHIFT, NAT, drift_step, lasting
from frontrow.simulate.watching import finish_chance
from frontrow.simulate.world import World

Probabilities = NDArray[np.float64]


def truth(world: World, profile: str, title: str, at: Micros) -> float:
    """The probability that the next thing that a profile begins, should it come at `at`, is this title.

    Over its habits of hour and device and over what it may have in mind, and whatever it watched before. NotFound for
    an id that the world does not have.
    """
    viewer, number = _number(profile, profile_id, len(world.viewers)), _number(title, title_id, len(world.traits))
    moment = (at - world.settings.start) // SECOND
    return float(expected(world, np.array([viewer]), [moment])[0, number])


def _number(name: str, named: object, size: int) -> int:
    digits = name.partition("-")[2]
    if digits.isdigit() and int(digits) < size and callable(named) and named(int(digits)) == name:
        return int(digits)
    raise NotFound(f"the simulated service has no {name}")


def expected(
    world: World, viewers: NDArray[np.int64], moments: Sequence[int], leaning: NDArray[np.int16] | None = None,
    finished: bool = False,
) -> Probabilities:  # fmt: skip
    """float64[viewers, titles]: how likely each title is to be begun next, the mean over `moments` (seconds from the
    first midnight). `leaning` (see `leaning_of`) adds what viewers' own past says; with `finished`, the probability
    that it is also watched to the end."""
    habit = habits_of(world.settings, world.viewers, viewers)
    always, moved = lasting(world.traits, world.utilities, world.viewers, viewers)
    total = np.zeros(always.shape)
    for moment in moments:
        day = min(max(moment // 86_400, 0), world.settings.days - 1)
        step = drift_step(np.array([moment]), world.settings.days)[0]
        want = always + ((moved * step) >> DRIFT_SHIFT)
        utility = want.astype(np.float64) + world.utilities.fame[day] + (0 if leaning is None else leaning)
        weight = np.exp((utility - utility.max(axis=1, keepdims=True)) / NAT)
        weight *= world.open[day, world.viewers.place[viewers]]
        chance = over_moments(weight, habit, world.utilities)
        total += chance * finish_chance(want) if finished else chance
    return total / len(moments)


def leaning_of(world: World, plays: Plays, before: int) -> NDArray[np.int16]:
    """int16[viewers, titles]: what the plays before a moment (seconds) add to wants: seen titles less, sequels and
    listed ones more."""
    traits, n = world.traits, len(world.traits)
    leaning = np.zeros((len(world.viewers), n), np.int16)
    next_part = world.utilities.next_part
    if next_part:
        leaning[:, traits.part > 1] = TOO_EARLY
    past = (plays.at + plays.seconds) < before
    listed = past & plays.listed
    leaning[plays.viewer[listed], plays.glanced[listed]] = LISTED
    ended = past & (plays.to >= 0.9) & (traits.next_part[plays.title] != NOBODY)
    leaning[plays.viewer[ended], traits.next_part[plays.title[ended]]] = next_part
    seen = np.where(world.viewers.kids, SEEN_BY_CHILD, SEEN).astype(np.int16)
    leaning[plays.viewer[past], plays.title[past]] = seen[plays.viewer[past]]
    return leaning
