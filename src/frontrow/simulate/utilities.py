"""What makes a title wanted, effect by effect, as tables of whole numbers.

A utility is counted in 1/256 of a nat: a viewer plays title t with probability proportional to exp(utility / 256).
Whole numbers make sums exact, so that every machine draws the same plays. Tables of an effect that is off are 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.places import CODES, COUNTRIES, LANGUAGES
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import KIDS_AGE, NOBODY, Traits
from frontrow.simulate.viewers import DEVICES, Viewers
from frontrow.simulate.words import GENRES, MOODS

NAT: Final = 256
CLOSED: Final = -10_500
"""Added where a title may not be played; far below anything that the rest can make up for."""
HOUR_PARTS: Final = (5, 10, 14, 18, 22)
"""Local hours at which the parts of a day begin: night, morning, midday, afternoon, evening, late."""
CONTEXTS: Final = 6 * 2 * len(DEVICES)
GAPS: Final = (86_400, 4 * 86_400)
"""Seconds since the last play from which what follows matters less, twice."""

TASTE, FAME, RELEASE, RELEASE_DAYS, BUZZ, BUZZ_DAYS = 5.8, 1.9, 2.3, 25.0, 1.2, 14
OWN, NEAR, HEARD, LIKED_GENRE = 1.2, 0.4, 0.8, 0.5
DAYPART, DEVICE, WEEKEND, SHORT = 0.85, 0.7, 0.35, 0.9
INTENT, FOLLOWS, NEXT_PART = 5.5, 3.5, 5.5
SECOND = 0.5
"""A title's second mood counts this much."""


@dataclass(frozen=True)
class Utilities:
    """int16 tables over titles: `fame` by day, `culture` by country × language, `context` by context, `follows` by
    gap × mood of the last play (the last row: nothing yet), `intent` by mood (the last row: none). `suits` is
    float64[titles, 12], to be multiplied by tastes; `next_part` int16 is added for the next part of a film series."""

    fame: NDArray[np.int16]
    culture: NDArray[np.int16]
    context: NDArray[np.int16]
    follows: NDArray[np.int16]
    intent: NDArray[np.int16]
    suits: NDArray[np.float64]
    next_part: int
    follower: NDArray[np.int64]
    """The mood that follows each mood."""


def make_utilities(settings: WorldSettings, traits: Traits) -> Utilities:
    """All tables of a world."""
    rng = settings.stream("moods that follow")
    order = rng.permutation(len(MOODS))
    follower = np.empty(len(MOODS), np.int64)
    follower[order] = np.roll(order, -1)
    has = _has_mood(traits)
    after = has[follower]
    nothing = np.zeros((1, len(traits)))
    follows = FOLLOWS * np.vstack([after, 0.65 * after, 0.4 * after, nothing])
    intent = INTENT * np.vstack([has, nothing])
    sequence = settings.has("sequence")
    return Utilities(
        _whole(_fame(settings, traits)),
        _whole(_culture(settings, traits) * settings.has("culture")),
        _whole(_context(settings, traits) * settings.has("context")),
        _whole(follows * sequence),
        _whole(intent * settings.has("session")),
        traits.suits * TASTE * NAT,
        round(NEXT_PART * NAT) * sequence,
        follower,
    )


def _whole(nats: NDArray[np.float64]) -> NDArray[np.int16]:
    return np.rint(nats * NAT).astype(np.int16)


def _has_mood(traits: Traits) -> NDArray[np.float64]:
    """float64[moods, titles]: 1 for the main mood, `SECOND` for the other."""
    has = np.zeros((len(MOODS), len(traits)))
    has[traits.moods[:, 1], np.arange(len(traits))] = SECOND
    has[traits.moods[:, 0], np.arange(len(traits))] = 1.0
    return has


