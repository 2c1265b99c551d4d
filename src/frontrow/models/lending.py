"""What is said of a title that nobody had watched when models were trained: what models say of the titles
most like it by content, and how popular content makes a title, by a ridge regression over those that were watched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import ROW

LEARNED = [ROW[name] for name in ("linear", "watched", "watched_recent", "follow")]
COUNTED = [ROW[name] for name in ("popular_2", "popular_7", "popular_30", "popular_ever", "country")]
"""Features that come from what was watched, by training and by counting, and say nothing of a title that was not."""
NEIGHBOURS, MOST, LENDERS = 10, 500, 4_000
EVER = -(2**63), 2**63 - 1
RIDGE = 30.0
"""In titles: of how many all-alike ones content is believed by half."""


class Kept:
    """What was found of borrowers, with the vectors that it was found by: of a catalogue that changes title by title
    only what changed is looked for again."""

    def __init__(self) -> None:
        self._lenders = np.zeros((0, 0), np.float32)
        self._titles = np.empty(0, np.int64)
        self._found: dict[int, tuple[bytes, NDArray[np.int64], NDArray[np.float32]]] = {}
        self._regression: NDArray[np.float32] | None = None

    def nearest(
        self, content: NDArray[np.float32], borrowers: NDArray[np.int64], titles: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """For each borrower NEIGHBOURS (or all, if there are fewer) of `titles`, and their likeness, 0 or more."""
        vectors = self._of(content, titles)
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

    def regression(self, content: NDArray[np.float32], titles: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[titles, dims]: from what `titles` have, less its mean, to what content foretells."""
        vectors = self._of(content, titles)
        if self._regression is None:
            exact = vectors.astype(np.float64)
            gram = exact.T @ exact
            gram[np.diag_indices_from(gram)] += RIDGE
            self._regression = np.ascontiguousarray(np.linalg.solve(gram, exact.T).T, np.float32)
        return self._regression

    def _of(self, content: NDArray[np.float32], titles: NDArray[np.int64]) -> NDArray[np.float32]:
        """The lenders' vectors; what was found by others is forgotten."""
        vectors = content[titles]
        if not (np.array_equal(self._titles, titles) and np.array_equal(self._lenders, vectors)):
            self._titles, self._lenders, self._found, self._regression = titles, vectors, {}, None
        return vectors


def window(added_at: NDArray[np.int64], now: int) -> tuple[int, int]:
    """From when, until before when the titles added by `now` are those that are there (microseconds UTC)."""
    there = added_at <= now
    return int(added_at[there].max(initial=EVER[0])), int(added_at[~there].min(initial=EVER[1]))


@dataclass(frozen=True)
class Lending:
    """`borrowers` int64[c] are titles that models have not met, `lenders` int64[c, NEIGHBOURS] those that they learned
    from and that are most like each, `share` float32[c, NEIGHBOURS] what each lends, by its likeness; a borrower's
    shares sum to 1, or to 0 where it is like none. `about` float32[c, dims] are the borrowers' contents, and
    `regression` float32[len(all_lenders), dims] is Kept's. `waiting` int64[w] are all titles that models have not met,
    borrowers and others. The same borrow from `since` until before `until` (microseconds UTC).

    It follows from models, catalogue and moment alone, so that a page can be computed again.
    """

    borrowers: NDArray[np.int64]
    lenders: NDArray[np.int64]
    share: NDArray[np.float32]
    about: NDArray[np.float32]
    all_lenders: NDArray[np.int64]
    regression: NDArray[np.float32]
    waiting: NDArray[np.int64]
    since: int = EVER[0]
    until: int = EVER[1]

    @classmethod
    def of(
        cls, content: NDArray[np.float32], learned: NDArray[np.int32], met: NDArray[np.int64],
        added_at: NDArray[np.int64] | None = None, now: int = 0, kept: Kept | None = None,
        able: NDArray[np.bool_] | None = None,
    ) -> Lending:  # fmt: skip
        """From contents float32[n, dims], rows of length 1 or 0, and the titles that models learned from and have met.

        Of very many others, of those in `able`, bool[n], the MOST that were added last borrow, and what is yet to come
        at `now` after all that is there. Of very many lenders every so many lends, LENDERS in all. `kept` is what an
        earlier call with these models found.
        """
        there: NDArray[np.bool_] = np.any(content != 0, axis=1)
        titles = learned[learned < len(there)].astype(np.int64)
        titles = titles[there[titles]]
        titles = titles[:: max(1, -(-len(titles) // LENDERS))]
        waits = np.ones(len(there), bool) if able is None else able.copy()
        waits[met[met < len(there)]] = False
        waiting, borrowers, since, until = np.flatnonzero(waits), np.flatnonzero(there & waits), *EVER
        if len(borrowers) > MOST:
            added = borrowers if added_at is None else added_at[borrowers]
            if added_at is not None:
                since, until = window(added, now)
            later = added >= until
            order = np.lexsort((np.where(later, added, -added), later))
            borrowers = np.sort(borrowers[order[:MOST]])
        if not len(titles) or not len(borrowers):
            nothing, nobody = np.zeros((0, 0), np.float32), np.empty(0, np.int64)
            return cls(nobody, nothing.astype(np.int64), nothing, nothing, nobody, nothing, waiting)
        kept = Kept() if kept is None else kept
        lenders, share = kept.nearest(content, borrowers, titles)
        total = share.sum(axis=1, keepdims=True)
        share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        regression = kept.regression(content, titles)
        return cls(borrowers, lenders, share, content[borrowers], titles, regression, waiting, since, until)

    def holds(self, now: int) -> bool:
        """Whether the same titles borrow at this moment."""
        return self.since <= now < self.until

    def lend(self, rows: NDArray[np.float32]) -> list[tuple[list[int], NDArray[np.int64]]]:
        """Fills the borrowers' places in `rows`, float32[features, n]: what is LEARNED, and what is COUNTED where a
        title was not watched more than its content foretells, so that no view takes anything from it. Which rows were
        lent to which titles."""
        if not len(self.borrowers):
            return []
        learned, counted = np.array(LEARNED)[:, None], np.array(COUNTED)[:, None]
        rows[learned, self.borrowers] = (rows[learned[:, None], self.lenders] * self.share).sum(axis=2)
        own, told = rows[counted, self.borrowers], self._foretold(rows)
        rows[counted, self.borrowers] = np.maximum(own, told)
        more = [([row], self.borrowers[told[place] >= own[place]]) for place, row in enumerate(COUNTED)]
        return [(LEARNED, self.borrowers), *more]

    def _foretold(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[len(COUNTED), len(borrowers)]: how popular their content makes them, within what lenders are; nothing
        for one that is like none."""
        counted = rows[COUNTED[0] : COUNTED[-1] + 1].take(self.all_lenders, 1)
        mean = counted.mean(axis=1, keepdims=True)
        told = (counted - mean) @ self.regression @ self.about.T + mean
        told = np.clip(told, counted.min(axis=1, keepdims=True), counted.max(axis=1, keepdims=True))
        return np.where(self.share.any(axis=1), told, 0)
