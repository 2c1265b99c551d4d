"""The log of what viewers were served as tables: home pages, and who was exposed to which experiment when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import polars as pl

from frontrow.experiments.metrics.page_days import EXPOSURES, PAGES, first_exposures, id_mark
from frontrow.experiments.reading.exploration import SLOTS
from frontrow.experiments.reading.offpolicy import DECISIONS
from frontrow.recommend.served import StoredPage, decode_page

TOP_PICKS: Final = "top_picks"
CHUNK: Final = 20_000


class ServedTable:
    """Implements `PageSource` on the served log; `read(since)` gives its entries from a wall time on."""

    def __init__(self, read: Callable[[int], Iterable[StoredPage]]) -> None:
        self._read = read

    def decisions(self, experiment_id: str, created_at: int) -> pl.DataFrame:
        """DECISIONS of an experiment: home pages served under it at or after a wall time."""
        rows = []
        for stored in self._read(created_at):
            if stored.profile is None:
                continue
            page = decode_page(stored.body)
            variant = page.experiments.get(experiment_id)
            if variant is None or page.aside or page.asked != "home":
                continue
            mark = id_mark(page.profile_id or "")
            said = (page.propensity, page.device, page.country, page.language)
            rows.append((page.page_id, stored.profile, mark, page.now, variant, *said))
        return pl.DataFrame(rows, schema=dict(DECISIONS), orient="row")

    def slots(self, created_at: int) -> pl.DataFrame:
        """SLOTS of home pages served at or after a wall time that left one to chance."""
        rows = []
        for stored in self._read(created_at):
            page = decode_page(stored.body)
            left = page.chance
            if stored.profile is None or left is None or page.aside:
                continue
            said = (page.now, left.title, left.explored, left.propensity, left.pool)
            rows.append((page.page_id, stored.profile, *said))
        return pl.DataFrame(rows, schema=dict(SLOTS), orient="row")

    def since(self, created_at: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        pages: list[pl.DataFrame] = []
        exposures: list[pl.DataFrame] = [pl.DataFrame(schema=dict(EXPOSURES))]
        rows: list[tuple[object, ...]] = []
        exposed: list[tuple[object, ...]] = []
        for stored in self._read(created_at):
            if stored.profile is None:
                continue
            page = decode_page(stored.body)
            if page.aside:
                continue
            mark = id_mark(page.profile_id or "")
            exposed += [(key, variant, stored.profile, mark, page.now) for key, variant in page.experiments.items()]
            if page.asked == "home":
                picks = next((row for row in page.rows[: page.shown] if row.kind == TOP_PICKS), None)
                titles = None if picks is None else picks.numbers()[: page.columns].tolist()
                degraded = page.degraded is not None
                rows.append((page.page_id, stored.profile, page.now, stored.created_at, degraded, page.took_ms, titles))
            if len(rows) + len(exposed) >= CHUNK:
                pages.append(pl.DataFrame(rows, schema=dict(PAGES), orient="row"))
                exposures.append(_first(exposed))
                rows, exposed = [], []
        pages.append(pl.DataFrame(rows, schema=dict(PAGES), orient="row"))
        exposures.append(_first(exposed))
        return pl.concat(pages), first_exposures(pl.concat(exposures))


def _first(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return first_exposures(pl.DataFrame(rows, schema=dict(EXPOSURES), orient="row"))