def _fame(settings: WorldSettings, traits: Traits) -> NDArray[np.float64]:
    """[days, titles]: lasting fame, a release's weeks, and now and then weeks of talk of an old one."""
    rng, n = settings.stream("fame"), len(traits)
    day = np.arange(settings.days)[:, None]
    age = np.maximum(day - traits.added[None, :], 0)
    fame = FAME * traits.fame[None, :] + RELEASE * np.exp(-age / RELEASE_DAYS)
    talked = rng.choice(n, max(1, n * settings.days // 1_500), replace=True)
    since = rng.integers(0, settings.days, len(talked))
    for title, first in zip(talked.tolist(), since.tolist(), strict=True):
        fame[first : first + BUZZ_DAYS, title] += BUZZ
    return np.asarray(fame)


def _culture(settings: WorldSettings, traits: Traits) -> NDArray[np.float64]:
    """[countries × languages, titles]: own and near origins, a language one understands, a country's genres."""
    rng = settings.stream("culture")
    genre = np.zeros((len(GENRES), len(traits)))
    for column, weight in ((2, 0.3), (1, 0.6), (0, 1.0)):
        known = np.flatnonzero(traits.genres[:, column] != NOBODY)
        genre[traits.genres[known, column], known] = weight
    rows = []
    for code, country in enumerate(COUNTRIES):
        near = np.isin(traits.origin, [CODES.index(each) for each in country.near])
        place = OWN * (traits.origin == code) + NEAR * near + LIKED_GENRE * rng.standard_normal(len(GENRES)) @ genre
        rows += [place + HEARD * traits.audio[:, language] for language in range(len(LANGUAGES))]
    return np.array(rows)


def _context(settings: WorldSettings, traits: Traits) -> NDArray[np.float64]:
    """[contexts, titles]: parts of the day, devices and weekends each want their moods; small screens want it short."""
    rng = settings.stream("context")
    has = _has_mood(traits)
    moods, parts = len(MOODS), len(HOUR_PARTS) + 1
    by_part = DAYPART * rng.standard_normal((parts, moods))
    by_device = DEVICE * rng.standard_normal((len(DEVICES), moods))
    by_weekend = WEEKEND * rng.standard_normal((2, moods))
    short = np.where(traits.runtime < 35, 1.0, np.where(traits.runtime > 95, -1.0, 0.0))
    handheld = np.array([-0.5, 1.0, 0.4, 0.0, -0.3]) * SHORT
    rows = [
        (by_part[part] + by_device[device] + by_weekend[weekend]) @ has + handheld[device] * short
        for part in range(parts)
        for weekend in range(2)
        for device in range(len(DEVICES))
    ]
    return np.array(rows)


def context_of(local_seconds: NDArray[np.int64], start_weekday: int, device: NDArray[np.int64]) -> NDArray[np.int64]:
    """The context's row, from local seconds since the first midnight, of weekday `start_weekday` (0: Monday)."""
    day, second = np.divmod(local_seconds, 86_400)
    part = np.searchsorted(np.array(HOUR_PARTS) * 3_600, second, side="right")
    weekend = ((day + start_weekday) % 7 >= 5).astype(np.int64)
    return np.asarray((part * 2 + weekend) * len(DEVICES) + device)


def lasting(
    traits: Traits, utilities: Utilities, viewers: Viewers, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """What lasts of viewers' wants, int16[rows, titles]: at the first moment, and by how much it will have moved at
    the last. Taste, culture, and what is too grown-up or too childish for them."""
    first = viewers.taste[rows] @ utilities.suits.T
    moved = (viewers.later[rows] @ utilities.suits.T - first).clip(-4_000, 4_000)
    age = viewers.limit[rows, None]
    childish = np.where(age <= KIDS_AGE, ~traits.kids * -4.0, traits.kids * -1.5) * NAT
    unfit = np.where(traits.maturity[None, :] > age, CLOSED, 0)
    culture = utilities.culture[viewers.country[rows] * len(LANGUAGES) + viewers.language[rows]]
    return (np.rint(first) + childish + unfit).astype(np.int16) + culture, np.rint(moved).astype(np.int16)


DRIFT_SHIFT: Final = 3
DRIFT_STEPS: Final = 1 << DRIFT_SHIFT


def drift_step(seconds: NDArray[np.int64], days: int) -> NDArray[np.int16]:
    """How much of the way tastes have moved, in eighths."""
    return (seconds * DRIFT_STEPS // (days * 86_400)).clip(0, DRIFT_STEPS).astype(np.int16)
