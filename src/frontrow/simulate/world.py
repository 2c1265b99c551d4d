"""A world: a service and its people, before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.cast import Cast, make_cast
from frontrow.simulate.habits import levelled
from frontrow.simulate.offers import Offers, make_offers, open_at
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import Traits, make_traits
from frontrow.simulate.utilities import Utilities, make_utilities
from frontrow.simulate.viewers import Viewers, make_viewers


@dataclass(frozen=True)
class World:
    """A service and its people, before anything happens. Made by `make_world`; the same for the same settings."""

    settings: WorldSettings
    cast: Cast
    traits: Traits
    offers: Offers
    utilities: Utilities
    viewers: Viewers

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """What may be played: bool[days, countries × plans, titles]."""
        return open_at(self.offers, self.traits, self.settings.days)


def make_world(settings: WorldSettings) -> World:
    """Titles, rights, wants and viewers."""
    cast = make_cast(settings)
    traits = make_traits(settings, cast)
    offers = make_offers(settings, traits)
    viewers = make_viewers(settings, traits)
    utilities = levelled(settings, traits, make_utilities(settings, traits), viewers)
    return World(settings, cast, traits, offers, utilities, viewers)
