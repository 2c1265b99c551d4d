"""Where an import goes: three verbs, each of which is on disk when it returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from frontrow.catalog.title import Title
from frontrow.events.event import Event
from frontrow.people.profile import Profile


@dataclass(frozen=True)
class Refused:
    """One record of a chunk that was not taken: its index in the chunk, and why."""

    index: int
    message: str


@dataclass(frozen=True)
class Taken:
    """What became of a chunk."""

    accepted: int
    duplicates: int
    refused: Sequence[Refused]


class ImportTarget(Protocol):
    """A workspace as importers see it. Chunks are atomic; what is there already is a duplicate, so that an import
    that was cut short is completed by running it again. With `dry` nothing is written: the answer is what would be."""

    def put_titles(self, titles: Sequence[Title], dry: bool = False) -> Taken:
        """Whole records; `added_at` None means: as stored, else now."""
        ...

    def put_profiles(self, profiles: Sequence[Profile], dry: bool = False) -> Taken:
        """Whole records; `created_at` None means: as stored, else now. Forgotten profiles are refused."""
        ...

    def append_events(self, events: Sequence[Event], dry: bool = False) -> Taken:
        """Events in the order in which they enter the log."""
        ...
