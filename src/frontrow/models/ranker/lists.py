"""Lists to learn ranking from: viewers of the past, what the blend would have put forward, and what they chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import Interactions
from frontrow.models.blend import HORIZONS
from frontrow.models.cases.asked import Asked, sources_of
from frontrow.models.cases.data import TrainingData
from frontrow.models.models import Models
from frontrow.models.outcomes.cases import Offered, Played, Rows, rows_of
from frontrow.models.outcomes.columns import columns_of as outcome_columns_of
from frontrow.models.outcomes.rates import TitleRates
from frontrow.models.query import Query
from frontrow.models.ranker.columns import columns_of
from frontrow.models.ranker.examination import Examination
from frontrow.models.ranker.fit import RankList, list_of
from frontrow.models.ranker.inputs import moment_of, table_of
from frontrow.models.ranker.network import shortlist

_Number = TypeVar("_Number", bound=np.generic)
_TIME_SAID: Final = 0.5
"""Share of the questions about the next play that say when they are asked; requests may do either."""
OFFERED: Final = 500
"""Questions of each horizon of which all that was offered is kept: some 40 KB each."""


@dataclass(frozen=True)
class Question:
    """A query, the titles that are no candidates, what was chosen, for which horizon (its number); `then`: all that was
    played, what was not liked too."""

    query: Query
    known: NDArray[np.int32]
    chosen: NDArray[np.int32]
    horizon: int
    viewer: int
    then: Interactions


@dataclass
class Lists:
    """What is learned from the questions: lists to rank, what was played and came of it, what was offered."""

    ranked: list[RankList] = field(default_factory=list)
    played: list[Rows] = field(default_factory=list)
    offered: list[Offered] = field(default_factory=list)

    def add(self, other: Lists) -> None:
        """Takes up further ones."""
        self.ranked += other.ranked
        self.played += other.played
        self.offered += other.offered

    def without(self, sources: Sequence[str]) -> Lists:
        """The same, with what comes from these sources saying nothing."""
        silent = [place for source in sources for place in columns_of(source)]
        played = [place for source in sources for place in outcome_columns_of(source)]
        return Lists(
            [each.without(silent) for each in self.ranked], [each.without(played) for each in self.played],
            [each.without(silent) for each in self.offered],
        )  # fmt: skip


def questions_after(asked: Iterable[Asked], seed: int) -> Iterator[Question]:
    """About the next play after each of the latest interactions but the first known one's, and once about all of
    them: the session."""
    rng = stream(seed, "ranker questions")
    following, session = HORIZONS.index("next"), HORIZONS.index("session")
    for one in asked:
        yield Question(one.query, one.known, one.taken_to, session, one.viewer, one.then)
        for ahead in range(len(one.then)):
            before = one.then.take(np.arange(ahead))
            titles = np.concatenate([one.query.titles, before.title])
            at = np.concatenate([one.query.at, before.at])
            said = rng.random() < _TIME_SAID
            query = Query(
                titles, at, np.concatenate([one.query.weights, before.weight]),
                int(one.then.at[ahead] if said else at[-1]), one.query.country, _after(one.query.hours, before.hour),
                _after(one.query.devices, before.device), one.then.moment(ahead), timed=said,
            )  # fmt: skip
            then = one.then.take(np.array([ahead]))
            yield Question(query, titles, then.title, following, one.viewer, then)


def _after(known: NDArray[_Number] | None, then: NDArray[_Number]) -> NDArray[_Number] | None:
    return None if known is None else np.concatenate([known, then])


def questions_about_days(asked: Iterable[Asked]) -> Iterator[Question]:
    """About the days to come, once a viewer."""
    for one in asked:
        yield Question(one.query, one.known, one.then.title, HORIZONS.index("days"), one.viewer, one.all_then)


def lists_of(
    questions: Iterable[Question],
    weights: Sequence[NDArray[np.float32]],
    models: Models,
    rest: Interactions,
    data: TrainingData,
    seed: int,
    examination: Examination | None = None,
) -> Lists:
    """A list for each question whose answer the blend puts forward, as serving would put it forward; with what came of
    the answers and, of some questions of each horizon, all that was offered.

    Choices weigh by where they came from, where `examination` tells how places are looked at. `weights` are the
    blend's by number of horizon; `models` are fitted on `rest`, which holds none of the answers.
    """
    sources, eligible = sources_of(models, rest, data)
    rng = stream(seed, "ranker lists")
    lists, answers = Lists(), list[Played]()
    # In order of time, as popularity of the past is folded forward.
    asked = sorted(questions, key=lambda each: each.query.now)
    whole = _sampled(asked, seed)
    with blas_threads(1):
        for place, question in enumerate(asked):
            if not len(sources.history(question.query)):
                continue
            reading = sources.read(question.query, data.n_titles)
            rows = reading.standardised()
            blended = np.where(eligible, weights[question.horizon] @ rows, np.float32(-np.inf))
            open_titles = eligible.copy()
            open_titles[question.known] = False
            candidates = shortlist(blended, open_titles)
            table = table_of(sources, reading, candidates)
            chosen = np.isin(candidates, question.chosen)
            weight = None if examination is None else _weight(question, candidates, examination)
            found = list_of(table, blended[candidates], chosen, question.horizon, question.viewer, rng, weight)
            if found is not None:
                lists.ranked.append(found)
            if place in whole and _about_new(question):
                played = np.isin(candidates, question.then.title)
                lists.offered.append(Offered(table, blended[candidates], played, question.horizon, question.viewer))
            if (told := _played(question, rows, eligible, moment_of(question.query, reading.history))) is not None:
                answers.append(told)
    if answers and data.past is not None:
        lists.played.append(rows_of(answers, TitleRates.of(rest, data.n_titles), data.past))
    return lists


def _weight(question: Question, candidates: NDArray[np.int64], examination: Examination) -> NDArray[np.float32] | None:
    """What each candidate weighs as a choice."""
    then = question.then
    if then.cell is None:
        return None
    weight = np.ones(len(candidates), np.float32)
    titles, first = np.unique(then.title, return_index=True)
    place = np.minimum(np.searchsorted(titles, candidates), len(titles) - 1)
    chosen = titles[place] == candidates
    weight[chosen] = examination.weights(then.cell[first])[place[chosen]]
    return weight


def _sampled(questions: Sequence[Question], seed: int) -> set[int]:
    """Places of at most OFFERED questions of each horizon."""
    order = stream(seed, "offered").permutation(len(questions)).tolist()
    return {
        place
        for number in range(len(HORIZONS))
        for place in islice((each for each in order if questions[each].horizon == number), OFFERED)
    }


def _about_new(question: Question) -> bool:
    """Whether it tells how likely what is put forward is played: a next play that went on with something known does
    not, for what is put forward is new."""
    return HORIZONS[question.horizon] != "next" or not np.isin(question.then.title, question.known).any()


def _played(
    question: Question, rows: NDArray[np.float32], eligible: NDArray[np.bool_], moment: NDArray[np.float32]
) -> Played | None:
    """What came of the answers that were new to the viewer, put forward or not, each title once; None where the log
    does not tell."""
    then = question.then
    if then.outcomes is None or then.offset is None:
        return None
    first = np.sort(np.unique(then.title, return_index=True)[1])
    new = eligible[then.title[first]] & ~np.isin(then.title[first], question.known)
    told = first[new & ~np.isnan(then.outcomes[first]).any(axis=1)]
    titles = then.title[told].astype(np.int64)
    before = int(then.offset.min()) - 1
    return Played(
        question.viewer, before, question.query.now, question.horizon, titles, rows.take(titles, 1), moment,
        then.outcomes[told],
    )  # fmt: skip
