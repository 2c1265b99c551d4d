"""What a simulated service is made from: its settings, and the effects that can be left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from frontrow.core.clock import DAY, Micros, parse_time
from frontrow.core.errors import UsageError
from frontrow.core.names import nearest
from frontrow.core.random import stream

EFFECTS: Final[dict[str, str]] = {
    "context": "hour of the day, weekday and device shift what is wanted",
    "culture": "countries and languages prefer their own titles, and genres",
    "content": "what a record says of a title (genres, moods, themes, people, origin) tells whom it suits",
    "sequence": "what was watched last leads on: parts of a film series, moods that follow moods",
    "session": "a session has an intent that its first minutes betray",
    "drift": "tastes move over the weeks",
}
"""Each can be switched off, so that a model that claims to use it can be caught."""

END: Final[Micros] = parse_time("2026-03-02T00:00:00Z")
"""Every history ends here: with the same seed come the same files, whenever and wherever they are made."""
MIN_TITLES: Final = 40


@dataclass(frozen=True)
class WorldSettings:
    """Size and seed of a world. `without` names effects that are switched off; UsageError for one that is unknown."""

    seed: int = 1
    titles: int = 2_000
    profiles: int = 5_000
    days: int = 60
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise UsageError(f"the seed must be 0 or more, not {self.seed}")
        if self.titles < MIN_TITLES:
            raise UsageError(f"a service needs at least {MIN_TITLES} titles, not {self.titles}")
        if self.profiles < 1 or not 1 <= self.days <= 730:
            raise UsageError("a history needs at least 1 profile and 1 to 730 days")
        for effect in sorted(self.without - set(EFFECTS)):
            near = nearest(effect, EFFECTS)
            mend = f"Did you mean {near}?" if near else f"Known: {', '.join(EFFECTS)}"
            raise UsageError(f"there is no effect {effect}", mend)

    @property
    def start(self) -> Micros:
        """The first moment, microseconds UTC: midnight."""
        return Micros(END - self.days * DAY)

    def has(self, effect: str) -> bool:
        """Whether an effect is at work."""
        return effect not in self.without

    def stream(self, purpose: str, key: str | int = "") -> np.random.Generator:
        """A random stream of its own; leaving out an effect moves none of the others'."""
        return stream(self.seed, f"simulate.{purpose}", key)


QUICK: Final = WorldSettings(titles=600, profiles=900, days=30)
"""A smaller world, for `frontrow demo --quick`."""
