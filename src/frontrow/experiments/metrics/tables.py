"""The metric tables of a service, kept up to date: profiles of whom there is something new are folded anew.

When events arrive, all events of the profiles that they belong to are read from the log again, so that what comes late
falls on its own day; and those of the profiles that touched a title which joined the catalogue or changed its series.
They are read and folded by ranges of profiles: however long the log is, no more than FOLDED of its events are held.
After a merge all is folded. Pages are kept one by one for two days, since plays may still follow from them, and as sums
by day then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.catalog.title import FOREVER
from frontrow.core.clock import DAY, MINUTE
from frontrow.experiments.metrics.page_days import EXPOSURES, PAGE_DAYS, PAGES, first_exposures, page_days
from frontrow.experiments.metrics.unit_days import DAYS, PICKS, empty, shaped, unit_days

SETTLED: Final = 2 * DAY
"""A page this old takes no more plays."""
OVERLAP: Final = MINUTE
"""Pages are read again from so long before the last one, since processes log them side by side."""
ATTEMPTS: Final = 3
FOLDED: Final = 100_000
"""Events that are folded at once; one profile's are never split."""

TABLES: Final[Mapping[str, Mapping[str, pl.DataType]]] = {
    "days": DAYS, "picks": PICKS, "page_days": PAGE_DAYS, "pages": PAGES, "exposures": EXPOSURES
}  # fmt: skip
"""The tables that are kept, with their columns. Each has a `profile`, which is what erasure goes by."""
TITLES: Final[Mapping[str, pl.DataType]] = {"whole": pl.Int32(), "added_at": pl.Int64()}
"""What the catalogue said of each title number when they were folded: its series, else itself, and when that joined."""


class Stamp(NamedTuple):
    """How far the tables go: the log's offset and rewrites, and the wall time of the newest page."""

    offset: int
    rewrites: int
    served: int


@dataclass(frozen=True)
class MetricTables:
    """All tables as of `stamp`; see TABLES and TITLES."""

    stamp: Stamp
    titles: pl.DataFrame
    days: pl.DataFrame
    picks: pl.DataFrame
    page_days: pl.DataFrame
    pages: pl.DataFrame
    exposures: pl.DataFrame

    def all_page_days(self) -> pl.DataFrame:
        """PAGE_DAYS of settled pages and of those that are not; a profile and day can have a row of each."""
        return pl.concat([self.page_days, page_days(self.pages, self.picks)])


class LogAt(NamedTuple):
    """The log at one moment: its offset and rewrites, int64 numbers of all profiles, and of those `touched`, ascending,
    with how many events each has."""

    offset: int
    rewrites: int
    profiles: NDArray[np.int64]
    touched: NDArray[np.int64]
    counts: NDArray[np.int64]


class EventSource(Protocol):
    """Events as metrics read them: those to which there was consent to learn when they were appended."""

    def changes(self, after: int, titles: NDArray[np.int32]) -> LogAt:
        """Who has events above an offset, or any of one of these titles."""
        ...

    def of(self, profiles: NDArray[np.int64], until: int) -> pl.DataFrame:
        """All EVENTS of some profiles up to an offset, in order of (profile, offset)."""
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
    return MetricTables(Stamp(0, -1, 0), empty(TITLES), **{name: empty(schema) for name, schema in TABLES.items()})


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
    """Folds who has new events or touched a changed title, or all; and drops who is no longer a profile, whose pages
    may have been read before."""
    titles = _said_of_titles(series_of, added_at)
    log = source.changes(tables.stamp.offset, _changed(tables.titles, titles))
    if tables.stamp.offset and log.rewrites != tables.stamp.rewrites:
        log = source.changes(0, np.zeros(0, np.int32))
        tables = replace(tables, days=empty(DAYS), picks=empty(PICKS))
    folded = [unit_days(source.of(part, log.offset), series_of, added_at) for part in ranges(log)]
    touched = pl.col("profile").is_in(pl.Series(log.touched, dtype=pl.Int64).implode())
    known = pl.col("profile").is_in(pl.Series(log.profiles, dtype=pl.Int64).implode())
    days = pl.concat([tables.days.filter(~touched), *(days for days, _ in folded)])
    picks = pl.concat([tables.picks.filter(~touched), *(picks for _, picks in folded)])
    return MetricTables(
        stamp=Stamp(log.offset, log.rewrites, tables.stamp.served),
        titles=titles,
        days=days.filter(known).sort("profile", "day"),
        picks=picks.filter(known),
        page_days=tables.page_days.filter(known),
        pages=tables.pages.filter(known),
        exposures=tables.exposures.filter(known),
    )


def _said_of_titles(series_of: NDArray[np.int32], added_at: NDArray[np.int64]) -> pl.DataFrame:
    return pl.DataFrame({"whole": series_of, "added_at": added_at[series_of]}, schema=dict(TITLES))


def _changed(before: pl.DataFrame, now: pl.DataFrame) -> NDArray[np.int32]:
    """Numbers of titles of which the catalogue says something else than before; a title that was not there stood for
    itself and joined never."""
    size, missing = max(before.height, now.height), FOREVER
    whole, added = np.arange(size, dtype=np.int32), np.full(size, missing, np.int64)
    sides = []
    for frame in (before, now):
        both = whole.copy(), added.copy()
        both[0][: frame.height], both[1][: frame.height] = frame["whole"].to_numpy(), frame["added_at"].to_numpy()
        sides.append(both)
    (whole_before, added_before), (whole_now, added_now) = sides
    return np.flatnonzero((whole_before != whole_now) | (added_before != added_now)).astype(np.int32)


def ranges(log: LogAt) -> Iterator[NDArray[np.int64]]:
    """The touched profiles in parts of at most FOLDED events, or of one profile."""
    part = (np.cumsum(log.counts) - log.counts) // FOLDED
    for number in np.unique(part):
        yield log.touched[part == number]


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
