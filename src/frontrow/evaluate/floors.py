"""Baselines that everything must beat: popularity, the last title's followers, and linear models as published."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY
from frontrow.evaluate.task import Question, Task
from frontrow.evaluate.tf_idf import tf_idf
from frontrow.models.linear import fit_linear

Floor = Callable[[Question], NDArray[np.float32]]

_REGULARIZATION, _DECAY = 300.0, 0.9
_MAX_BYTES = 2_000_000_000


def floors_of(task: Task, n_titles: int, titles: Sequence[Title | None] = ()) -> dict[str, Floor]:
    """Floors by name, fitted on the task's `floor` interactions: scores float32[n_titles] for a question.

    With `titles`, by number, there is one of what they say about themselves.
    """
    return {
        "popular 7 d": _popular(task, n_titles, 7),
        "popular 30 d": _popular(task, n_titles, 30),
        "popular ever": _popular(task, n_titles, None),
        "last-item Markov": _markov(task, n_titles),
        **_linear(task, n_titles),
        **({"TF-IDF neighbours": _neighbours(task, titles, n_titles)} if titles else {}),
    }


def _popular(task: Task, n_titles: int, days: int | None) -> Floor:
    """Interactions by title in (now - days, now], or ever; *now* is the question's."""
    order = np.argsort(task.floor.at, kind="stable")
    at, title = task.floor.at[order], task.floor.title[order]
    ever = np.bincount(title, minlength=n_titles).astype(np.float32)

    def score(question: Question) -> NDArray[np.float32]:
        if days is None:
            return ever
        first, last = np.searchsorted(at, [question.query.now - days * DAY, question.query.now], side="right")
        views: NDArray[np.float32] = np.bincount(title[first:last], minlength=n_titles).astype(np.float32)
        return views

    return score


def _markov(task: Task, n_titles: int) -> Floor:
    """How often each title directly followed the last one."""
    same = np.flatnonzero(task.floor.profile[1:] == task.floor.profile[:-1])
    pair = (task.floor.title[same], task.floor.title[same + 1])
    counts = scipy.sparse.csr_matrix((np.ones(len(same), np.float32), pair), shape=(n_titles, n_titles))

    def score(question: Question) -> NDArray[np.float32]:
        history = question.query.titles[_fed(task, question)]
        if not len(history):
            return np.zeros(n_titles, np.float32)
        row: NDArray[np.float32] = counts[[int(history[-1])]].toarray()[0]
        return row

    return score


def _neighbours(task: Task, titles: Sequence[Title | None], n_titles: int) -> Floor:
    """The mean cosine of each title to those of the history."""
    table = tf_idf(titles[:n_titles])

    def score(question: Question) -> NDArray[np.float32]:
        history = question.query.titles[_fed(task, question)]
        if not len(history):
            return np.zeros(n_titles, np.float32)
        likeness = table @ np.asarray(table[history].mean(axis=0)).ravel()
        return np.asarray(likeness, np.float32)

    return score


def _linear(task: Task, n_titles: int) -> dict[str, Floor]:
    """EASE (Steck 2019) with ridge 300 over all titles that fit in 2 GB, and with its history weighted .9^age."""
    model = fit_linear(task.floor, n_titles, _REGULARIZATION, _MAX_BYTES, least=1)

    def scored(decay: float) -> Floor:
        def score(question: Question) -> NDArray[np.float32]:
            history = question.query.titles[_fed(task, question)]
            weights = np.float32(decay) ** np.arange(len(history) - 1, -1, -1, dtype=np.float32)
            scores: NDArray[np.float32] = model.score(history, weights[None], n_titles)[0]
            return scores

        return score

    return {"EASE": scored(1.0), "EASE, history .9^age": scored(_DECAY)}


def _fed(task: Task, question: Question) -> NDArray[np.bool_]:
    return question.query.weights >= np.float32(task.positive)
