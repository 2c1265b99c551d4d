"""What titles are labelled with, as numbers: genres, tags, people, audio languages, countries of origin.

Kept beside the catalogue and read when a feature is read, so that a title that comes later, or changes, counts at once
in what was watched before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.random import stable_hash

Labels = Iterable[tuple[str, float]]


def _tags(title: Title) -> Labels:
    return sorted(title.tags.items(), key=lambda each: (-each[1], each[0]))


NAMESPACES: Final[dict[str, tuple[Callable[[Title], Labels], int]]] = {
    "genre": (lambda title: ((genre, 1.0) for genre in title.genres), 8),
    "tag": (_tags, 16),
    "person": (lambda title: ((person.name, 1.0) for person in title.people), 12),
    "language": (lambda title: ((language, 1.0) for language in title.languages), 8),
    "origin": (lambda title: ((country, 1.0) for country in title.origin_countries), 8),
}
"""How a title's labels are read, with their weights, and how many of a title count, the first."""


class Namespace:
    """Labels of one kind. Row t of `labels` (int32[titles, width]) holds title t's label numbers and of `weights`
    (float32) what they weigh; number 0 pads and weighs nothing."""

    def __init__(self, name: str) -> None:
        self.read, self.most = NAMESPACES[name]
        self.names: list[str] = [""]
        self._number: dict[str, int] = {"": 0}
        self._order = np.zeros(64, np.uint64)
        self.labels = np.zeros((0, 1), np.int32)
        self.weights = np.zeros((0, 1), np.float32)

    @property
    def size(self) -> int:
        """How many labels there are, number 0 counted."""
        return len(self.names)

    @property
    def order(self) -> NDArray[np.uint64]:
        """What settles ties, the same in every process: uint64[size]."""
        return self._order[: len(self.names)]

    def set(self, title: int, record: Title | None) -> None:
        """Takes up a title's labels, whatever it had before."""
        found: dict[int, float] = {}
        for label, weight in self.read(record) if record else ():
            if label and len(found) < self.most:
                found.setdefault(self._numbered(label), weight)
        rows, width = self.labels.shape
        if title >= rows or len(found) > width:
            grown = (max(rows, 2 * title, 64) if title >= rows else rows, max(width, len(found)))
            grown = (max(grown[0], title + 1), grown[1])
            labels, weights = np.zeros(grown, np.int32), np.zeros(grown, np.float32)
            labels[:rows, :width], weights[:rows, :width] = self.labels, self.weights
            self.labels, self.weights = labels, weights
        self.labels[title], self.weights[title] = 0, 0
        self.labels[title, : len(found)] = list(found)
        self.weights[title, : len(found)] = list(found.values())

    def _numbered(self, label: str) -> int:
        number = self._number.get(label)
        if number is None:
            number = self._number[label] = len(self.names)
            self.names.append(label)
            if number >= len(self._order):
                self._order = np.concatenate([self._order, np.zeros_like(self._order)])
            self._order[number] = stable_hash("label", label)
        return number


class LabelSpace:
    """All namespaces, brought up to date with `set` for every title that is new or changed. `series_of[title]` is the
    series of an episode, else the title's own number; `ids` are the titles' ids."""

    def __init__(self) -> None:
        self.namespaces = {name: Namespace(name) for name in NAMESPACES}
        self.series_of = np.empty(0, np.int32)
        self.ids: list[str] = []

    def set(self, title: int, record: Title | None) -> None:
        """Takes up one title."""
        for namespace in self.namespaces.values():
            namespace.set(title, record)

    def place(self, series_of: NDArray[np.int32], ids: list[str]) -> None:
        """Takes up the catalogue's structure and ids."""
        size = len(series_of)
        for namespace in self.namespaces.values():
            if len(namespace.labels) < size:
                namespace.set(size - 1, None)
        self.series_of, self.ids = series_of, ids

    def shown_as(self, titles: NDArray[np.int32]) -> NDArray[np.int64]:
        """Title numbers with episodes as their series; -1 where the catalogue does not know the number yet."""
        known = (titles >= 0) & (titles < len(self.series_of))
        if not len(self.series_of):
            return np.full(len(titles), -1)
        return np.where(known, self.series_of[np.where(known, titles, 0)], -1).astype(np.int64)
