"""Who is before and behind the camera: persons with a country, a speciality and some fame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.names import Dice, Namer
from frontrow.simulate.places import CODES, COUNTRIES, OF_ORIGIN
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.words import GENRES

TITLES_A_PERSON = 2.2
"""A cast of about this many titles for each person of the pool: some are seen once, some in a dozen titles."""


@dataclass(frozen=True)
class Cast:
    """Equal-length arrays by person number. `country` indexes CODES, `genre` GENRES; `fame` is in nats."""

    name: list[str]
    country: NDArray[np.int64]
    genre: NDArray[np.int64]
    fame: NDArray[np.float64]


def make_cast(settings: WorldSettings) -> Cast:
    """The pool of persons, in proportion to the catalogue."""
    rng = settings.stream("cast")
    n = max(len(CODES) * 3, round(settings.titles * 4 / TITLES_A_PERSON / 2))
    share = np.array([country.titles for country in COUNTRIES])
    country = rng.choice(len(CODES), n, p=share / share.sum())
    genre = rng.integers(0, len(GENRES), n)
    fame = rng.standard_normal(n)
    dice, namer = Dice(settings.stream("cast names")), Namer()
    names = [namer.person(dice, OF_ORIGIN[CODES[each]]) for each in country.tolist()]
    return Cast(names, country, genre, fame)
