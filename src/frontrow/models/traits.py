"""What titles share that may suit a moment: kind, genres, tags, running time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title, may_stand_in_rows

LEAST_TITLES, MOST_TRAITS = 5, 256
LENGTHS = (5.0, 15.0, 35.0, 60.0, 95.0, 125.0)
"""Minutes at which the next running time begins."""


class Traits(NamedTuple):
    """`matrix` is float32[titles, names]: how much each title has of each trait, 0..1."""

    names: tuple[str, ...]
    matrix: NDArray[np.float32]

    @classmethod
    def of(cls, titles: Sequence[Title | None]) -> Traits:
        """The traits of most titles, at most MOST_TRAITS, none of fewer than LEAST_TITLES. Episodes, which stand in no
        row, do not count: one long series would make its own tags common."""
        counts: Counter[str] = Counter()
        for title in titles:
            if may_stand_in_rows(title):
                counts.update({name for name, _ in traits_of(title)})
        common = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_TRAITS]
        names = tuple(sorted(name for name, count in common if count >= LEAST_TITLES))
        return cls(names, trait_matrix(titles, names))


NO_TRAITS = Traits((), np.zeros((0, 0), np.float32))


def traits_of(title: Title) -> Iterator[tuple[str, float]]:
    """(trait, weight 0..1) of a title."""
    yield f"kind {title.kind}", 1.0
    yield from ((f"genre {genre.casefold()}", 1.0) for genre in title.genres)
    yield from ((f"tag {tag.casefold()}", weight) for tag, weight in title.tags.items() if weight > 0)
    if title.runtime_minutes:
        yield f"length {sum(title.runtime_minutes >= edge for edge in LENGTHS)}", 1.0


def trait_matrix(titles: Sequence[Title | None], names: Sequence[str]) -> NDArray[np.float32]:
    """float32[titles, names]; zeros for None and for what has no name here."""
    place = {name: column for column, name in enumerate(names)}
    matrix = np.zeros((len(titles), len(names)), np.float32)
    for row, title in enumerate(titles):
        for name, weight in traits_of(title) if title is not None else ():
            if (column := place.get(name)) is not None:
                matrix[row, column] = max(float(matrix[row, column]), weight)
    return matrix
