"""What is said of a title that nobody had watched when models were trained: what models say of the titles
most like it by content, and how popular content makes a title, by a ridge regression over those that were watched."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import ROW

LEARNED = [ROW[name] for name in ("linear", "watched", "watched_recent", "follow")]
COUNTED = [ROW[name] for name in ("popular_2", "popular_7", "popular_30", "popular_ever", "country")]
"""Features that come from what was watched, by training and by counting, and say nothing of a title that was not."""
NEIGHBOURS, MOST, LENDERS = 10, 1_000, 4_000
_MOMENTS, _MANY = 8, 8 * MOST
"""Moments, and borrowers, that are kept."""
RIDGE = 30.0
"""In titles: of how many all-alike ones content is believed by half."""


class Lenders(NamedTuple):
    """Numbers int64[l] of titles that models learned from, and their contents, float32[l, dims]."""

    titles: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def same_as(self, other: Lenders) -> bool:
        """Whether the same would be found by others."""
        return np.array_equal(self.titles, other.titles) and np.array_equal(self.vectors, other.vectors)


class Kept:
    """What was found of borrowers, with the vectors that it was found by: of a catalogue that changes title by title
    only what changed is looked for again. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lenders: Lenders | None = None
        self._found: dict[int, tuple[bytes, NDArray[np.int64], NDArray[np.float32]]] = {}
        self._regression: NDArray[np.float32] | None = None

    def nearest(
        self, content: NDArray[np.float32], borrowers: NDArray[np.int64], lenders: Lenders
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """For each borrower NEIGHBOURS (or all, if there are fewer) of the lenders, and their likeness, 0 or more."""
        titles, vectors = lenders
        with self._lock:
            self._ask(lenders)
            keys = {number: content[number].tobytes() for number in borrowers.tolist()}
            found = {number: each for number in keys if (each := self._found.get(number)) and each[0] == keys[number]}
            missing = np.array([number for number in keys if number not in found], np.int64)
            if len(missing):
                few = min(NEIGHBOURS, len(titles))
                like = np.maximum(content[missing] @ vectors.T, 0)
                best = np.argpartition(-like, few - 1, axis=1)[:, :few]
                share = np.take_along_axis(like, best, 1)
                for place, number in enumerate(missing.tolist()):
                    found[number] = (keys[number], titles[best[place]], share[place])
                self._found = found if len(self._found) > _MANY else self._found | found
        return np.stack([found[number][1] for number in keys]), np.stack([found[number][2] for number in keys])

    def regression(self, lenders: Lenders) -> NDArray[np.float32]:
        """float32[lenders, dims]: from what they have, less its mean, to what content foretells."""
        with self._lock:
            self._ask(lenders)
            if self._regression is None:
                exact = lenders.vectors.astype(np.float64)
                gram = exact.T @ exact
                gram[np.diag_indices_from(gram)] += RIDGE
                self._regression = np.ascontiguousarray(np.linalg.solve(gram, exact.T).T, np.float32)
            return self._regression

    def _ask(self, lenders: Lenders) -> None:
        """Forgets what was found by others."""
        was, self._lenders = self._lenders, lenders
        if was is None or not (was is lenders or lenders.same_as(was)):
            self._found, self._regression = {}, None


class Waiting:
    """The titles of a catalogue that models have not met, `titles` int64[w], and what they borrow at any moment.

    It follows from models, catalogue and moment alone, so that a page can be computed again.
    """

    def __init__(
        self,
        content: NDArray[np.float32],
        learned: NDArray[np.int32],
        met: NDArray[np.int64],
        added_at: NDArray[np.int64] | None = None,
        kept: Kept | None = None,
        able: NDArray[np.bool_] | None = None,
    ) -> None:
        """From contents float32[n, dims], rows of length 1 or 0, and the titles that models learned from and have met;
        of the others those in `able`, bool[n] (None: all), wait. Of very many lenders every so many lends, LENDERS in
        all. `kept` is what was found earlier with these models."""
        there: NDArray[np.bool_] = np.any(content != 0, axis=1)
        lenders = learned[learned < len(there)].astype(np.int64)
        lenders = lenders[there[lenders]]
        lenders = lenders[:: max(1, -(-len(lenders) // LENDERS))]
        self._content, self._lenders = content, Lenders(lenders, content[lenders])
        waits = np.ones(len(there), bool) if able is None else able.copy()
        waits[met[met < len(there)]] = False
        self.titles, able_to = np.flatnonzero(waits), np.flatnonzero(there & waits)
        self._timeless = added_at is None
        added = able_to if added_at is None else added_at[able_to]
        newest, soonest = np.lexsort((-able_to, added)), np.lexsort((able_to, added))
        self._added, self._newest, self._soonest = added[newest], able_to[newest], able_to[soonest]
        self._kept = Kept() if kept is None else kept
        self._lent: dict[int, Lending] = {}

    def at(self, now: int) -> Lending:
        """What is borrowed `now`, microseconds UTC. Of very many titles the MOST that were added last borrow, and what
        is yet to come, the soonest first, after all that is there."""
        n = len(self._added)
        here = n if self._timeless or n <= MOST else int(np.searchsorted(self._added, now, side="right"))
        lending = self._lent.get(here)
        if lending is None:
            few = min(here, MOST)
            borrowers = np.sort(np.append(self._newest[here - few : here], self._soonest[here : here + MOST - few]))
            lending = self._lending(borrowers)
            if len(self._lent) >= _MOMENTS:
                self._lent = {}
            self._lent[here] = lending
        return lending

    def _lending(self, borrowers: NDArray[np.int64]) -> Lending:
        if not len(self._lenders.titles) or not len(borrowers):
            nothing, nobody = np.zeros((0, 0), np.float32), np.empty(0, np.int64)
            return Lending(nobody, nothing.astype(np.int64), nothing, nothing, nobody, nothing)
        lenders, share = self._kept.nearest(self._content, borrowers, self._lenders)
        total = share.sum(axis=1, keepdims=True)
        share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
        regression = self._kept.regression(self._lenders)
        return Lending(borrowers, lenders, share, self._content[borrowers], self._lenders.titles, regression)


@dataclass(frozen=True)
class Lending:
    """`borrowers` int64[c] are titles that models have not met, `lenders` int64[c, NEIGHBOURS] those that they learned
    from and that are most like each, `share` float32[c, NEIGHBOURS] what each lends, by its likeness; a borrower's
    shares sum to 1, or to 0 where it is like none. `about` float32[c, dims] are the borrowers' contents, and
    `regression` float32[len(all_lenders), dims] is Kept's.
    """

    borrowers: NDArray[np.int64]
    lenders: NDArray[np.int64]
    share: NDArray[np.float32]
    about: NDArray[np.float32]
    all_lenders: NDArray[np.int64]
    regression: NDArray[np.float32]

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
