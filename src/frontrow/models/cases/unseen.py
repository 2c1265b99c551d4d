"""What is asked about titles that nobody has watched yet, to learn how to weigh what is said of them.

At a cut in time some are yet to come, and some others leave training as if they were: all that models know of either is
their content, and what is lent to them for it (lending.py). That content says more, and what is lent less, of a title
than of one that models learned from, the blend learns from viewers who went on to watch one. How such titles stand
beside the others it learns from those alone that nobody had watched until then, nobody ever did watch among them: a
title that left by chance would have had its viewers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import SESSION
from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import Interactions
from frontrow.models.blend import Blend, waited
from frontrow.models.blend_fit import Beside, Case
from frontrow.models.cases.asked import SESSION_EVENTS, Asked, asked_at, runs, sources_of
from frontrow.models.cases.data import TrainingData
from frontrow.models.models import Models
from frontrow.models.outcomes.model import log_sum
from frontrow.models.query import Query
from frontrow.models.sources import Sources

SHARE: Final = 0.05
MOST: Final = 200
"""Titles that leave training before the cuts in time: a share of those watched, but no more."""


def hold_out_titles(interactions: Interactions, data: TrainingData, seed: int) -> NDArray[np.int64]:
    """The numbers of some titles that have been watched and of which the content is known, drawn by chance."""
    watched = np.bincount(interactions.title, minlength=data.n_titles) > 0
    able = np.flatnonzero(watched & data.rankable & data.content.any(axis=1))
    drawn = stream(seed, "titles held out").permutation(able)[: min(MOST, int(SHARE * len(able)))]
    return np.sort(drawn).astype(np.int64)


@dataclass(frozen=True)
class Unseen:
    """Models fitted on `rest`, asked about titles that are not in it though they were watched later."""

    models: Models
    rest: Interactions
    data: TrainingData
    added_at: NDArray[np.int64]
    """When titles were added; 0 where nobody knows, or says that it was after they were watched."""

    @classmethod
    def of(cls, models: Models, rest: Interactions, data: TrainingData) -> Unseen:
        """Of `data`, of which `rest` is a part."""
        watched_at = np.full(data.n_titles, np.iinfo(np.int64).max)
        np.minimum.at(watched_at, data.interactions.title, data.interactions.at)
        return cls(models, rest, data, np.where(data.added_at <= watched_at, data.added_at, 0))

    def taken_up(self, every: Interactions, cut: int, viewers: int, seed: int) -> list[Case]:
        """Which unseen title sampled viewers took to first after `cut`, among those that were there."""
        ever, told = (np.bincount(each.title, minlength=self.data.n_titles) > 0 for each in (every, self.rest))
        # Of very many titles that nobody ever watches the newest would borrow: those that are asked about do.
        unseen = self.data.rankable & ever & ~told
        sources, seen = sources_of(self.models, self.rest, self.data, unseen)
        cases = []
        with blas_threads(1):
            # In order of time, as popularity of the past is folded forward.
            for one in sorted(_first_met(every, cut, unseen, viewers, seed), key=lambda each: each.query.now):
                features, titles, _ = self._read(sources, one, seen | unseen, int(one.then.at[0]))
                hit = np.isin(titles, one.taken_to)
                if hit.any() and not hit.all():
                    cases.append(Case(features, hit, int(hit.sum())))
        return cases

    def stand_beside(self, every: Interactions, cut: int, asked: list[Asked], blend: Blend) -> list[Beside]:
        """What viewers, asked at their first moment after `cut`, went on to watch of titles that nobody had watched,
        beside the others, which `blend` joins for the session."""
        before, told = (
            np.bincount(each.title, minlength=self.data.n_titles) > 0
            for each in (every.take(every.at < cut), self.rest)
        )
        waiting = self.data.rankable & ~before
        if not waiting.any():  # whatever was added was watched, so a new title is like those that left
            waiting = self.data.rankable & ~told
        sources, seen = sources_of(self.models, self.rest, self.data, waiting)
        beside = []
        with blas_threads(1):
            for one in sorted(asked, key=lambda each: each.query.now):
                features, titles, rows = self._read(sources, one, seen | waiting, one.query.now)
                known = seen.copy()
                known[one.known] = False
                came = np.unique(one.all_then.title[:SESSION_EVENTS])
                hit, old = np.isin(titles, came), int(known[came].sum())
                if len(titles) and known.any() and hit.sum() + old:
                    others = log_sum(blend.weights(SESSION, len(sources.history(one.query))) @ rows[:, known])
                    long = waited(self.added_at[titles], one.query.now)
                    beside.append(Beside(features, hit, long, float(others), old))
        return beside

    def _read(
        self, sources: Sources, one: Asked, rankable: NDArray[np.bool_], now: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
        """The standardised features of the unseen titles that were there `now`, float32[titles, features], which those
        are, and the features of all."""
        query, data = one.query, self.data
        reading = sources.read(query, data.n_titles, borrow_at=now)
        rows, titles = reading.standardised(), reading.unseen
        there = rankable[titles] & (self.added_at[titles] <= now) & ~np.isin(titles, one.known)
        titles = titles[there]
        return rows.take(titles, 1).T.copy(), titles, rows


def _first_met(every: Interactions, cut: int, unseen: NDArray[np.bool_], viewers: int, seed: int) -> list[Asked]:
    """Sampled viewers at the first of these titles that they watched after `cut`, fed all before it that models may
    have seen, and not told the time."""
    asked = []
    for first, last in zip(*runs(every.profile), strict=True):
        met = first + np.flatnonzero(unseen[every.title[first:last]] & (every.at[first:last] >= cut))
        if len(met) and met[0] > first:
            one = asked_at(every, int(first), int(met[0]), min(int(met[0]) + SESSION_EVENTS, int(last)), None)
            seen = ~unseen[one.query.titles]
            if seen.any():
                asked.append(replace(one, query=_only(one.query, seen)))
    order = stream(seed, "viewers of unseen titles", cut).permutation(len(asked))[:viewers]
    return [asked[place] for place in np.sort(order).tolist()]


def _only(query: Query, chosen: NDArray[np.bool_]) -> Query:
    """The query with some of its interactions."""
    return replace(
        query, titles=query.titles[chosen], at=query.at[chosen], weights=query.weights[chosen],
        hours=None if query.hours is None else query.hours[chosen],
        devices=None if query.devices is None else query.devices[chosen],
    )  # fmt: skip
