"""What recommended lists are like, apart from being right: how well known, how varied, how true to the viewer's taste.

Lists are the best CUT candidates, best first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.evaluate.metrics import CUT
from frontrow.evaluate.task import Task
from frontrow.models.query import Query

LIST_METRICS = ("novelty@10", "distance@10", "miscalibration@10")
_ALIKE = 0.01
"""How much of the history's genres is mixed into the list's, so that a genre that it lacks costs much, not infinitely
much (Steck 2018)."""


class ListTraits:
    """What the titles of lists are measured by.

    `content` float32[n, dims] are titles' vectors of length 1 or 0, `surprise` float64[n] bits of surprise that a
    viewer knows a title, `genres` float64[n, genres], each row summing to 1.
    """

    def __init__(
        self, content: NDArray[np.float32], surprise: NDArray[np.float64], genres: NDArray[np.float64]
    ) -> None:
        self.content, self.surprise, self.genres = content, surprise, genres

    @classmethod
    def of(cls, task: Task, content: NDArray[np.float32], titles: Sequence[Title | None]) -> ListTraits:
        """By what was known when asked."""
        return cls(content, surprise_of(task, len(content)), genres_of(titles, len(content)))

    def measure(self, query: Query, best: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64[len(LIST_METRICS)] of a list for a viewer.

        novelty: mean surprise of a title in bits, -log2 of the share of viewers who know it (Zhou et al. 2010).
        distance: mean 1 - cosine of the contents of two titles (intra-list distance; Ziegler et al. 2005); 0 for a
        list of one. miscalibration: Kullback-Leibler divergence, in nats, of the list's genres from the history's,
        each interaction counting by its weight (Steck 2018); titles without a genre have one of their own.
        """
        if not len(best):
            return np.zeros(len(LIST_METRICS))
        contents = self.content[best]
        alike = float(np.square(contents.sum(axis=0)).sum() - np.square(contents).sum())
        pairs = len(best) * (len(best) - 1)
        return np.array(
            [self.surprise[best].mean(), 1 - alike / pairs if pairs else 0.0, self._miscalibration(query, best)]
        )

    def _miscalibration(self, query: Query, best: NDArray[np.int64]) -> float:
        if not len(query):
            return 0.0
        weights = query.weights.astype(np.float64)
        weights = weights if weights.any() else np.ones(len(query))
        wanted = weights @ self.genres[query.titles] / weights.sum()
        given = (1 - _ALIKE) * self.genres[best].mean(axis=0) + _ALIKE * wanted
        some = wanted > 0
        return float((wanted[some] * np.log(wanted[some] / given[some])).sum())


def surprise_of(task: Task, n_titles: int) -> NDArray[np.float64]:
    """float64[n_titles]: -log2 of the share of viewers with an interaction; what nobody knows is as one viewer's."""
    pairs = np.unique((task.known.profile.astype(np.int64) * max(n_titles, 1)) + task.known.title)
    viewers = max(len(np.unique(task.known.profile)), 1)
    known = np.bincount(pairs % max(n_titles, 1), minlength=n_titles)[:n_titles]
    return np.asarray(-np.log2(np.maximum(known, 1) / viewers))


def genres_of(titles: Sequence[Title | None], n_titles: int) -> NDArray[np.float64]:
    """float64[n_titles, 1 + genres]: each title's genres in equal shares; the first column is of those without one."""
    column: dict[str, int] = {}
    own = [[genre.casefold() for genre in title.genres] if title is not None else [] for title in titles[:n_titles]]
    for genre in (genre for genres in own for genre in genres):
        column.setdefault(genre, len(column) + 1)
    table = np.zeros((n_titles, len(column) + 1))
    table[:, 0] = 1
    for row, genres in enumerate(own):
        if genres:
            table[row, 0] = 0
            for genre in genres:
                table[row, column[genre]] += 1 / len(genres)
    return table


def stacked(best: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """int64[lists, CUT] of lists that may be shorter; -1 where one ends."""
    lists = np.full((len(best), CUT), -1, np.int64)
    for row, titles in enumerate(best):
        lists[row, : len(titles)] = titles
    return lists
