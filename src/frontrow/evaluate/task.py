"""A protocol on data: what systems are fitted on, who is asked, and what counts as right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.core.horizon import NEXT, SESSION, Horizon
from frontrow.features.interactions import Interactions
from frontrow.features.moments import NO_MOMENT, Moment
from frontrow.models.cases.asked import SESSION_EVENTS
from frontrow.models.query import Query


@dataclass(frozen=True)
class Question:
    """One viewer asked: what systems are fed, all titles that are no candidates (the history), what is relevant.

    A viewer who is asked more than once counts once: with the mean of the answers. `group` names questions that are
    told apart, too. `then` is what was played within the horizon (`until_of`), relevant or not; `offset` the log's
    offsets of the query's interactions and of the first of these (None: not known).
    """

    query: Query
    known: NDArray[np.int32]
    relevant: NDArray[np.int32]
    viewer: int
    then: Interactions
    group: str = ""
    offset: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Task:
    """A protocol on data.

    Models are fitted on `fit`; the serving system has seen `known` when asked (popularity). `floor` are what floors are
    fitted on, and `positive` is the least weight of a history that they are fed. `candidates` is bool[titles]; `beside`
    those that are no candidates, but are scored as well (None: there are none).
    `cut`: nothing that happened from then on (microseconds UTC) was told to anybody who is asked (None: each is told
    all that came before the answer). `uncompared`: why forecasts for the horizon cannot be held against what came ("":
    they can).
    """

    protocol: str
    horizon: Horizon
    fit: Interactions
    known: Interactions
    floor: Interactions
    positive: float
    questions: list[Question]
    candidates: NDArray[np.bool_]
    apart: dict[str, int]
    uncompared: str = ""
    beside: NDArray[np.bool_] | None = None
    cut: int | None = None

    @property
    def rankable(self) -> NDArray[np.bool_]:
        """bool[titles]: among which systems score."""
        return self.candidates if self.beside is None else self.candidates | self.beside

    def open_to(self, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Candidate titles of a question, and the places of the relevant ones among them."""
        open_titles = self.candidates.copy()
        open_titles[question.known] = False
        titles = np.flatnonzero(open_titles)
        return titles, np.searchsorted(titles, question.relevant)


def until_of(interactions: Interactions, cut: int, last: int, horizon: Horizon) -> int:
    """The place before which what came from `cut` on is within the horizon: the event there for `next`, SESSION_EVENTS
    for `session`, those of N days from then on for `days=N`. From place `last` on it is another viewer's."""
    if horizon == NEXT:
        return cut + 1
    if horizon == SESSION:
        return min(cut + SESSION_EVENTS, last)
    days = interactions.at[cut] + horizon.days * DAY
    return cut + int(np.searchsorted(interactions.at[cut:last], days, side="right"))


def question_of(
    interactions: Interactions,
    first: int,
    cut: int,
    relevant: NDArray[np.int32],
    now: int,
    moment: Moment = NO_MOMENT,
    until: int | None = None,
    *,
    timed: bool = True,
    group: str = "",
) -> Question:
    """A question to the viewer whose interactions begin at place `first`, fed those before place `cut`; within the
    horizon are those up to place `until`, without it the one at `cut`."""
    number = int(interactions.country[cut - 1])
    titles = interactions.title[first:cut]
    query = Query(
        titles, interactions.at[first:cut], interactions.weight[first:cut], now,
        interactions.countries[number] if number >= 0 else None, interactions.hour[first:cut],
        interactions.device[first:cut], moment, timed=timed,
    )  # fmt: skip
    then = interactions.take(np.arange(cut, cut + 1 if until is None else until))
    offset = None if interactions.offset is None else interactions.offset[first : cut + 1]
    return Question(query, titles, relevant, int(interactions.profile[first]), then, group, offset)
