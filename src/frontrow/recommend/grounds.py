"""Which title of the history spoke for a title: asked only for what is shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import ROW
from frontrow.models.sources import (
    FOLLOW_STEPS,
    RECENT_DECAY,
    TRANSITION_DECAY,
    TRANSITION_STEPS,
    WATCHED_STEPS,
    History,
    Sources,
)


@dataclass(frozen=True)
class Grounds:
    """A query's history, and the sources that read it."""

    sources: Sources
    history: History

    def because(self, source: str, candidates: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.int32]:
        """For each candidate the title of the history that added most to this source's score, never the candidate
        itself; -1 where none added anything, or the source does not read histories."""
        found = np.full(len(candidates), -1, np.int32)
        for titles, given in self._given(source, candidates, weights):
            if not len(titles):
                continue
            given[titles[:, None] == candidates[None]] = 0
            best = given.argmax(axis=0)
            found = np.where(given.max(axis=0) > 0, titles[best], found).astype(np.int32)
        return found

    def _given(
        self, source: str, candidates: NDArray[np.int64], weights: NDArray[np.float32]
    ) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """(titles of the history, float32[titles, candidates] of what each gave)."""
        models, history = self.sources.models, self.history
        if not len(history):
            return []
        if source == "content":
            titles, shares = self.sources.tasted(history)
            vectors = self.sources.content
            known = candidates < len(vectors)
            given = np.zeros((len(titles), len(candidates)), np.float32)
            given[:, known] = shares[:, None] * (vectors[titles] @ vectors[candidates[known]].T)
            return [(titles, given)]
        if models is None:
            return []
        if source == "follow":
            last = history.last(FOLLOW_STEPS)
            return [(last.titles, models.follow.contributions(
                last.titles, last.faded(models.settings.follow_decay), candidates))]  # fmt: skip
        if source == "transitions":
            last = history.last(TRANSITION_STEPS)
            return [(last.titles, models.transitions.contributions(
                last.titles, last.faded(TRANSITION_DECAY), candidates))]  # fmt: skip
        if source == "linear":
            return [(history.titles, self._linear(candidates, weights))]
        return []

    def _linear(self, candidates: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        models, history = self.sources.models, self.history
        assert models is not None
        liked, last = history.liked(), history.last(WATCHED_STEPS)
        total = np.zeros((len(history), len(candidates)), np.float32)
        places = len(history) - 1 - liked.age.astype(np.int64)
        total[places] = models.linear.contributions(
            liked.titles, np.full(len(liked), weights[ROW["linear"]], np.float32), candidates
        )
        both = weights[ROW["watched"]] + weights[ROW["watched_recent"]] * last.faded(RECENT_DECAY)
        total[-len(last) :] += models.watched.contributions(last.titles, both, candidates)
        return total
