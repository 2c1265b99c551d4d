"""What a blend is learned from: viewers asked in the past, of whom it is known what they watched then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY, HOUR
from frontrow.core.horizon import MONTH
from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import LIKED, PLAYBACK_HOURS, Interactions
from frontrow.features.velocity import Velocity
from frontrow.models.blend_fit import Case, case_of, put_forward
from frontrow.models.cases.data import TrainingData
from frontrow.models.models import Models
from frontrow.models.query import Query
from frontrow.models.sources import Sources

SESSION_EVENTS = 5
FED = (1, 3, 8)
"""Interactions after which newcomers are asked."""


@dataclass(frozen=True)
class Asked:
    """One viewer asked: the query, all titles of the history, and the interactions that came then, in order: those that
    count as right, and `all_then`."""

    query: Query
    known: NDArray[np.int32]
    viewer: int
    then: Interactions
    all_then: Interactions

    @property
    def taken_to(self) -> NDArray[np.int32]:
        """The titles that came then and were neither disliked nor hardly begun."""
        return self.then.title[self.then.weight > 0]


def runs(profile: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and one past the last place of each profile in a sorted array."""
    if not len(profile):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first = np.flatnonzero(np.diff(profile, prepend=profile[0] - 1) != 0)
    return first, np.append(first[1:], len(profile))


