"""The log's copy by day of arrival, which training and analysts read: what the rooms know of it (docs/adr/0014)."""

from __future__ import annotations

from typing import Protocol

import msgspec

from frontrow.people.store import ErasedPlace


class Compacted(msgspec.Struct):
    """What a compaction did: rows taken over and up to which offset; rows changed by erasures and merges; files joined
    into fewer; days dropped for their age; files deleted; `made_anew` why the lake was begun again ("": it was not)."""

    rows: int = 0
    offset: int = 0
    changed: int = 0
    joined_files: int = 0
    dropped_days: int = 0
    deleted_files: int = 0
    made_anew: str = ""


class LakeStatus(msgspec.Struct, frozen=True):
    """How the lake stands to the log. `missing` is how many events up to `offset` the lake has fewer than the log;
    below 0 it has more. `behind` counts offsets, `pending` profiles whose erasure or merge it has not been told."""

    offset: int
    behind: int
    rows: int
    missing: int
    files: int
    days: int
    bytes: int
    pending: int


class LakeRows(Protocol):
    """The lake, as erasure needs it."""

    def erase(self, number: int) -> ErasedPlace:
        """Deletes a profile's rows, and the files that held them."""
        ...
