"""A page being laid: shelves claim titles one after another, and no title stands twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import SESSION, Horizon
from frontrow.recommend.best import best_places
from frontrow.recommend.gate import Gate
from frontrow.recommend.request import MAX_ROWS
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import ServedRow
from frontrow.recommend.viewer import Viewer
from frontrow.recommend.views import Views

LEAST = 4
"""Fewest items of a row; those in SHORT may have one."""
SHORT = frozenset({"continue_watching", "my_list", "curated"})
DEEP = 1000
"""Titles that a row is looked for among first."""
PROMISED = frozenset({"continue_watching", "my_list"})
"""Rows that are on a page whenever they have an item: until they have been offered, a place is kept for each."""
REPEATING = frozenset({"continue_watching", "my_list", "top10"})
"""Rows that may hold a title that stands elsewhere on the page."""

SEVERAL = frozenset({"because_you_watched", "genre"})
"""Kinds of which a page has several rows, each of its own name."""


@dataclass
class Shelf:
    """A row as offered: candidates best first, of which a page takes what it can.

    `code` is the reason of all its items ("" : each item's own, by its leading source); `because` the title that the
    whole row is about (−1: none); `horizon` what its items were scored for.
    """

    kind: str
    title: str
    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    code: str = ""
    reason: str = ""
    because: int = -1
    horizon: Horizon = SESSION
    most: int | None = None


@dataclass
class Board:
    """What row makers work with: the viewer, the gate's masks, the scores; and the shelves laid so far.

    `open` are titles that may be shown at all, `fresh` those of them that the viewer has not seen, `free` those of them
    that no shelf has claimed; `scores` are by horizon, float32[titles], −inf where not fresh. `standing` are rows
    that are on the page already: their titles are claimed, and they are not laid again.
    """

    views: Views
    viewer: Viewer
    gate: Gate
    scored: Scored
    columns: int
    open: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    standing: Sequence[ServedRow] = ()
    shelves: list[Shelf] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free = self.fresh.copy()
        self.claimed = np.zeros(len(self.open), bool)
        for row in self.standing:
            if row.kind not in REPEATING:
                numbers = row.numbers()
                self._claim(numbers[numbers < len(self.open)])
        self.scores = self.scored.blended
        self.tuning = self.viewer.arm.tuning
        self._awaited = set(PROMISED) - {row.kind for row in self.standing}
        self._deep: dict[Horizon, NDArray[np.int64]] = {}

    @cached_property
    def genres(self) -> list[str]:
        """Genres that can fill a row: what the session is after first, then what the viewer watches most, then the
        larger ones."""
        catalogue, query = self.views.catalogue, self.viewer.query
        taste: dict[str, float] = {}
        titles, size = catalogue.titles, catalogue.size
        for title, weight in zip(query.titles.tolist(), query.weights.tolist(), strict=True):
            record = titles[title] if title < size else None
            for genre in record.genres if record is not None else ():
                taste[genre] = taste.get(genre, 0.0) + weight
        sizes = {genre: len(members) for genre, members in catalogue.genres.items() if len(members) >= LEAST}
        now = self.scored.intent
        return sorted(sizes, key=lambda genre: (-now.get(genre, 0.0), -taste.get(genre, 0.0), -sizes[genre], genre))

    def deep(self, horizon: Horizon) -> NDArray[np.int64]:
        """The DEEP fresh titles with the highest score, best first: among them a row nearly always finds its own."""
        if horizon not in self._deep:
            scores = self.scores[horizon]
            self._deep[horizon] = best_places(scores, min(DEEP, int(np.count_nonzero(self.fresh))))
        return self._deep[horizon]

    def best(self, among: NDArray[np.bool_] | None, horizon: Horizon, count: int) -> NDArray[np.int64]:
        """The `count` free titles of `among` (bool[titles]; None: all) with the highest score, best first."""
        deep = self.deep(horizon)
        keep = self.free.take(deep)
        if among is not None:
            keep &= among.take(deep)
        found = deep[keep.nonzero()[0][:count]]
        if len(found) == count or len(deep) < DEEP:
            return found
        candidates = (self.free if among is None else self.free & among).nonzero()[0]
        return candidates[best_places(self.scores[horizon].take(candidates), count)]

    def lay(self, shelf: Shelf) -> bool:
        """Puts a shelf on the page with the titles that are still free; False if too few are."""
        self._awaited.discard(shelf.kind)
        if len(self.standing) + len(self.shelves) >= MAX_ROWS - len(self._awaited) or self._stands(shelf):
            return False
        repeats = shelf.kind in REPEATING
        keep = (self.open if repeats else self._claimable(shelf)).take(shelf.numbers)
        taken = keep.nonzero()[0][: min(self.columns, shelf.most or self.columns)]
        if len(taken) < (1 if shelf.kind in SHORT else LEAST):
            return False
        if len(taken) < len(keep):
            shelf.numbers, shelf.scores = shelf.numbers[taken], shelf.scores[taken]
        if not repeats:
            self._claim(shelf.numbers)
        self.shelves.append(shelf)
        return True

    def _claim(self, numbers: NDArray[np.integer[Any]]) -> None:
        self.free[numbers] = False
        self.claimed[numbers] = True

    def _stands(self, shelf: Shelf) -> bool:
        """Whether the page has this row already; of SEVERAL, one of the same name."""
        return any(
            row.kind == shelf.kind and (row.kind not in SEVERAL or row.title == shelf.title) for row in self.standing
        )

    def _claimable(self, shelf: Shelf) -> NDArray[np.bool_]:
        return self.open & ~self.claimed if shelf.kind == "watch_again" else self.free
