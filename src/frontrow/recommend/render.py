"""From numbers to answers: items with names, reasons, artwork and where to resume."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.features.seen import Going, Seen
from frontrow.recommend.answers import Item, Reason, Resume, Row
from frontrow.recommend.reasons import reason_for
from frontrow.recommend.served import ServedRow


class Renderer:
    """Renders served rows for one viewer, in one language."""

    def __init__(self, catalogue: Catalogue, language: str | None, seen: Seen) -> None:
        self._catalogue, self._language, self._seen = catalogue, language, seen
        self._names = catalogue.names(language)
        self._reason = lru_cache(None)(self._make_reason)

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
        because = np.frombuffer(b"".join(row.because for row in rows), np.int32).tolist()
        columns = [column for row in rows for column in range(len(row.sources))]
        named = [sources[number] for row in rows for number in row.sources]
        codes = [code for row in rows for code in repeat(row.code, len(row.sources))]
        places = [column if code == "top10" else 0 for code, column in zip(codes, columns, strict=True)]
        catalogue, names, going = self._catalogue, self._names, self._seen.in_progress
        return list(map(
            Item,
            [catalogue.ids[number] for number in numbers],
            [names[number] for number in numbers],
            columns,
            scores.astype(float).round(6).tolist(),
            named,
            map(self._reason, codes, named, because, places),
            [catalogue.artwork[number] for number in numbers],
            [self._resume(going[number]) if number in going else None for number in numbers],
        ))  # fmt: skip

    def _make_reason(self, code: str, source: str, because: int, place: int) -> Reason:
        return reason_for(code, source, because, place, self._names.__getitem__, self._catalogue.ids.__getitem__)

    def _resume(self, going: Going) -> Resume:
        title = self._catalogue.titles[going.resume]
        runtime = title.runtime_minutes if title is not None else None
        return Resume(self._catalogue.ids[going.resume], round(going.fraction * (runtime or 0) * 60, 3), going.fraction)
