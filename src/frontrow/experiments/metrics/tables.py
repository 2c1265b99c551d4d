"""The metric tables of a service, kept up to date: by day from what is new, never by reading everything again.

An event is read from the log once, and kept in the columns that metrics need. When events arrive, the profiles that
they belong to are folded anew from those columns, so that what comes late falls on its own day. After a merge the log
is read again. Pages are kept one by one for two days, since plays may still follow from them, and as sums by day then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.clock import DAY, MINUTE
from frontrow.experiments.metrics.page_days import EXPOSURES, PAGE_DAYS, PAGES, first_exposures, page_days
from frontrow.experiments.metrics.unit_days import DAYS, EVENTS, PICKS, empty, shaped, unit_days

SETTLED: Final = 2 * DAY
"""A page this old takes no more plays."""
OVERLAP: Final = MINUTE
"""Pages are read again from so long before the last one, since processes log them side by side."""
ATTEMPTS: Final = 3

TABLES: Final[Mapping[str, Mapping[str, pl.DataType]]] = {
    "events": EVENTS, "days": DAYS, "picks": PICKS, "page_days": PAGE_DAYS, "pages": PAGES, "exposures": EXPOSURES
}  # fmt: skip
"""The tables that are kept, with their columns. Each has a `profile`, which is what erasure goes by."""


class Stamp(NamedTuple):
    """How far the tables go: the log's offset and rewrites, and the wall time of the newest page."""

    offset: int
    rewrites: int
    served: int


@dataclass(frozen=True)
class MetricTables:
    """All tables as of `stamp`; see TABLES."""

    stamp: Stamp
    events: pl.DataFrame
    days: pl.DataFrame
    picks: pl.DataFrame
    page_days: pl.DataFrame
    pages: pl.DataFrame
    exposures: pl.DataFrame

    def all_page_days(self) -> pl.DataFrame:
        """PAGE_DAYS of settled pages and of those that are not; a profile and day can have a row of each."""
        return pl.concat([self.page_days, page_days(self.pages, self.picks)])


class LogAt(NamedTuple):
    """The log at one moment: its offset and rewrites, int64 numbers of all profiles, and EVENTS."""

    offset: int
    rewrites: int
    profiles: NDArray[np.int64]
    events: pl.DataFrame


class EventSource(Protocol):
    """Events as metrics read them: those to which there was consent to learn when they were appended."""

    def since(self, after: int) -> LogAt:
        """The EVENTS above an offset, as of one moment."""
        ...


class PageSource(Protocol):
    """The log of what was served."""

    def since(self, created_at: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(PAGES, EXPOSURES) of what was served at or after a wall time; nobody's pages are left out."""
        ...


class TableStore(Protocol):
    """Where the tables are kept. Erasing a profile takes its rows out of them."""

    def load(self) -> MetricTables | None:
        """None where there are none yet, or another version wrote them."""
        ...

    def save(self, tables: MetricTables, rewrites: int) -> bool:
        """Puts all in place of what was there; False, and nothing changed, if the log was rewritten meanwhile."""
        ...


def nothing_yet() -> MetricTables:
    """Tables of an empty log."""
    return MetricTables(Stamp(0, -1, 0), **{name: empty(schema) for name, schema in TABLES.items()})


def refresh(
    store: TableStore,
    events: EventSource,
    pages: PageSource,
    series_of: NDArray[np.int32],
    added_at: NDArray[np.int64],
    now: int,
) -> MetricTables:
    """The tables with all that is in the logs at `now` (the service's, microseconds UTC), kept in `store`. Arrays are
    the catalogue's, by title number."""
    for _ in range(ATTEMPTS):
        tables = _with_pages(store.load() or nothing_yet(), pages)
        tables = _settle(_with_events(tables, events, series_of, added_at), now)
        if store.save(tables, tables.stamp.rewrites):
            break
    return tables


def _with_pages(tables: MetricTables, source: PageSource) -> MetricTables:
    pages, exposures = source.since(tables.stamp.served - OVERLAP)
    kept = pl.concat([tables.pages, pages]).unique("page", keep="last", maintain_order=True)
    newest = max(tables.stamp.served, int(pages["created_at"].max() or 0))  # type: ignore[arg-type]
    return replace(
        tables,
        stamp=tables.stamp._replace(served=newest),
        pages=kept,
        exposures=first_exposures(pl.concat([tables.exposures, exposures])),
    )


def _with_events(
    tables: MetricTables, source: EventSource, series_of: NDArray[np.int32], added_at: NDArray[np.int64]
) -> MetricTables:
    """Folds who has new events, or all; and drops who is no longer a profile, whose pages may have been read before."""
    log = source.since(tables.stamp.offset)
    if tables.stamp.offset and log.rewrites != tables.stamp.rewrites:
        log = source.since(0)
        tables = replace(tables, events=empty(EVENTS), days=empty(DAYS), picks=empty(PICKS))
    events = pl.concat([tables.events, log.events])
    touched = pl.col("profile").is_in(log.events["profile"].unique().implode())
    days, picks = unit_days(events.filter(touched), series_of, added_at)
    known = pl.col("profile").is_in(pl.Series(log.profiles, dtype=pl.Int64).implode())
    return MetricTables(
        stamp=Stamp(log.offset, log.rewrites, tables.stamp.served),
        events=events.filter(known),
        days=pl.concat([tables.days.filter(~touched), days]).filter(known).sort("profile", "day"),
        picks=pl.concat([tables.picks.filter(~touched), picks]).filter(known),
        page_days=tables.page_days.filter(known),
        pages=tables.pages.filter(known),
        exposures=tables.exposures.filter(known),
    )


def _settle(tables: MetricTables, now: int) -> MetricTables:
    """Pages that take no more plays become sums. Those within the overlap stay, for they are read again."""
    old = (pl.col("at") < now - SETTLED) & (pl.col("created_at") < tables.stamp.served - OVERLAP)
    settled = page_days(tables.pages.filter(old), tables.picks)
    together = pl.concat([tables.page_days, settled]).group_by("profile", "day").agg(pl.all().sum())
    return replace(
        tables,
        page_days=shaped(together, PAGE_DAYS).sort("profile", "day"),
        pages=tables.pages.filter(~old),
        picks=tables.picks.filter(pl.col("at") >= now - SETTLED - DAY),
    )
