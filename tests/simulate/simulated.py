"""What tests of the simulated service share: the small world's settings, and worlds played through once."""

from __future__ import annotations

import functools

from frontrow.simulate.history import play_through
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.world import make_world

SMALL = WorldSettings(seed=5, titles=300, profiles=300, days=40)


def silent(fraction, text):
    """Progress for nobody."""


@functools.cache
def played(without=""):
    """World, sessions and plays of a larger world, with or without one effect."""
    effects = frozenset([without]) if without else frozenset()
    world = make_world(WorldSettings(seed=8, titles=400, profiles=900, days=60, without=effects))
    return world, *play_through(world, silent)
