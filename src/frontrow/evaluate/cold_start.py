"""Protocols of cold starts: titles, and profiles, of which training has seen nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import SESSION, Horizon
from frontrow.core.random import stable_hash
from frontrow.evaluate.task import Question, Task, question_of, until_of
from frontrow.features.interactions import Interactions
from frontrow.features.moments import NO_MOMENT
from frontrow.models.cases.asked import runs

SHARE = 0.1
FED = (1, 2, 3)


def new_titles(
    interactions: Interactions, rankable: NDArray[np.bool_], time_known: bool, horizon: Horizon = SESSION
) -> Task:
    """The tenth of the titles with the latest first event leaves training with all its events.

    Asked is each viewer's first event on one of them, fed what came before it. Candidates are those titles, scored
    beside all that were watched; relevant the ones among the viewer's events from then on within the horizon
    (`until_of`).
    """
    new = _latest_titles(interactions, rankable)
    fit = interactions.take(~new[interactions.title])
    questions: list[Question] = []
    apart = {"viewers with no new title": 0, "viewers with nothing before it": 0}
    for first, last in zip(*runs(interactions.profile), strict=True):
        met = np.flatnonzero(new[interactions.title[first:last]])
        if not len(met):
            apart["viewers with no new title"] += 1
            continue
        cut = int(first + met[0])
        if cut == first:
            apart["viewers with nothing before it"] += 1
            continue
        ends = until_of(interactions, cut, int(last), horizon)
        then = interactions.title[cut:ends]
        now = int(interactions.at[cut if time_known else cut - 1])
        moment = interactions.moment(cut) if time_known else NO_MOMENT
        relevant = np.unique(then[new[then]])
        questions.append(question_of(interactions, int(first), cut, relevant, now, moment, ends, timed=time_known))
    others = rankable & (np.bincount(fit.title, minlength=len(rankable)) > 0)
    uncompared = "new-titles asks viewers only when they take to one"
    return Task("new-titles", horizon, fit, fit, fit, 0.0, questions, new, apart, uncompared, others)


def _latest_titles(interactions: Interactions, rankable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool[titles]: the tenth (at least one) of the watched titles that were first watched last."""
    first_at = np.full(len(rankable), np.iinfo(np.int64).max)
    np.minimum.at(first_at, interactions.title, interactions.at)
    watched = np.flatnonzero(rankable & (np.bincount(interactions.title, minlength=len(rankable)) > 0))
    order = watched[np.argsort(first_at[watched], kind="stable")]
    new = np.zeros(len(rankable), bool)
    new[order[len(order) - max(1, round(SHARE * len(order))) :]] = bool(len(order))
    return new


def new_profiles(
    interactions: Interactions, rankable: NDArray[np.bool_], time_known: bool, horizon: Horizon = SESSION
) -> Task:
    """A tenth of the profiles, by hash, leaves training.

    Each is asked after its first 1, 2 and 3 events; relevant are the titles that are new to it of the events after
    them within the horizon (`until_of`), candidates all titles that others have watched.
    """
    new = np.array([stable_hash("new profiles", number) % 100 < 100 * SHARE for number in interactions.profile[
        runs(interactions.profile)[0]].tolist()], bool)  # fmt: skip
    first, last = runs(interactions.profile)
    fit = interactions.take(~np.repeat(new, last - first))
    candidates = rankable & (np.bincount(fit.title, minlength=len(rankable)) > 0)
    questions: list[Question] = []
    apart = {"questions with nothing relevant left": 0}
    for start, end in zip(first[new].tolist(), last[new].tolist(), strict=True):
        for fed in FED:
            cut = start + fed
            ends = until_of(interactions, cut, end, horizon) if cut < end else cut
            then = interactions.title[cut:ends]
            relevant = np.setdiff1d(then[candidates[then]], interactions.title[start:cut])
            if not len(relevant):
                apart["questions with nothing relevant left"] += 1
                continue
            now = int(interactions.at[cut if time_known else cut - 1])
            group = f"after {fed} event{'s' if fed > 1 else ''}"
            moment = interactions.moment(cut) if time_known else NO_MOMENT
            questions.append(
                question_of(interactions, start, cut, relevant, now, moment, ends, timed=time_known, group=group)
            )
    return Task("new-profiles", horizon, fit, fit, fit, 0.0, questions, candidates, apart)
