"""The newest events of all profiles, from which servers that read count popularity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Final

import numpy as np

from frontrow.core.errors import FrontrowError
from frontrow.events.log import EventColumns, Head, NewEvent
from frontrow.storage.valkey.form import Told, feed_columns
from frontrow.storage.valkey.reads import Reads

NOTHING: Final = Head(0, None, 0, 0)  # type: ignore[arg-type]


class ValkeyFeed:
    """Implements `EventFeed`. It reaches back `state.feed_events` offsets."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._last: Told | None = None

    @property
    def last(self) -> Told | None:
        """Where the state stood when last read."""
        return self._last

    def head(self) -> Head:
        try:
            self._last = self._reads.told()
        except FrontrowError:
            if self._last is None:
                return NOTHING
        return self._last.head if self._last else NOTHING

    def few(self, after: int, most: int) -> list[NewEvent] | None:
        columns = self.columns(after)
        if len(columns) > most:
            return None
        countries = [*columns.countries, None]
        return [
            NewEvent._make((*row[:-2], countries[row[-2]], row[-1]))
            for row in zip(
                columns.offset.tolist(), columns.at.tolist(), columns.profile.tolist(), columns.title.tolist(),
                columns.type.tolist(), columns.seconds.tolist(), columns.fraction.tolist(), columns.value.tolist(),
                columns.country.tolist(), columns.learn.tolist(), strict=True,
            )
        ]  # fmt: skip

    def columns(self, after: int = 0, until: int | None = None) -> EventColumns:
        return feed_columns(self._reads.read("feed", after or -1)[1] or [], after, until)

    def recounts(self, after: int) -> list[int] | None:
        return None  # whose they were, the feed no longer tells: all that it holds is counted again

    def of_profiles(self, numbers: Sequence[int], until: int) -> EventColumns:
        columns = self.columns()
        some = np.isin(columns.profile, numbers) & (columns.offset <= until)
        arrays = {each.name: getattr(columns, each.name) for each in fields(columns) if each.name != "countries"}
        return replace(columns, **{name: values[some] for name, values in arrays.items()})

    def parts(self, after: int = 0) -> Iterator[EventColumns]:
        columns = self.columns(after)
        if len(columns):
            yield columns
