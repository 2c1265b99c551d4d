"""From shelves to what is served and logged: each slot with its score, source and the title that explains it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow.models.names import SOURCES
from frontrow.recommend.board import LEAST, REPEATING, SHORT, Shelf
from frontrow.recommend.open_titles import are_open
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import ServedRow

LIKE, PICKED = "like", "picked"
"""Sources: of rows that are about one title, and of titles that nothing spoke for more than for others."""


class SourceNames:
    """Sources by number, in order of first use: those of the scores first, then rows that are their own source."""

    def __init__(self, names: Sequence[str] = SOURCES) -> None:
        self.names: list[str] = list(names)

    def number(self, name: str) -> int:
        """The number of a source; a new one if it has none."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def fill_slots(
    shelves: Sequence[Shelf], scored: Scored, sources: SourceNames, open_titles: NDArray[np.bool_], first: int = 0
) -> list[ServedRow]:
    """Served rows of the shelves. A shelf with a code of its own is its own source; the others' titles are explained
    by the scores, all at once, and by titles that the gate leaves open. `first` is the place of the first row."""
    if not shelves:
        return []
    lengths = [len(shelf.numbers) for shelf in shelves]
    titles = np.concatenate([shelf.numbers for shelf in shelves])
    scores = np.concatenate([shelf.scores for shelf in shelves])
    horizons = list(scored.blended)
    own = [
        (sources.number(shelf.kind if shelf.because < 0 else LIKE), shelf.because, 0)
        if shelf.code
        else (-1, shelf.because, horizons.index(shelf.horizon))
        for shelf in shelves
    ]
    source, because, scored_for = np.array(own).T.repeat(lengths, 1)
    unexplained = (source < 0).nonzero()[0]
    leading, because[unexplained] = scored.reasons(
        titles[unexplained].astype(np.int64), scored_for[unexplained], open_titles
    )
    unled = leading < 0
    source[unexplained] = np.where(unled, sources.number(PICKED), leading) if unled.any() else leading
    slots = zip(
        shelves,
        _parts(titles, "<i4", lengths),
        _parts(np.where(np.isfinite(scores), scores, 0), "<f4", lengths),
        _parts(source, "u1", lengths),
        _parts(because, "<i4", lengths),
        strict=True,
    )
    return [
        ServedRow(
            f"{place}-{shelf.kind}", shelf.kind, shelf.title, shelf.code, shelf.reason, shelf.because,
            1 if shelf.kind in SHORT else LEAST, *columns,
        )
        for place, (shelf, *columns) in enumerate(slots, first)
    ]  # fmt: skip


def _parts(column: NDArray[Any], kind: str, lengths: Sequence[int]) -> Iterator[bytes]:
    """A column of all slots, as the bytes of each row's."""
    whole, size, end = column.astype(kind).tobytes(), int(kind[-1]), 0
    for length in lengths:
        first, end = end, end + size * length
        yield whole[first:end]


def keep_promises(rows: Sequence[ServedRow], open_titles: NDArray[np.bool_]) -> list[ServedRow]:
    """What is always true of a page, whatever laid it: only titles that the gate leaves open, in reasons and headings
    too, no title twice (but in rows that may repeat one), no row under its minimum. A row about a title that is shut
    goes; an item explained by one stays without that reason."""
    if _kept(rows, open_titles):
        return list(rows)
    taken = np.zeros(len(open_titles), bool)
    kept = []
    for row in rows:
        if row.reason_because >= 0 and not are_open(np.array([row.reason_because]), open_titles)[0]:
            continue
        numbers = row.numbers()
        keep = np.sort(np.unique(numbers, return_index=True)[1])
        keep = keep[numbers[keep] < len(open_titles)]
        keep = keep[open_titles[numbers[keep]]]
        if row.kind not in REPEATING:
            keep = keep[~taken[numbers[keep]]]
        if len(keep) < row.least:
            continue
        if row.kind not in REPEATING:
            taken[numbers[keep]] = True
        kept.append(_only(row, keep, open_titles))
    return kept


def _kept(rows: Sequence[ServedRow], open_titles: NDArray[np.bool_]) -> bool:
    """Whether the rows keep the promises as they are: nearly always, and one look at all slots tells."""
    once = np.sort(np.frombuffer(b"".join(row.titles for row in rows if row.kind not in REPEATING), np.int32))
    several = [np.sort(row.numbers()) for row in rows if row.kind in REPEATING]
    named = np.frombuffer(b"".join(row.because for row in rows), np.int32)
    named = np.concatenate([named, np.array([row.reason_because for row in rows], np.int32)])
    if not bool((are_open(named, open_titles) | (named < 0)).all()):
        return False
    return all(len(row.sources) >= row.least for row in rows) and all(
        not len(numbers)
        or (
            int(numbers[-1]) < len(open_titles)
            and bool(open_titles[numbers].all())
            and not bool((numbers[1:] == numbers[:-1]).any())
        )
        for numbers in (once, *several)
    )


def _only(row: ServedRow, keep: NDArray[np.int64], open_titles: NDArray[np.bool_]) -> ServedRow:
    because = np.frombuffer(row.because, np.int32)[keep]
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
        np.where(are_open(because, open_titles), because, -1).astype("<i4").tobytes(),
    )
