"""Forgetting a profile, and making one of two: what rewrites the log.

`forget` cuts the mapping between the profile's id and its number, deletes what is stored under the number, and lays
tombstones, keyed hashes of its ids, against late retries. Numbers without a mapping mean nothing, so what is derived
from numbers (features in memory, models) is void with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from frontrow.core.clock import Clock, format_time
from frontrow.core.errors import InvalidRecord, NotFound
from frontrow.core.ids import check_id
from frontrow.core.random import stable_hash
from frontrow.events.lake import LakeRows
from frontrow.events.log import Unit, Writer
from frontrow.events.sharing import Sharing
from frontrow.people.store import ErasedPlace, KnownProfile, Receipt


class ServedPages(Protocol):
    """The log of what was served, as erasure needs it."""

    def erase(self, number: int, profile_ids: Sequence[str] = ()) -> int:
        """Deletes the pages of a profile, in all files; how many."""
        ...

    def reassign(self, source: int, target: int) -> int:
        """Gives the pages of one profile to another; how many."""
        ...


class MetricRows(Protocol):
    """The tables that metrics are kept in, by profile and day."""

    def erase(self, number: int) -> int:
        """Deletes the rows of a profile; how many."""
        ...

    def reassign(self, source: int, target: int) -> None:
        """Gives what was served to one profile to another."""
        ...


class Residue(Protocol):
    """Where deleted rows live on for a while."""

    def clear(self) -> ErasedPlace:
        """Waits until nothing of them is left on disk."""
        ...


def forget(
    profile_id: str,
    writer: Writer,
    served: ServedPages,
    metrics: MetricRows,
    clock: Clock,
    residue: Residue,
    lake: LakeRows,
    sharing: Sharing,
) -> Receipt:
    """Erases a profile; in force when it returns. `clock` is the service's. NotFound for an unknown id.

    Events of the profile dated up to now, or up to its newest event if that is later, are refused from then on.
    """

    now = clock()

    def cut(unit: Unit) -> tuple[KnownProfile, list[str], list[ErasedPlace]]:
        known = unit.find_profile(profile_id)
        if known is None:
            raise NotFound(f"There is no profile {profile_id[:128]}")
        merged = unit.sent_as(known)
        return known, merged, unit.erase_profile(known, now)

    known, merged, places = writer.write(cut)
    pages = served.erase(known.number, [profile_id, *merged])
    rows = metrics.erase(known.number)
    places += [
        ErasedPlace("metric tables", rows, "rows by day, of pages and of exposures to experiments"),
        lake.erase(known.number),
        ErasedPlace("served pages", pages, "in the files of all processes, their write-ahead logs emptied"),
        ErasedPlace("features", 0, "folds in the memory of servers, kept by number: void at once"),
        ErasedPlace("models", 0, "hold titles' rows, no profile's; retraining leaves the erased events out"),
        *sharing.erased(),
        residue.clear(),
    ]
    receipt_id = f"{stable_hash('receipt', known.number, now):016x}"  # numbers are given once: ids do not repeat
    return Receipt(profile_id=profile_id, erased_at=format_time(now), receipt_id=receipt_id, places=places)


def merge(
    target_id: str, source_id: str, writer: Writer, served: ServedPages, metrics: MetricRows, clock: Clock
) -> int:
    """Makes the events of `source_id` those of `target_id` and removes the source; how many events moved.

    Events keep their places in the order (at, arrival) and the consent under which they came. The target is created if
    nobody knows it. NotFound for an unknown source; InvalidRecord for a profile with itself.
    """
    check_id(target_id, "/profile_id")
    check_id(source_id, "/from_profile_id")
    if target_id == source_id:
        raise InvalidRecord("a profile cannot be merged into itself", "/from_profile_id")

    def move(unit: Unit) -> tuple[int, int, int]:
        source = unit.find_profile(source_id)
        if source is None:
            raise NotFound(f"There is no profile {source_id}")
        target = unit.number_profiles([target_id], clock())[target_id]
        return unit.merge_profile(source, target), source.number, target.number

    moved, source, target = writer.write(move)
    served.reassign(source, target)
    metrics.reassign(source, target)
    return moved