def hold_out_newcomers(interactions: Interactions, viewers: int, seed: int) -> tuple[Interactions, list[Asked]]:
    """Sampled viewers, at most `viewers` and a tenth of all, are left out altogether, as if they had never come: the
    rest, and what each is asked after its first FED interactions, about all that came in the month then: of that the
    sitting that went on is what `sitting` leaves. Who has just come is not like who has been here for long, of whom
    alone the latest interactions could tell."""
    first, last = runs(interactions.profile)
    able = np.flatnonzero(last - first > FED[0])
    chosen = np.sort(stream(seed, "newcomers").permutation(able)[: min(viewers, len(first) // 10)])
    keep = np.ones(len(interactions), bool)
    asked = []
    for viewer in chosen.tolist():
        start, end = int(first[viewer]), int(last[viewer])
        keep[start:end] = False
        says = start + 1 + np.flatnonzero(interactions.weight[start:end] > 0)
        for cut in (int(says[fed - 1]) for fed in FED if fed <= len(says) and says[fed - 1] < end):
            month = interactions.at[cut - 1] + MONTH.days * DAY
            ends = cut + int(np.searchsorted(interactions.at[cut:end], month, side="right"))
            asked.append(asked_at(interactions, start, cut, max(ends, cut + 1), None))
    return interactions.take(keep), asked


def sitting(one: Asked) -> Asked:
    """The same, asked about the sitting that went on then: its interactions, SESSION_EVENTS at most."""
    then = one.all_then.take(np.arange(_sitting(one.all_then.at[:SESSION_EVENTS])))
    return replace(one, then=then, all_then=then)


def liked(one: Asked) -> Asked:
    """The same, where only what was liked counts as right."""
    return replace(one, then=one.then.take(one.then.weight >= np.float32(LIKED)))


def hold_out_last(interactions: Interactions, viewers: int, seed: int) -> tuple[Interactions, list[Asked]]:
    """Sampled viewers lose their latest interactions (at most SESSION_EVENTS, at most half): the rest, and who is
    asked what: those of the first sitting among them. The time is not told: nothing
    tells the time of the answer; its local hour and device are told, which a server knows when it is asked."""
    first, last = runs(interactions.profile)
    held = np.minimum(SESSION_EVENTS, (last - first) // 2)
    able = np.flatnonzero(held > 0)
    chosen = np.sort(stream(seed, "validation viewers").permutation(able)[:viewers])
    keep = np.ones(len(interactions), bool)
    asked = []
    for viewer in chosen.tolist():
        cut, end = int(last[viewer] - held[viewer]), int(last[viewer])
        keep[cut:end] = False
        ends = cut + _sitting(interactions.at[cut:end])
        asked.append(asked_at(interactions, int(first[viewer]), cut, ends, None))
    return interactions.take(keep), asked


def _sitting(at: NDArray[np.int64]) -> int:
    """How many of these interactions, in order, are of the first sitting: none begins 4 hours after the one before."""
    later = np.flatnonzero(np.diff(at) > PLAYBACK_HOURS * HOUR)
    return int(later[0]) + 1 if len(later) else len(at)


def hold_out_after(interactions: Interactions, cut: int, viewers: int, seed: int) -> tuple[Interactions, list[Asked]]:
    """Everything from `cut` (microseconds UTC) on is held out; asked are sampled viewers with interactions before and
    something liked after, at the moment of their first interaction after."""
    interactions, asked = interactions.settled(cut), []
    for first, last in zip(*runs(interactions.profile), strict=True):
        split = int(first + np.searchsorted(interactions.at[first:last], cut))
        if first < split < last:
            one = liked(asked_at(interactions, int(first), split, int(last), int(interactions.at[split])))
            if len(one.then):
                asked.append(one)
    order = stream(seed, "validation viewers", cut).permutation(len(asked))[:viewers]
    return interactions.take(interactions.at < cut), [asked[place] for place in np.sort(order).tolist()]


def asked_at(interactions: Interactions, first: int, cut: int, last: int, now: int | None) -> Asked:
    """Asked at `now`; None: nobody says when, it is after the latest interaction known."""
    number = int(interactions.country[cut - 1])
    titles = interactions.title[first:cut]
    query = Query(
        titles, interactions.at[first:cut], interactions.weight[first:cut],
        int(interactions.at[cut - 1]) if now is None else now,
        interactions.countries[number] if number >= 0 else None, interactions.hour[first:cut],
        interactions.device[first:cut], interactions.moment(cut), timed=now is not None,
        resumed=int(interactions.at[cut] - interactions.at[cut - 1]),
    )  # fmt: skip
    then = interactions.take(np.arange(cut, last))
    return Asked(query, titles, int(interactions.profile[first]), then, then)


def cases_of(
    asked: list[Asked], models: Models, rest: Interactions, data: TrainingData, steps: tuple[int, ...]
) -> dict[int, list[Case]]:
    """Cases by the number of steps ahead that count as right (0: all). Moments are asked in order of time, as
    popularity of the past is folded forward."""
    sources, eligible = sources_of(models, rest, data)
    cases: dict[int, list[Case]] = {step: [] for step in steps}
    # Products this small cost more to share out among threads than to do.
    with blas_threads(1):
        for one in sorted(asked, key=lambda each: each.query.now):
            rows = sources.read(one.query, data.n_titles).standardised()
            open_titles = eligible.copy()
            open_titles[one.known] = False
            forward = put_forward(rows, open_titles)
            for step, found in cases.items():
                case = case_of(rows, open_titles, forward, one.then.title[:step] if step else one.taken_to)
                if case is not None:
                    found.append(case)
    return cases


def sources_of(
    models: Models, rest: Interactions, data: TrainingData, waiting: NDArray[np.bool_] | None = None
) -> tuple[Sources, NDArray[np.bool_]]:
    """Sources that have seen `rest`, and which titles may be asked about. Of the
    titles that nobody had watched those `waiting` alone borrow (None: all that may stand in rows).

    What nobody has watched yet cannot be hit; it would only teach that new titles are worthless.
    """
    velocity = Velocity.of_interactions(rest, data.n_titles)
    eligible = data.rankable & (np.bincount(rest.title, minlength=data.n_titles) > 0)
    leanings = data.leanings(models.context, models.succession)
    return Sources(models, data.content, velocity, data.added_at, leanings, data.rankable, waiting), eligible


def moments_of(interactions: Interactions, quantiles: tuple[float, ...]) -> Iterator[int]:
    """Times of cuts, by quantile of all interactions' times; none that leaves nothing on a side."""
    if not len(interactions):
        return
    at = np.sort(interactions.at)
    for quantile in quantiles:
        cut = int(at[int(quantile * (len(at) - 1))])
        if at[0] < cut:
            yield cut
