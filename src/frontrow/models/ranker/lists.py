"""Lists to learn ranking from: viewers of the past, what the blend would have put forward, and what they chose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import Interactions
from frontrow.models.blend import HORIZONS, scales
from frontrow.models.models import Models
from frontrow.models.query import Query
from frontrow.models.ranker.fit import RankList, list_of
from frontrow.models.ranker.inputs import read
from frontrow.models.ranker.network import shortlist
from frontrow.models.training_cases import Asked, sources_of
from frontrow.models.training_data import TrainingData

_Number = TypeVar("_Number", bound=np.generic)
_TIME_SAID: Final = 0.5
"""Share of the questions about the next play that say when they are asked; requests may do either."""


@dataclass(frozen=True)
class Question:
    """A query, the titles that are no candidates, what was chosen then, for which horizon (its number)."""

    query: Query
    known: NDArray[np.int32]
    chosen: NDArray[np.int32]
    horizon: int
    viewer: int


def questions_after(asked: Iterable[Asked], seed: int) -> Iterator[Question]:
    """About the next play after each of the latest interactions but the first known one's, and once about all of
    them: the session."""
    rng = stream(seed, "ranker questions")
    following, session = HORIZONS.index("next"), HORIZONS.index("session")
    for one in asked:
        yield Question(one.query, one.known, one.taken_to, session, one.viewer)
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
            yield Question(query, titles, one.then.title[ahead : ahead + 1], following, one.viewer)


def _after(known: NDArray[_Number] | None, then: NDArray[_Number]) -> NDArray[_Number] | None:
    return None if known is None else np.concatenate([known, then])


def questions_about_days(asked: Iterable[Asked]) -> Iterator[Question]:
    """About the days to come, once a viewer."""
    for one in asked:
        yield Question(one.query, one.known, one.then.title, HORIZONS.index("days"), one.viewer)


def lists_of(
    questions: Iterable[Question],
    weights: Sequence[NDArray[np.float32]],
    models: Models,
    rest: Interactions,
    data: TrainingData,
    seed: int,
) -> list[RankList]:
    """A list for each question whose answer the blend puts forward, as serving would put it forward.

    `weights` are the blend's by number of horizon; `models` are fitted on `rest`, which holds none of the answers.
    """
    sources, eligible = sources_of(models, rest, data)
    countable, rng = eligible.astype(np.float32), stream(seed, "ranker lists")
    lists = []
    with blas_threads(1):
        # In order of time, as popularity of the past is folded forward.
        for question in sorted(questions, key=lambda each: each.query.now):
            history = sources.history(question.query)
            if not len(history):
                continue
            rows, _ = sources.score(question.query, data.n_titles, history)
            mean, scale = scales(rows, countable)
            rows -= mean[:, None]
            rows *= scale[:, None]
            blended = np.where(eligible, weights[question.horizon] @ rows, np.float32(-np.inf))
            candidates = shortlist(blended[None], question.known)
            table = read(sources, question.query, history, rows.take(candidates, 1), candidates)
            chosen = np.isin(candidates, question.chosen)
            found = list_of(table, blended[candidates], chosen, question.horizon, question.viewer, rng)
            if found is not None:
                lists.append(found)
    return lists
