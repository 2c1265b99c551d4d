"""What the catalogue asks of storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from frontrow.catalog.title import Title


class NumberedTitle(NamedTuple):
    """A title number with its id and record; `title` is None when only events know it, or it was deleted."""

    number: int
    title_id: str
    title: Title | None


class TitleChanges(Protocol):
    """The catalogue, for who keeps it in memory. Numbers are dense from 0 and never reused."""

    def version(self) -> int:
        """Rises with every change of any title and every new number."""
        ...

    def changed_since(self, version: int) -> tuple[int, list[NumberedTitle]]:
        """The version now, and all entries that are new or changed after `version` (0: all), in order of number."""
        ...


class Titles(Protocol):
    """Single titles and lists of them."""

    def find(self, title_id: str) -> Title | None:
        """One record, or None."""
        ...

    def listing(self, after: int, limit: int) -> list[NumberedTitle]:
        """Up to `limit` titles that exist, numbers above `after` (-1: from the start), ascending."""
        ...


class TitleStore(TitleChanges, Titles, Protocol):
    """All reads of the catalogue."""

    def everything(self) -> Iterator[Title]:
        """All titles that exist, in order of number."""
        ...
