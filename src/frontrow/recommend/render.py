"""From numbers to answers: items with names, reasons, artwork and where to resume."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from frontrow.catalog.catalogue import Catalogue
from frontrow.features.seen import Going, Seen
from frontrow.recommend.answers import Item, Reason, Resume, Row
from frontrow.recommend.reasons import reason_for
from frontrow.recommend.served import ServedPage, ServedRow


class Renderer:
    """Renders served rows for one viewer, in one language."""

    def __init__(self, catalogue: Catalogue, language: str | None, seen: Seen) -> None:
        self._catalogue, self._language, self._seen = catalogue, language, seen
        self._reason = lru_cache(None)(self._make_reason)

    def row(self, row: ServedRow, sources: list[str]) -> Row:
        """One row of a page."""
        because = [] if row.reason_because < 0 else [self._catalogue.ids[row.reason_because]]
        reason = Reason(row.code or row.kind, row.reason, because) if row.reason else None
        return Row(row.row_id, row.kind, row.title, reason, self.items(row, sources))

    def items(self, row: ServedRow, sources: list[str]) -> list[Item]:
        """The items of a served row or list."""
        numbers = row.numbers().tolist()
        scores = np.frombuffer(row.scores, np.float32).astype(float).round(6).tolist()
        because = np.frombuffer(row.because, np.int32).tolist()
        ids, name, language, artwork = self._catalogue.ids, self._catalogue.name, self._language, self._artwork
        reason, code, counted, going = self._reason, row.code, row.code == "top10", self._seen.in_progress
        return [
            Item(
                ids[number],
                name(number, language),
                column,
                score,
                sources[source],
                reason(code, sources[source], why, column if counted else 0),
                artwork(number),
                self._resume(going[number]) if number in going else None,
            )
            for column, (number, score, source, why) in enumerate(
                zip(numbers, scores, row.sources, because, strict=True)
            )
        ]

    def _artwork(self, number: int) -> str | None:
        title = self._catalogue.titles[number]
        return title.artwork[0].artwork_id if title is not None and title.artwork else None

    def _make_reason(self, code: str, source: str, because: int, place: int) -> Reason:
        return reason_for(code, source, because, place, self._name, self._catalogue.ids.__getitem__)

    def _name(self, number: int) -> str:
        return self._catalogue.name(number, self._language)

    def _resume(self, going: Going) -> Resume:
        title = self._catalogue.titles[going.resume]
        runtime = title.runtime_minutes if title is not None else None
        return Resume(self._catalogue.ids[going.resume], round(going.fraction * (runtime or 0) * 60, 3), going.fraction)


def page_rows(page: ServedPage, renderer: Renderer, first: int, count: int) -> list[Row]:
    """The rows `first`.. of a served page, at most `count`."""
    return [renderer.row(row, page.sources) for row in page.rows[first : first + count]]
