"""Rights: when, where and on which plans a title is open. Edges lie on midnights (UTC), so that a day decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.places import CODES, COUNTRIES, PLANS
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import HEADLINER, KINDS, Traits

NEVER: Final = 100_000
"""A day that no history reaches."""
_EVERYWHERE, _HOME, _LEAVING, _PAID, _STAGGERED = range(5)
_SHARES = (0.66, 0.12, 0.10, 0.06, 0.06)


@dataclass(frozen=True)
class Offers:
    """Windows as equal-length arrays: the title's number, countries [w, 10] and plans [w, 3] (all true: everywhere, for
    all), first day and the day it ends before. `live_from`, `live_until` are days by title; equal where not live."""

    title: NDArray[np.int64]
    countries: NDArray[np.bool_]
    plans: NDArray[np.bool_]
    first: NDArray[np.int64]
    until: NDArray[np.int64]
    live_from: NDArray[np.int64]
    live_until: NDArray[np.int64]


def make_offers(settings: WorldSettings, traits: Traits) -> Offers:
    """Most titles are open everywhere and always; some only at home and nearby, some leave, some cost more, some come
    later elsewhere. Headliners are open to all."""
    rng, n = settings.stream("offers"), len(traits)
    live = traits.kind == KINDS.index("live")
    live_from = np.where(live, traits.added.clip(0) + 3, 0)
    live_until = np.where(live, live_from + rng.integers(1, 4, n), 0)
    pattern = np.where(live | (traits.fame >= HEADLINER), _EVERYWHERE, rng.choice(5, n, p=_SHARES))
    home = _homes(rng, traits.origin)
    leaves = np.maximum(traits.added, 0) + rng.integers(15, settings.days + 30, n)
    parts = []
    for number in np.flatnonzero(pattern != _EVERYWHERE).tolist():
        everywhere, all_plans = np.ones(len(CODES), bool), np.ones(len(PLANS), bool)
        added = int(traits.added[number])
        match pattern[number]:
            case 1:
                parts.append((number, home[number], all_plans, added, NEVER))
            case 2:
                parts.append((number, everywhere, all_plans, added, int(leaves[number])))
            case 3:
                paid = np.array([False, rng.random() < 0.6, True])
                parts.append((number, everywhere, paid, added, NEVER))
            case _:
                parts.append((number, home[number], all_plans, added, NEVER))
                parts.append((number, ~home[number], all_plans, added + int(rng.integers(7, 30)), NEVER))
    columns = list(zip(*parts, strict=True)) if parts else [(), (), (), (), ()]
    return Offers(
        np.array(columns[0], np.int64),
        np.array(columns[1], bool).reshape(-1, len(CODES)),
        np.array(columns[2], bool).reshape(-1, len(PLANS)),
        np.array(columns[3], np.int64),
        np.array(columns[4], np.int64),
        live_from,
        live_until,
    )


def _homes(rng: np.random.Generator, origin: NDArray[np.int64]) -> NDArray[np.bool_]:
    near = np.array([[c == o or c in o_.near for c in CODES] for o, o_ in zip(CODES, COUNTRIES, strict=True)])
    return np.asarray(near[origin] | (rng.random((len(origin), len(CODES))) < 0.25))


def open_at(offers: Offers, traits: Traits, days: int) -> NDArray[np.bool_]:
    """bool[days, countries × plans, titles]: what may be played on each day; live titles only while they last."""
    n, places = len(traits), len(CODES) * len(PLANS)
    day = np.arange(days)[:, None]
    there = day >= traits.added[None, :]
    live = offers.live_until > offers.live_from
    there &= ~live | ((day >= offers.live_from) & (day < offers.live_until))
    limited = np.unique(offers.title)
    allowed = np.ones((days, places, n), bool)
    allowed[:, :, limited] = False
    for title, countries, plans, first, until in zip(
        offers.title, offers.countries, offers.plans, offers.first, offers.until, strict=True
    ):
        inside = slice(max(0, int(first)), max(0, min(days, int(until))))
        allowed[inside, np.flatnonzero((countries[:, None] & plans).ravel()), title] = True
    return allowed & there[:, None, :]
