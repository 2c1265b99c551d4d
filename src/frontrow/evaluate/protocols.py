"""What is held out, who is asked, and what counts as right."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import UsageError
from frontrow.core.horizon import MONTH, NEXT, Horizon
from frontrow.evaluate.cold_start import new_profiles, new_titles
from frontrow.evaluate.task import Task, question_of, until_of
from frontrow.features.interactions import LIKED, Interactions
from frontrow.features.moments import NO_MOMENT
from frontrow.models.cases.asked import runs

QUANTILE = 0.8


def last_event(
    interactions: Interactions, rankable: NDArray[np.bool_], time_known: bool, horizon: Horizon = NEXT
) -> Task:
    """Leave one out: asked is each viewer's last title that was new to them; models fit without it and the one before.

    Every rating is a positive. One event is held out whatever the horizon: of forecasts beyond `next` it tells nothing.
    Candidates are all titles with an interaction, less the viewer's history. With the request time unknown, *now* is
    the time of the last interaction that is fed, and nothing is known of the moment.
    """
    candidates = rankable & (np.bincount(interactions.title, minlength=len(rankable)) > 0)
    known = np.ones(len(interactions), bool)
    fit = known.copy()
    questions = []
    apart = {"viewers with one title only": 0, "targets that cannot be candidates": 0}
    for first, last in zip(*runs(interactions.profile), strict=True):
        target = int(first + np.unique(interactions.title[first:last], return_index=True)[1].max())
        known[target:last] = fit[target:last] = False
        if target == first:
            apart["viewers with one title only"] += 1
            continue
        fit[target - 1] = False
        if not candidates[interactions.title[target]]:
            apart["targets that cannot be candidates"] += 1
            continue
        now = interactions.at[target if time_known else target - 1]
        moment = interactions.moment(target) if time_known else NO_MOMENT
        relevant = interactions.title[target : target + 1]
        questions.append(question_of(interactions, int(first), target, relevant, int(now), moment, timed=time_known))
    fitted = interactions.take(fit)
    return Task(
        "last-event", horizon, fitted, interactions.take(known), fitted, 0.0, questions, candidates, apart,
        uncompared="" if horizon == NEXT else f"last-event holds out too little to tell of {horizon.text}",
    )  # fmt: skip


def time_split(
    interactions: Interactions, rankable: NDArray[np.bool_], time_known: bool, horizon: Horizon = MONTH
) -> Task:
    """Global time split: everything from the 0.8 quantile of all times on is held out.

    Asked are viewers with an interaction before and a relevant one after, fed only what came before; relevant is what
    they liked after (LIKED), of the titles seen before the cut and not in their history. With the request time known,
    *now* is their first interaction after the cut, asked on its device; unknown, it is the cut. What forecasts are held
    against is what came within the horizon from that interaction on; of who comes late, as far as the log goes.
    """
    if not len(interactions):
        return Task("time-split", horizon, interactions, interactions, interactions, LIKED, [], rankable, {})
    cut = int(np.sort(interactions.at)[min(int(QUANTILE * len(interactions)), len(interactions) - 1)])
    interactions = interactions.settled(cut)
    before = interactions.take(interactions.at < cut)
    candidates = rankable & (np.bincount(before.title, minlength=len(rankable)) > 0)
    questions = []
    apart = {"viewers unknown at the cut": 0, "viewers with nothing relevant left": 0, "relevant titles unknown": 0}
    for first, last in zip(*runs(interactions.profile), strict=True):
        split = int(first + np.searchsorted(interactions.at[first:last], cut))
        relevant = np.unique(interactions.title[split:last][interactions.weight[split:last] >= np.float32(LIKED)])
        if not len(relevant):
            continue
        if split == first:
            apart["viewers unknown at the cut"] += 1
            continue
        unknown = ~candidates[relevant]
        apart["relevant titles unknown"] += int(unknown.sum())
        relevant = np.setdiff1d(relevant[~unknown], interactions.title[first:split])
        if not len(relevant):
            apart["viewers with nothing relevant left"] += 1
            continue
        now = int(interactions.at[split]) if time_known else cut
        moment = interactions.moment(split) if time_known else NO_MOMENT
        until = until_of(interactions, split, int(last), horizon)
        questions.append(question_of(interactions, int(first), split, relevant, now, moment, until))
    liked = before.take(before.weight >= np.float32(LIKED))
    return Task("time-split", horizon, before, before, liked, LIKED, questions, candidates, apart, cut=cut)


class Split(Protocol):
    """A protocol: interactions, bool[titles] that may be recommended, whether the time of a question is known, and the
    horizon that is asked for (its own by default) to who is asked what."""

    def __call__(
        self, interactions: Interactions, rankable: NDArray[np.bool_], time_known: bool, horizon: Horizon = ...
    ) -> Task: ...


PROTOCOLS: Final[dict[str, Split]] = {
    "last-event": last_event,
    "time-split": time_split,
    "new-titles": new_titles,
    "new-profiles": new_profiles,
}


def task_of(
    protocol: str,
    interactions: Interactions,
    rankable: NDArray[np.bool_],
    time_known: bool,
    horizon: Horizon | None = None,
) -> Task:
    """The protocol by name, asked for a horizon (None: its own); UsageError where there is none of that name.

    What is right follows from the horizon for `new-titles` and `new-profiles`; `last-event` and `time-split` say
    themselves what was held out, whatever horizon they are asked for.
    """
    if protocol not in PROTOCOLS:
        raise UsageError(f"{protocol} is no protocol", f"There are {', '.join(PROTOCOLS)}")
    split = PROTOCOLS[protocol]
    if horizon is None:
        return split(interactions, rankable, time_known)
    return split(interactions, rankable, time_known, horizon)
