"""A dense title × title matrix of float32: from the history's titles to scores of all titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.features.interactions import Interactions


@dataclass(frozen=True)
class TitleMatrix:
    """`weights[i, j]` is what having watched `titles[i]` says for `titles[j]`; `titles` ascend.

    `place[title]` is a title's row, -1 for titles that take no part. Kept dense, because gathering the rows of a
    history is one sequential read for each of its titles: a sparse top-100 took longer and ranked worse.
    """

    titles: NDArray[np.int32]
    place: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, titles: NDArray[np.int32], n_titles: int, weights: NDArray[np.float32]) -> TitleMatrix:
        """From the titles that take part and their weights."""
        place = np.full(n_titles, -1, np.int32)
        place[titles] = np.arange(len(titles), dtype=np.int32)
        return cls(titles, place, weights)

    def said_by(self, history: NDArray[np.int32]) -> Said:
        """What the titles of a history say, gathered from the matrix."""
        places = self.places(history)
        known = None if (places >= 0).all() else places >= 0
        return Said(self, known, self.weights.take(places if known is None else places[known], 0))

    def score(self, history: NDArray[np.int32], weights: NDArray[np.float32], n_titles: int) -> NDArray[np.float32]:
        """float32[k, n_titles]: scores for each of `weights`' k rows (float32[k, len(history)]); titles outside: 0."""
        return self.said_by(history).score(weights, n_titles)

    def largest(self, titles: Sequence[int]) -> NDArray[np.float32]:
        """float32[titles]: the most that each title says for any; 0 where it takes no part."""
        places = self.places(np.array(titles, np.int64))
        return np.where(places >= 0, self._largest[places], 0).astype(np.float32)

    @cached_property
    def _largest(self) -> NDArray[np.float32]:
        return np.append(self.weights.max(axis=1, initial=0), np.float32(0))

    def contributions(self, history: NDArray[np.int32], candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[len(history), len(candidates)]: what each title of the history, at weight 1, says for each candidate;
        the caller's to change."""
        return self.said_by(history).contributions(candidates)

    def places(self, titles: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int32]:
        """Each title's row, -1 for those that take no part, int32[titles]."""
        places = np.full(len(titles), -1, np.int32)
        known = (titles >= 0) & (titles < len(self.place))
        places[known] = self.place[titles[known]]
        return places

    def save(self, folder: Path) -> None:
        """Writes titles.npy, place.npy and weights.npy."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("titles", "place", "weights"):
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> TitleMatrix:
        """Reads what `save` wrote; the weights stay on disk, mapped into memory."""
        return cls(
            np.load(folder / "titles.npy"),
            np.load(folder / "place.npy"),
            np.load(folder / "weights.npy", mmap_mode="r").view(np.ndarray),  # a memmap is slow to index
        )


@dataclass(frozen=True)
class Said:
    """What each title of one history says for all titles: its rows of the matrix, read once, to score with and then to
    explain by. `known` are the titles of the history that take part (None: all do); `rows` are theirs."""

    matrix: TitleMatrix
    known: NDArray[np.bool_] | None
    rows: NDArray[np.float32]

    def score(self, weights: NDArray[np.float32], n_titles: int) -> NDArray[np.float32]:
        """float32[k, n_titles]: scores for each of `weights`' k rows (float32[k, len(history)]); titles outside: 0."""
        matrix = self.matrix
        scores: NDArray[np.float32] = (weights if self.known is None else weights[:, self.known]) @ self.rows
        if len(matrix.titles) == n_titles:
            return scores
        spread = np.zeros((len(weights), n_titles), np.float32)
        inside = len(matrix.titles) if len(matrix.place) <= n_titles else int(np.searchsorted(matrix.titles, n_titles))
        spread[:, matrix.titles[:inside]] = scores[:, :inside]
        return spread

    def contributions(self, candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[len(history), len(candidates)]: what each title of the history, at weight 1, says for each candidate;
        the caller's to change."""
        matrix = self.matrix
        count = len(self.rows) if self.known is None else len(self.known)
        if not len(matrix.titles):
            return np.zeros((count, len(candidates)), np.float32)
        columns = matrix.places(candidates)
        given = self.rows.take(np.maximum(columns, 0), 1)  # what takes no part is read from place 0 and silenced
        if (columns < 0).any():
            given[:, columns < 0] = 0
        if self.known is None:
            return given
        spread = np.zeros((count, len(candidates)), np.float32)
        spread[self.known] = given
        return spread


def ridge_too_small(name: str, ridge: float) -> FrontrowError:
    """What to say of a model whose equations have no solution in float32."""
    return FrontrowError(
        f"models.{name}_regularization = {ridge:g} is too small for this log: the model cannot be solved for",
        "Raise it in frontrow.toml, or leave it out for the default",
    )


LEAST = 3
"""Interactions below which a title says nothing that a linear model could learn; the cost is cubic in titles."""


def most_watched(
    interactions: Interactions, n_titles: int, max_bytes: int, bytes_a_cell: int, least: int = LEAST
) -> NDArray[np.int32]:
    """The titles with most interactions whose square fits in `max_bytes`, ascending; none with fewer than `least`."""
    counts = np.bincount(interactions.title, minlength=n_titles)
    room = int((max_bytes / bytes_a_cell) ** 0.5)
    order = np.argsort(-counts, kind="stable")[:room]
    return np.sort(order[counts[order] >= least]).astype(np.int32)
