"""Asking every system every question of a task, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import MINUTE
from frontrow.evaluate.floors import Floor
from frontrow.evaluate.forecasts import Forecasts
from frontrow.evaluate.lists import LIST_METRICS, ListTraits, stacked
from frontrow.evaluate.metrics import CUT, METRICS, metrics_of, ranks_of
from frontrow.evaluate.task import Question, Task
from frontrow.models.names import FEATURES
from frontrow.models.query import Query
from frontrow.recommend.best import best_places
from frontrow.recommend.scoring import Scorer

WHOLE = "frontrow"
LAST_MINUTES = 30
BY_VIEWER = (*METRICS, *LIST_METRICS)
_TOLD_EVERY = 250

Progress = Callable[[float, str], None]
Scores = dict[str, NDArray[np.float32]]


def less(facet: str) -> str:
    """The name of the whole without a facet."""
    return f"{WHOLE} less {facet}"


LATE = less(f"the last {LAST_MINUTES} minutes")
"""The whole, told of what the viewer does half an hour late: what hearing of a play at once is worth."""


@dataclass(frozen=True)
class Answers:
    """What each system said, by its name: `kinds`, `values` float64[questions, len(BY_VIEWER)] and `lists`
    int64[questions, CUT] of titles, -1 for none, in the order of the questions. `failed`: parts of the whole that
    raised or were not finite, with why, and for how many questions."""

    kinds: dict[str, str]
    values: dict[str, NDArray[np.float64]]
    lists: dict[str, NDArray[np.int64]]
    failed: dict[str, str] = field(default_factory=dict)

    def take(self, questions: NDArray[np.bool_]) -> Answers:
        """Those to some of the questions."""
        return Answers(
            self.kinds,
            {system: told[questions] for system, told in self.values.items()},
            {system: told[questions] for system, told in self.lists.items()},
        )


def ask(
    task: Task, scorer: Scorer, facets: Mapping[str, Scorer], floors: Mapping[str, Floor], traits: ListTraits,
    forecasts: Forecasts, progress: Progress,
) -> Answers:  # fmt: skip
    """Asks the whole, its models, the floors and, where there are `facets`, the whole less each of them and less the
    last minutes. `forecasts` takes up what the whole says of outcomes. Models and floors that say nothing to tell
    candidates apart by, to anybody, are left out: they would only show how ties fall."""
    kinds = {WHOLE: "whole"} | ({LATE: "less"} if facets else {}) | {less(facet): "less" for facet in facets}
    kinds |= dict.fromkeys(FEATURES, "model") | dict.fromkeys(floors, "floor")
    values = {system: np.zeros((len(task.questions), len(BY_VIEWER))) for system in kinds}
    best: dict[str, list[NDArray[np.int64]]] = {
        system: [np.empty(0, np.int64)] * len(task.questions) for system in kinds
    }
    silent = {*FEATURES, *floors}
    failed, reasons = Counter[str](), dict[str, str]()
    # In order of time, because popularity of past moments is folded forward.
    order = np.argsort([question.query.now for question in task.questions], kind="stable")
    for done, place in enumerate(order.tolist()):
        if done % _TOLD_EVERY == 0:
            progress(done / len(order), f"asking viewers: {done:,} of {len(order):,}")
        question = task.questions[place]
        titles, relevant = task.open_to(question)
        scores, wrong = _scores(task, question, scorer, facets, forecasts, titles)
        failed.update(wrong.keys())
        reasons = dict(wrong) | reasons
        for system, told in (scores | {name: floor(question) for name, floor in floors.items()}).items():
            own = told[titles]
            if system in silent and np.ptp(own) > 0:
                silent.remove(system)
            found = titles[best_places(own, CUT)]
            best[system][place] = found
            values[system][place] = [*metrics_of(ranks_of(own, relevant)), *traits.measure(question.query, found)]
    for name in silent:
        del values[name], kinds[name]
    wrongs = {name: f"{reasons[name]} ({count:,} of {len(order):,} questions)" for name, count in failed.items()}
    return Answers(kinds, values, {system: stacked(best[system]) for system in kinds}, wrongs)


def _scores(
    task: Task, question: Question, scorer: Scorer, facets: Mapping[str, Scorer], forecasts: Forecasts,
    candidates: NDArray[np.int64],
) -> tuple[Scores, Mapping[str, str]]:  # fmt: skip
    """Scores of all titles, by all systems but the floors, and what of the whole failed. Sources are read once, however
    they are joined."""
    query, horizons = question.query, (task.horizon,)
    reading = scorer.sources.read(query, len(task.candidates))
    asked = forecasts.asked(question)
    joined = {
        name: each.join(reading, horizons, task.rankable, asked=asked)
        for name, each in {WHOLE: scorer, **{less(facet): each for facet, each in facets.items()}}.items()
    }
    scores = {name: each.blended[task.horizon] for name, each in joined.items()} | joined[WHOLE].raw
    failed = joined[WHOLE].failed
    if not task.uncompared:
        forecasts.take(question, joined[WHOLE], task.horizon, candidates)
    if not facets:
        return scores, failed
    earlier = heard_late(query)
    scores[LATE] = scores[WHOLE]
    if len(earlier) < len(query):
        unheard = task.rankable.copy()
        unheard[query.titles] = False  # they are no candidates, whoever has heard of them
        late = forecasts.asked(question, len(earlier))
        scores[LATE] = scorer.score(earlier, horizons, unheard, asked=late).blended[task.horizon]
    return scores, failed


def heard_late(query: Query) -> Query:
    """The query without what began in the LAST_MINUTES before its moment."""
    known = int(np.searchsorted(query.at, query.now - LAST_MINUTES * MINUTE, side="right"))
    return replace(
        query, titles=query.titles[:known], at=query.at[:known], weights=query.weights[:known],
        hours=None if query.hours is None else query.hours[:known],
        devices=None if query.devices is None else query.devices[:known],
    )  # fmt: skip
