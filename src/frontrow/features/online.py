"""Features as they are now: trails and title trends of one process, brought up to the log's end before every read.

Nothing is folded when an event arrives (docs/adr/0002): a trail carries the offset it stands at and takes up what came
since, so every answer of every worker reflects every event that was acknowledged before it.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.events.log import EventColumns, Head
from frontrow.features.batch import Batch
from frontrow.features.held import Held
from frontrow.features.labels import LabelSpace
from frontrow.features.pairs import Pairs
from frontrow.features.state import StateStore, Who
from frontrow.features.title_trends import TitleTrends
from frontrow.features.titles import Asked
from frontrow.features.trail import Trail

KEPT_ROWS: Final = 1_000_000
"""Rows of trails that one process keeps, some 360 bytes each with what is made of them; those longest not read are
dropped first and folded anew."""


class Log(Protocol):
    """What title trends are folded from."""

    def head(self) -> Head: ...
    def columns(self, after: int = 0, until: int | None = None) -> EventColumns: ...


class Records(Protocol):
    """What is read of the catalogue. `version` rises with every change."""

    @property
    def version(self) -> int: ...
    @property
    def remapped(self) -> int: ...
    @property
    def series_of(self) -> NDArray[np.int32]: ...
    @property
    def ids(self) -> list[str]: ...
    @property
    def titles(self) -> list[Title | None]: ...


class OnlineFeatures:
    """Batches of cases *now*. Not for two threads at once."""

    def __init__(self, states: StateStore, log: Log, kept_rows: int = KEPT_ROWS) -> None:
        self._states, self._log = states, log
        self._trails = Held[Who, Trail](kept_rows, lambda trail: trail.rows)
        self._space = LabelSpace()
        self._labelled: list[Title | None] = []
        self._version = -1
        self._trends = TitleTrends()
        self._trends_stand: tuple[int, int, int] | None = None

    def of_profile(self, number: int, generation: int, now: int, records: Records) -> Batch:
        """One profile (KnownProfile's number and generation) at `now` (microseconds UTC)."""
        return Batch.of_trail(self.trail(number, generation), now, self.space(records))

    def of_profile_at(self, number: int, generation: int, at: int, records: Records) -> Batch:
        """One profile as of a past moment (microseconds UTC): with signals dated up to it. Nothing is kept."""
        return Batch.of_trail(self._states.trail_at(Who(number, generation), at), at, self.space(records))

    def pairs(self, batch: Batch, titles: NDArray[np.int64]) -> Pairs:
        """Titles (int64 numbers) beside the batch's only case."""
        return Pairs(batch, np.zeros(len(titles), np.int64), titles)

    def titles(self, titles: NDArray[np.int64], now: int, country: str | None, records: Records) -> Asked:
        """Titles at `now`, seen from a country."""
        return Asked(self.trends(records), titles, now, country)

    def trail(self, number: int, generation: int) -> Trail:
        """A profile's trail with everything that was acknowledged before this call. Do not change it."""
        who = Who(number, generation)
        return self._trails.brought_up(who, lambda held: self._states.trail(who, held))

    def forget(self, numbers: Container[int]) -> None:
        """Lets go of the trails of profiles by number."""
        self._trails.let_go(lambda who: who.number in numbers)

    def trends(self, records: Records) -> TitleTrends:
        """Title trends with everything that was acknowledged before this call."""
        head = self._log.head()
        if (head.rewrites, head.recounts, records.remapped) != self._trends_stand:
            self._trends_stand = (head.rewrites, head.recounts, records.remapped)
            self._trends = TitleTrends()
        if head.offset > self._trends.offset:
            columns = self._log.columns(self._trends.offset)
            self._trends.update(columns, records.series_of)
            if columns.title.max(initial=-1) >= len(records.series_of):
                self._trends_stand = None  # a title that the records do not know yet may come to count for another
            self._trends.offset = max(self._trends.offset, head.offset)
        return self._trends

    def space(self, records: Records) -> LabelSpace:
        """Labels of the catalogue as it is."""
        if records.version != self._version:
            known = self._labelled
            for number, record in enumerate(records.titles):
                if number >= len(known) or record is not known[number]:  # records are replaced, never changed
                    self._space.set(number, record)
            self._labelled = list(records.titles)
            self._version = records.version
        self._space.place(records.series_of, records.ids)
        return self._space
