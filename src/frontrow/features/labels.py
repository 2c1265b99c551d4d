"""What titles are labelled with, as numbers: genres, tags, people, audio languages, countries of origin.

Kept beside the catalogue and read when a feature is read, so that a title that comes later, or changes, counts at once
in what was watched before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title

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


class LabelSpace:
    """All labels of all titles, brought up to date with `set` for every title that is new or changed.

    Row t of `labels` (int32[titles, width]) holds title t's label numbers and of `weights` (float32) what they weigh;
    number 0 pads and weighs nothing. Label n is called `names[n]` and is of the namespace `kind[n]`, a place in
    NAMESPACES (len(NAMESPACES) for 0). The last row is no title's, and empty: row -1 is of what the catalogue does not
    know. `series_of[title]` is the series of an episode, else the title's own number;
    `ids` are the titles' ids, `runtime` (float32[titles], as long as `labels`) their minutes, 0 where nobody says.
    """

    def __init__(self) -> None:
        self.version = 0  # rises with every change
        self.names: list[str] = [""]
        self.labels = np.zeros((1, 1), np.int32)
        self.weights = np.zeros((1, 1), np.float32)
        self.runtime = np.zeros(1, np.float32)
        self.series_of = np.empty(0, np.int32)
        self.ids: list[str] = []
        self._number: dict[tuple[int, str], int] = {}
        self._kind = np.full(64, len(NAMESPACES), np.int8)

    @property
    def size(self) -> int:
        """How many labels there are, number 0 counted."""
        return len(self.names)

    @property
    def kind(self) -> NDArray[np.int8]:
        """int8[size]: each label's namespace."""
        return self._kind[: len(self.names)]

    def set(self, title: int, record: Title | None) -> None:
        """Takes up a title's labels, whatever it had before."""
        self.version += 1
        found: dict[int, float] = {}
        for kind, (read, most) in enumerate(NAMESPACES.values()):
            room = len(found) + most
            for label, weight in read(record) if record else ():
                if label and len(found) < room:
                    found.setdefault(self._numbered(kind, label), weight)
        self._make_room(title + 1, len(found))
        self.labels[title], self.weights[title] = 0, 0
        self.runtime[title] = (record.runtime_minutes if record else None) or 0
        self.labels[title, : len(found)] = list(found)
        self.weights[title, : len(found)] = list(found.values())

    def place(self, series_of: NDArray[np.int32], ids: list[str]) -> None:
        """Takes up the catalogue's structure and ids."""
        self._make_room(len(series_of), 0)
        if len(series_of) != len(self.series_of) or not np.array_equal(series_of, self.series_of):
            self.version += 1
            series_of = series_of.copy()
        else:
            series_of = self.series_of
        self.series_of, self.ids = series_of, ids

    def shown_as(self, titles: NDArray[np.int32]) -> NDArray[np.int64]:
        """Title numbers with episodes as their series; -1 where the catalogue does not know the number yet."""
        if not len(self.series_of):
            return np.full(len(titles), -1)
        known = (titles >= 0) & (titles < len(self.series_of))
        shown = self.series_of.take(titles, mode="clip").astype(np.int64)
        shown[~known] = -1
        return shown

    def shown_one(self, title: int) -> int:
        """`shown_as` of one title."""
        return self.series_of.item(title) if 0 <= title < len(self.series_of) else -1

    def genres(self, title: int) -> Iterator[tuple[int, float]]:
        """A title's genres, with what they weigh; none for -1."""
        for label, weight in zip(self.labels[title].tolist(), self.weights[title].tolist(), strict=True):
            if self._kind[label] != 0:  # genres come first
                return
            yield label, weight

    def _make_room(self, titles: int, width: int) -> None:
        rows, columns = self.labels.shape
        if titles >= rows or width > columns:
            shape = (rows if titles < rows else max(titles + 1, 2 * rows, 64), max(columns, width))
            labels, weights = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
            labels[:rows, :columns], weights[:rows, :columns] = self.labels, self.weights
            self.runtime = np.concatenate([self.runtime, np.zeros(shape[0] - rows, np.float32)])
            self.labels, self.weights = labels, weights

    def _numbered(self, kind: int, label: str) -> int:
        number = self._number.get((kind, label))
        if number is None:
            number = self._number[kind, label] = len(self.names)
            self.names.append(label)
            if number >= len(self._kind):
                self._kind = np.concatenate([self._kind, np.zeros_like(self._kind)])
            self._kind[number] = kind
        return number
