"""Who watches: accounts and their profiles, with habits of hour and device, and tastes that may move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.places import CODES, COUNTRIES, LANGUAGES, PLANS, TIMEZONES
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import DIMS, KIDS_AGE, Traits

DEVICES: Final = ("tv", "phone", "tablet", "web", "console")
NO_LIMIT: Final = 99
_SIZES = (0.42, 0.28, 0.18, 0.12)
KIDS_SHARE, TEEN_SHARE, NEW_SHARE, PRIVATE_SHARE = 0.16, 0.07, 0.12, 0.02
SESSIONS_A_DAY = 0.36
COMMON_TASTES: Final = 40
"""Interests that many share; each viewer has two of them, and one of their own."""
DRIFT_ANGLE = np.deg2rad(45.0)
"""How far a taste has turned after the whole history."""
_PEAKS = ((7.5, 12.5, 18.5), (10.0, 14.5, 20.5), (19.5, 20.5, 21.5), (22.0, 23.5, 1.0), (8.0, 15.5, 18.0))
"""Local hours at which each kind of day watches: commuter, at home, evening, night, child."""
CHILD: Final = len(_PEAKS) - 1


@dataclass(frozen=True)
class Viewers:
    """Arrays by profile number. `limit` is a minimum age (99: none); `created` seconds from the first day's midnight
    (negative: before); `taste` and `later` float64[n, 12] of length 1, at the first and the last moment; `sessions`
    how often they come a day; `device` float64[n, 5] shares."""

    account: NDArray[np.int64]
    country: NDArray[np.int64]
    language: NDArray[np.int64]
    timezone: NDArray[np.int64]
    plan: NDArray[np.int64]
    limit: NDArray[np.int64]
    kids: NDArray[np.bool_]
    created: NDArray[np.int64]
    private: NDArray[np.bool_]
    rhythm: NDArray[np.int64]
    device: NDArray[np.float64]
    sessions: NDArray[np.float64]
    taste: NDArray[np.float64]
    later: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.account)

    @property
    def place(self) -> NDArray[np.int64]:
        """Country × plan, as `offers.open_at` counts them."""
        return self.country * len(PLANS) + self.plan


def make_viewers(settings: WorldSettings, traits: Traits) -> Viewers:
    """All profiles of a world, account by account."""
    rng, n = settings.stream("viewers"), settings.profiles
    account = np.repeat(np.arange(n), 1 + rng.choice(len(_SIZES), n, p=_SIZES))[:n]
    first = np.diff(account, prepend=-1) > 0
    share = np.array([country.viewers for country in COUNTRIES])
    by_account = rng.choice(len(CODES), n, p=share / share.sum())
    by_account[: len(CODES)] = np.arange(len(CODES))[:n]  # whoever opens the list of profiles meets all countries
    country = by_account[account]
    plan = rng.choice(len(PLANS), n, p=[share for _, share in PLANS])[account]
    kids = (rng.random(n) < KIDS_SHARE / (1 - first.mean() + 1e-9)) & ~first
    teen = (rng.random(n) < TEEN_SHARE) & ~first & ~kids
    limit = np.where(kids, KIDS_AGE, np.where(teen, rng.choice([12, 14, 16], n), NO_LIMIT))
    language = _by_country(rng, country, [[(LANGUAGES.index(each), s) for each, s in c.languages] for c in COUNTRIES])
    zones = [[(TIMEZONES.index(zone), 1 / len(c.timezones)) for zone in c.timezones] for c in COUNTRIES]
    timezone = _by_country(rng, country, zones)[np.maximum.accumulate(np.where(first, np.arange(n), 0))]
    joined = rng.random(n)
    created = np.where(joined < NEW_SHARE, joined / NEW_SHARE * 0.9 * settings.days, -rng.integers(1, 900, n))
    created = (created * 86_400).astype(np.int64)
    rhythm = np.where(kids, CHILD, rng.integers(0, CHILD, n))
    leaning = np.where(kids[:, None], [1.5, 0.3, 3.0, 0.3, 0.1], [3.0, 1.6, 0.6, 0.9, 0.3])
    device = rng.standard_gamma(leaning) + 0.02
    sessions = SESSIONS_A_DAY * np.exp(0.7 * rng.standard_normal(n) - 0.245)
    taste, later = _tastes(settings, traits, limit)
    return Viewers(
        account, country, language, timezone, plan, limit, kids, created, rng.random(n) < PRIVATE_SHARE, rhythm,
        device / device.sum(axis=1, keepdims=True), sessions, taste, later,
    )  # fmt: skip


def _by_country(
    rng: np.random.Generator, country: NDArray[np.int64], options: list[list[tuple[int, float]]]
) -> NDArray[np.int64]:
    drawn, chosen = rng.random(len(country)), np.zeros(len(country), np.int64)
    for code, shares in enumerate(options):
        here = country == code
        edges = np.cumsum([share for _, share in shares])[:-1]
        chosen[here] = np.array([each for each, _ in shares])[np.searchsorted(edges, drawn[here], side="right")]
    return chosen


def _tastes(
    settings: WorldSettings, traits: Traits, limit: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each viewer's interests lie around a few titles that they may watch; the later taste has turned to others."""
    rng, n = settings.stream("tastes"), len(limit)
    towards = []
    for _ in range(2):
        taste = np.zeros((n, DIMS))
        for age in np.unique(limit).tolist():
            rows = np.flatnonzero(limit == age)
            suited = np.flatnonzero((traits.maturity <= age) & (traits.kids | (age > KIDS_AGE)))
            suited = suited if age <= KIDS_AGE else suited[~traits.kids[suited]]
            suited = suited if len(suited) else np.arange(len(traits))
            common = suited[settings.stream("common tastes", age).integers(0, len(suited), COMMON_TASTES)]
            anchors = suited[rng.integers(0, len(suited), (len(rows), 3))]
            anchors[:, :2] = common[rng.integers(0, len(common), (len(rows), 2))]
            weights = rng.dirichlet([1.5, 1.5, 1.5], len(rows))
            taste[rows] = (traits.suits[anchors] * weights[:, :, None]).sum(axis=1)
        towards.append(taste / np.linalg.norm(taste, axis=1, keepdims=True))
    taste, other = towards
    if not settings.has("drift"):
        return taste, taste
    sideways = other - (other * taste).sum(axis=1, keepdims=True) * taste
    sideways /= np.linalg.norm(sideways, axis=1, keepdims=True)
    return taste, np.cos(DRIFT_ANGLE) * taste + np.sin(DRIFT_ANGLE) * sideways


def hours_of(rng: np.random.Generator, rhythm: NDArray[np.int64]) -> NDArray[np.float64]:
    """A local hour for each, float64[n] in 0..24."""
    peak = np.array(_PEAKS)[rhythm, rng.integers(0, 3, len(rhythm))]
    return np.asarray((peak + 1.3 * rng.standard_normal(len(rhythm))) % 24)
