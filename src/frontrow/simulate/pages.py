"""What was on screen: the pages of the service before anybody personalised it, by fame, country and rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.choosing import Draw
from frontrow.simulate.places import COUNTRIES, LANGUAGES, PLANS
from frontrow.simulate.plays import Plays
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.traits import Traits
from frontrow.simulate.utilities import Utilities
from frontrow.simulate.viewers import Viewers

ROW_IDS: Final = ("continue_watching", "trending", "top10", "new_releases", "because_you_watched", "all_titles")
SHOWN: Final = 1.7
"""Titles noted as shown in a session, beside those that were played: a sample, as all would be ten times as many."""
BROWSED: Final = 0.72
"""Share of plays that were found on the page; the others by search or link."""
_CLOSED = np.iinfo(np.int16).min


@dataclass(frozen=True)
class Impressions:
    """Arrays by impression: the session, seconds after it began, and the place on the page."""

    session: NDArray[np.int64]
    after: NDArray[np.int64]
    title: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]


def browse(
    settings: WorldSettings,
    traits: Traits,
    utilities: Utilities,
    viewers: Viewers,
    viewer: NDArray[np.int64],
    day: NDArray[np.int64],
    open_: NDArray[np.bool_],
) -> Impressions:
    """What each session (of `viewer`, on `day`) was shown; nothing that its viewer may not watch."""
    rng = settings.stream("pages")
    session = np.repeat(np.arange(len(viewer)), rng.poisson(SHOWN, len(viewer)))
    chance = rng.random(len(session))
    place = viewers.place[viewer]
    group = place * 32 + viewers.limit[viewer].clip(max=31)
    title = np.full(len(session), -1)
    for each in np.unique(group).tolist():
        mine = np.flatnonzero(group[session] == each)
        code, limit = each // 32 // len(PLANS), each % 32
        language = LANGUAGES.index(COUNTRIES[code].languages[0][0])
        utility = utilities.fame + utilities.culture[code * len(LANGUAGES) + language]
        utility[~open_[:, each // 32]] = _CLOSED
        utility[:, traits.maturity > limit] = _CLOSED
        title[mine] = Draw(utility).at(day[session[mine]], chance[mine])
    kept = np.flatnonzero(title >= 0)
    kept = kept[np.unique(session[kept] * len(traits) + title[kept], return_index=True)[1]]
    kept.sort()
    session, title = session[kept], title[kept]
    order = np.arange(len(session)) - np.searchsorted(session, session)
    return Impressions(session, 2 + 2 * order, title, 1 + (session + order) % (len(ROW_IDS) - 1), 2 * order)


@dataclass(frozen=True)
class Found:
    """How plays were found, arrays by play: on the page (in `row` and `column`), by search, or by neither."""

    on_page: NDArray[np.bool_]
    searched: NDArray[np.bool_]
    row: NDArray[np.int64]
    column: NDArray[np.int64]


def finding(settings: WorldSettings, plays: Plays) -> Found:
    """Where each play came from; what goes on stands first in the first row. Odd columns are theirs alone."""
    rng = settings.stream("finding")
    u = rng.random(len(plays.at))
    searched = (u > 1 - 0.07) & ~plays.went_on
    row = np.where(plays.went_on, 0, rng.integers(1, len(ROW_IDS), len(u)))
    within = np.arange(len(u)) - np.searchsorted(plays.session, plays.session)
    return Found(u < BROWSED, searched, row, 2 * within + 1)
