"""What the people room asks of storage, and what erasure promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec

from frontrow.people.profile import Profile


class KnownProfile(NamedTuple):
    """A profile with its internal number. `generation` rises when its past is rewritten (a merge), voiding folds."""

    number: int
    generation: int
    profile: Profile


class Stranger(NamedTuple):
    """What is kept of an id that nobody has: a keyed hash, and the newest profile's number at that time. Enough to know
    whoever comes to bear the id, too little to tell it."""

    digest: bytes
    newest: int


class ErasedPlace(msgspec.Struct, frozen=True):
    """One place that held the profile, and how many of its records went."""

    place: str
    records: int
    note: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """Proof of an erasure. `erased_at` is RFC 3339 UTC; later retries of older events are refused by a tombstone,
    which holds a keyed hash, not the id."""

    profile_id: str
    erased_at: str
    receipt_id: str
    places: list[ErasedPlace]


class BegunErasure(msgspec.Struct, frozen=True):
    """An erasure from the cut on, until nothing is left anywhere. `number` was the profile's, `at` (microseconds UTC,
    the service's) when it was cut, `places` what went with the cut. `ids` are the profile's and those merged into it;
    none, once only the write-ahead log is left."""

    number: int
    ids: list[str]
    at: int
    places: list[ErasedPlace]


class BegunMerge(NamedTuple):
    """A merge whose events have moved from the profile number `source` to `target`, and whose pages are still to
    follow. `digest` is the keyed hash of the id that was merged away, as in `Stranger`."""

    source: int
    target: int
    digest: bytes


class Profiles(Protocol):
    """Single profiles. Every read sees every write that was answered before it, from any process."""

    def find(self, profile_id: str) -> KnownProfile | None:
        """The profile, or None if nobody has this id (never seen, merged away or forgotten)."""
        ...

    def numbered(self, number: int) -> KnownProfile | None:
        """The profile with a number, or None if nobody has it (any more)."""
        ...

    def stranger(self, profile_id: str) -> Stranger | None:
        """What may be kept of an id that nobody has; None if somebody has it."""
        ...

    def met(self, stranger: Stranger) -> KnownProfile | None:
        """Who has come to bear a stranger's id, or None while nobody has."""
        ...

    def listing(self, after: int, limit: int) -> list[KnownProfile]:
        """Up to `limit` profiles with numbers above `after` (0: from the start), ascending."""
        ...


class PeopleStore(Profiles, Protocol):
    """All profiles."""

    def generation(self, number: int) -> int | None:
        """The generation of a profile by its number; None for a number that nobody has (any more)."""
        ...

    def everyone(self) -> Iterator[KnownProfile]:
        """All profiles in order of number."""
        ...

    def count(self) -> int:
        """How many profiles there are."""
        ...
