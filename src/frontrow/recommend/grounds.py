"""Which title of the history spoke for a title: asked only for what is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import ROW
from frontrow.models.reading import Reading
from frontrow.models.sources import RECENT_DECAY, TRANSITION_DECAY, TRANSITION_STEPS, Sources
from frontrow.recommend.open_titles import are_open


@dataclass(frozen=True)
class Grounds:
    """What was read of a query, and the sources that read it."""

    sources: Sources
    reading: Reading

    def because(
        self, source: str, candidates: NDArray[np.int64], weights: NDArray[np.float32], open_titles: NDArray[np.bool_]
    ) -> NDArray[np.int32]:
        """For each candidate the title of the history that added most to this source's score, never the candidate
        itself nor one that the gate keeps shut; -1 where none added anything, or the source does not read histories.

        `weights` is float32[features, candidates]: what a unit of a raw score adds to each candidate. `open_titles`,
        bool[titles], is what may be named to the viewer.
        """
        titles, given = self._given(source, candidates, weights)
        if not len(titles):
            return np.full(len(candidates), -1, np.int32)
        shut = ~are_open(titles, open_titles)
        if shut.any():
            given[shut] = 0
        itself = titles[:, None] == candidates.astype(np.int32)
        if itself.any():
            given[itself] = 0
        return np.where(given.max(axis=0) > 0, titles.take(given.argmax(axis=0)), -1).astype(np.int32)

    @property
    def axes(self) -> Iterable[str]:
        """The axes of moments that may say something (features/moments.py), by name."""
        return self.sources.axes

    def suiting(self, candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[axes, candidates]: what each of `axes` says for each candidate."""
        return self.sources.suiting(self.reading.query, candidates)

    def _given(
        self, source: str, candidates: NDArray[np.int64], weights: NDArray[np.float32]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """(titles of the history, float32[titles, candidates] of what each gave); none where the source reads none."""
        models, history = self.sources.models, self.reading.history
        if source == "content":
            titles, shares = self.sources.tasted(history)
            vectors = self.sources.content
            known = np.flatnonzero(candidates < len(vectors))
            given = np.zeros((len(titles), len(candidates)), np.float32)
            given[:, known] = (vectors[titles] * shares[:, None]) @ vectors.take(candidates[known], 0).T
            return titles, given
        if models is not None and source == "follow":
            last, said = self.sources.said("follow", history)
            return last.titles, said.contributions(candidates) * last.faded(models.settings.follow_decay)[:, None]
        if models is not None and source == "transitions":
            last = history.last(TRANSITION_STEPS)
            faded = last.faded(TRANSITION_DECAY)
            return last.titles, models.transitions.contributions(last.titles, candidates) * faded[:, None]
        if models is not None and source == "linear":
            return history.titles, self._linear(candidates, weights)
        return np.empty(0, np.int32), np.empty((0, len(candidates)), np.float32)

    def _linear(self, candidates: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        liked, says = self.sources.said("linear", self.reading.history)
        last, watched = self.sources.said("watched", self.reading.history)
        total = np.zeros((len(self.reading.history), len(candidates)), np.float32)
        places = len(self.reading.history) - 1 - liked.age.astype(np.int64)
        total[places] = says.contributions(candidates) * weights[ROW["linear"]]
        both = weights[ROW["watched"]] + weights[ROW["watched_recent"]] * last.faded(RECENT_DECAY)[:, None]
        total[-len(last) :] += watched.contributions(candidates) * both
        return total
