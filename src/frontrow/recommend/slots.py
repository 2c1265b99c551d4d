"""From shelves to what is served and logged: each slot with its score, source and the title that explains it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import SOURCES
from frontrow.recommend.board import LEAST, REPEATING, SHORT, Shelf
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import ServedRow

LIKE = "like"
"""Source of rows that are about one title."""


class SourceNames:
    """Sources by number, in order of first use: those of the scores first, then rows that are their own source."""

    def __init__(self) -> None:
        self.names: list[str] = list(SOURCES)

    def number(self, name: str) -> int:
        """The number of a source; a new one if it has none."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def fill_slots(shelves: Sequence[Shelf], scored: Scored, sources: SourceNames) -> list[ServedRow]:
    """Served rows of the shelves. A shelf with a code of its own is its own source; the others' titles are explained
    by the scores, all of one horizon at once."""
    explained = _explained(shelves, scored, sources)
    rows = []
    for place, shelf in enumerate(shelves):
        count = len(shelf.numbers)
        if place in explained:
            numbered, because = explained[place]
        else:
            name = shelf.kind if shelf.because < 0 else LIKE
            numbered = np.full(count, sources.number(name), np.uint8)
            because = np.full(count, shelf.because, np.int32)
        finite = np.where(np.isfinite(shelf.scores), shelf.scores, 0)
        rows.append(
            ServedRow(
                row_id=f"{place}-{shelf.kind}",
                kind=shelf.kind,
                title=shelf.title,
                code=shelf.code,
                reason=shelf.reason,
                reason_because=shelf.because,
                least=1 if shelf.kind in SHORT else LEAST,
                titles=shelf.numbers.astype("<i4").tobytes(),
                scores=finite.astype("<f4").tobytes(),
                sources=numbered.tobytes(),
                because=because.astype("<i4").tobytes(),
            )
        )
    return rows


def _explained(
    shelves: Sequence[Shelf], scored: Scored, sources: SourceNames
) -> dict[int, tuple[NDArray[np.uint8], NDArray[np.int32]]]:
    """By shelf: source numbers and explaining titles of its slots."""
    found: dict[int, tuple[NDArray[np.uint8], NDArray[np.int32]]] = {}
    for horizon in dict.fromkeys(shelf.horizon for shelf in shelves if not shelf.code):
        places = [p for p, shelf in enumerate(shelves) if not shelf.code and shelf.horizon == horizon]
        titles = np.concatenate([shelves[place].numbers for place in places]).astype(np.int64)
        leading = np.array([sources.number(name) for name in scored.leading(titles, horizon)], np.uint8)
        because = scored.because(titles, horizon)
        ends = np.cumsum([len(shelves[place].numbers) for place in places])[:-1]
        split = zip(np.split(leading, ends), np.split(because, ends), strict=True)
        found.update(zip(places, split, strict=True))
    return found


def keep_promises(rows: Sequence[ServedRow], open_titles: NDArray[np.bool_]) -> list[ServedRow]:
    """What is always true of a page, whatever laid it: only titles that the gate leaves open, no title twice (but in
    rows that may repeat one), no row under its minimum."""
    taken = np.zeros(len(open_titles), bool)
    kept = []
    for row in rows:
        numbers = row.numbers()
        known = numbers[numbers < len(open_titles)]
        fine = open_titles[known]
        if row.kind not in REPEATING:
            fine = fine & ~taken[known]
        if len(set(numbers.tolist())) == len(known) == len(numbers) and fine.all():
            keep = np.arange(len(numbers))
        else:
            alone = np.zeros(len(known), bool)
            alone[np.unique(known, return_index=True)[1]] = True
            keep = np.flatnonzero(numbers < len(open_titles))[fine & alone]
        if len(keep) < row.least:
            continue
        if row.kind not in REPEATING:
            taken[numbers[keep]] = True
        kept.append(row if len(keep) == len(numbers) else _only(row, keep))
    return kept


def _only(row: ServedRow, keep: NDArray[np.int64]) -> ServedRow:
    return ServedRow(
        row.row_id,
        row.kind,
        row.title,
        row.code,
        row.reason,
        row.reason_because,
        row.least,
        row.numbers()[keep].tobytes(),
        np.frombuffer(row.scores, np.float32)[keep].tobytes(),
        np.frombuffer(row.sources, np.uint8)[keep].tobytes(),
        np.frombuffer(row.because, np.int32)[keep].tobytes(),
    )
