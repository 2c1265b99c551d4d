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
NEIGHBOURS, MOST = 10, 500


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
        cls, content: NDArray[np.float32], learned: NDArray[np.int32], known: int, added_at: NDArray[np.int64] | None
    ) -> Lending:
        """From contents float32[n, dims], rows of length 1 or 0, and the titles that models learned from. Of very many
        others, the MOST that were added last borrow."""
        there: NDArray[np.bool_] = np.any(content != 0, axis=1)
        titles = learned[learned < len(there)].astype(np.int64)
        titles = titles[there[titles]]
        there[learned[learned < len(there)]] = False
        borrowers = np.flatnonzero(there)
        if len(borrowers) > MOST:
            age = borrowers if added_at is None else added_at[borrowers]
            borrowers = np.sort(borrowers[np.argsort(-age, kind="stable")[:MOST]])
        few = min(NEIGHBOURS, len(titles))
        if not few or not len(borrowers):
            nothing = np.zeros((0, 0))
            return cls(np.empty(0, np.int64), nothing.astype(np.int64), nothing.astype(np.float32), known)
        like = np.maximum(content[borrowers] @ content[titles].T, 0)
        best = np.argpartition(-like, few - 1, axis=1)[:, :few]
        share = np.take_along_axis(like, best, 1)
        total = share.sum(axis=1, keepdims=True)
        return cls(borrowers, titles[best], np.divide(share, total, out=np.zeros_like(share), where=total > 0), known)

    def lend(self, rows: NDArray[np.float32]) -> list[tuple[list[int], NDArray[np.int64]]]:
        """Fills the borrowers' places in `rows`, float32[features, n]: what is COUNTED until a title's first view, what
        is LEARNED until then too, or until a training for a title that models were not told of. Which rows were lent to
        which titles."""
        new = rows[ROW["popular_ever"], self.borrowers] == 0
        lent = []
        for features, who in ((COUNTED, new), (LEARNED, new | (self.borrowers >= self.known))):
            some = np.flatnonzero(who)
            if len(some):
                given = rows[features][:, self.lenders[some]] * self.share[some]
                rows[np.array(features)[:, None], self.borrowers[some]] = given.sum(axis=2)
                lent.append((features, self.borrowers[some]))
        return lent
