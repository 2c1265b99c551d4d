"""What is said of a title that nobody has watched yet, or not when models were trained: what is said of the titles most
like it by content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import ROW

LEARNED = [ROW[name] for name in ("linear", "watched", "watched_recent", "follow")]
COUNTED = [ROW[name] for name in ("popular_2", "popular_7", "popular_30", "popular_ever", "country")]
"""Features that come from what was watched, by training and by counting, and say nothing of a title that was not."""
NEIGHBOURS, MOST, LENDERS = 10, 500, 4_000


class Kept:
    """What was found of borrowers, with the vectors that it was found by: of a catalogue that changes title by title
    only what changed is looked for again."""

    def __init__(self) -> None:
        self._lenders = np.zeros((0, 0), np.float32)
        self._titles = np.empty(0, np.int64)
        self._found: dict[int, tuple[bytes, NDArray[np.int64], NDArray[np.float32]]] = {}

    def nearest(
        self, content: NDArray[np.float32], borrowers: NDArray[np.int64], titles: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """For each borrower NEIGHBOURS (or all, if there are fewer) of `titles`, and their likeness, 0 or more."""
        vectors = content[titles]
        if not (np.array_equal(self._titles, titles) and np.array_equal(self._lenders, vectors)):
            self._titles, self._lenders, self._found = titles, vectors, {}
        keys = {number: content[number].tobytes() for number in borrowers.tolist()}
        found = {number: self._found[number] for number in keys if self._found.get(number, (b"",))[0] == keys[number]}
        missing = np.array([number for number in keys if number not in found], np.int64)
        if len(missing):
            few = min(NEIGHBOURS, len(titles))
            like = np.maximum(content[missing] @ vectors.T, 0)
            best = np.argpartition(-like, few - 1, axis=1)[:, :few]
            share = np.take_along_axis(like, best, 1)
            for place, number in enumerate(missing.tolist()):
                found[number] = (keys[number], titles[best[place]], share[place])
        self._found = found
        return np.stack([found[number][1] for number in keys]), np.stack([found[number][2] for number in keys])


@dataclass(frozen=True)
class Lending:
    """`borrowers` int64[c] are titles that models did not learn from, `lenders` int64[c, NEIGHBOURS] those that they
    did and that are most like each, `share` float32[c, NEIGHBOURS] what each lends, by its likeness; a borrower's
    shares sum to 1, or to 0 where it is like none. Models were told of `known` titles.

    It follows from models and catalogue alone, so that a page can be computed again.
    """

    borrowers: NDArray[np.int64]
    lenders: NDArray[np.int64]
    share: NDArray[np.float32]
    known: int

    @classmethod
    def of(
        cls, content: NDArray[np.float32], learned: NDArray[np.int32], known: int, added_at: NDArray[np.int64] | None,
        kept: Kept | None = None,
    ) -> Lending:  # fmt: skip
        """From contents float32[n, dims], rows of length 1 or 0, and the titles that models learned from. Of very many
        others, the MOST that were added last borrow; of very many lenders every so many lends, LENDERS in all. `kept`
        is what an earlier call with these models found."""
        there: NDArray[np.bool_] = np.any(content != 0, axis=1)
        titles = learned[learned < len(there)].astype(np.int64)
        titles = titles[there[titles]]
        titles = titles[:: max(1, -(-len(titles) // LENDERS))]
        there[learned[learned < len(there)]] = False
        borrowers = np.flatnonzero(there)
        if len(borrowers) > MOST:
            age = borrowers if added_at is None else added_at[borrowers]
            borrowers = np.sort(borrowers[np.argsort(-age, kind="stable")[:MOST]])
        if not len(titles) or not len(borrowers):
            nothing = np.zeros((0, 0))
            return cls(np.empty(0, np.int64), nothing.astype(np.int64), nothing.astype(np.float32), known)
        lenders, share = (Kept() if kept is None else kept).nearest(content, borrowers, titles)
        total = share.sum(axis=1, keepdims=True)
        return cls(borrowers, lenders, np.divide(share, total, out=np.zeros_like(share), where=total > 0), known)

    def lend(self, rows: NDArray[np.float32]) -> list[tuple[list[int], NDArray[np.int64]]]:
        """Fills the borrowers' places in `rows`, float32[features, n]: what is COUNTED until a title's first view, what
        is LEARNED until then too, or until a training for a title that models were not told of. Which rows were lent to
        which titles."""
        new = rows[ROW["popular_ever"], self.borrowers] == 0
        lent = []
        for features, who in ((COUNTED, new), (LEARNED, new | (self.borrowers >= self.known))):
            some = np.flatnonzero(who)
            if len(some):
                row = np.array(features)[:, None]
                given = rows[row[:, None], self.lenders[some]] * self.share[some]
                rows[row, self.borrowers[some]] = given.sum(axis=2)
                lent.append((features, self.borrowers[some]))
        return lent
