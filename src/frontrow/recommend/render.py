"""From numbers to answers: items with names, reasons, artwork and where to resume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.features.seen import Going, Seen
from frontrow.recommend.answers import Item, Reason, Resume, Row
from frontrow.recommend.reasons import rank_reason, reason_for
from frontrow.recommend.served import ServedRow


class Renderer:
    """Renders served rows for one viewer, in one language."""

    def __init__(self, catalogue: Catalogue, language: str | None, seen: Seen) -> None:
        self._catalogue, self._language, self._seen = catalogue, language, seen
        self._names = catalogue.names(language)
        self._known: dict[tuple[int, int], Reason] = {}

    def rows(self, rows: Sequence[ServedRow], sources: list[str]) -> list[Row]:
        """Rows of a page."""
        items, rendered, first = self.items(rows, sources), [], 0
        for row in rows:
            because = [] if row.reason_because < 0 else [self._catalogue.ids[row.reason_because]]
            reason = Reason(row.code or row.kind, row.reason, because) if row.reason else None
            last = first + len(row.sources)
            rendered.append(Row(row.row_id, row.kind, row.title, reason, items[first:last]))
            first = last
        return rendered

    def items(self, rows: Sequence[ServedRow], sources: list[str]) -> list[Item]:
        """The items of served rows, one after another: a column of values for each field, then an item of each line."""
        numbers = np.frombuffer(b"".join(row.titles for row in rows), np.int32).tolist()
        scores = np.frombuffer(b"".join(row.scores for row in rows), np.float32)
        catalogue, going = self._catalogue, self._seen.in_progress
        return list(map(
            Item,
            map(catalogue.ids.__getitem__, numbers),
            map(self._names.__getitem__, numbers),
            chain.from_iterable(range(len(row.sources)) for row in rows),
            scores.astype(float).round(6).tolist(),
            map(sources.__getitem__, b"".join(row.sources for row in rows)),
            chain.from_iterable(self._reasons(row, sources) for row in rows),
            map(catalogue.artwork.__getitem__, numbers),
            [None if held is None else self._resume(held) for held in map(going.get, numbers)],
        ))  # fmt: skip

    def _reasons(self, row: ServedRow, sources: list[str]) -> Iterable[Reason]:
        """The reasons of a row's items; equal ones are one object."""
        if row.code == "top10":
            return [rank_reason(row.title, column) for column in range(len(row.sources))]
        because = np.frombuffer(row.because, np.int32).tolist()
        if row.code:
            made = {one: self._reason(row.code, "", one) for one in set(because)}
            return map(made.__getitem__, because)
        slots = list(zip(row.sources, because, strict=True))
        known = self._known
        for slot in slots:
            if slot not in known:
                known[slot] = self._reason("", sources[slot[0]], slot[1])
        return map(known.__getitem__, slots)

    def _reason(self, code: str, source: str, because: int) -> Reason:
        return reason_for(code, source, because, self._names.__getitem__, self._catalogue.ids.__getitem__)

    def _resume(self, going: Going) -> Resume:
        title = self._catalogue.titles[going.resume]
        runtime = title.runtime_minutes if title is not None else None
        return Resume(self._catalogue.ids[going.resume], round(going.fraction * (runtime or 0) * 60, 3), going.fraction)
