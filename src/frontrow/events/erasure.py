"""Forgetting a profile, and making one of two: what rewrites the log.

`forget` cuts the mapping between the profile's id and its number, deletes what is stored under the number, and lays
tombstones, keyed hashes of its ids, against late retries. Numbers without a mapping mean nothing, so what is derived
from numbers (features in memory, models) is void with it. The cut notes the erasure: where it fails on its way, the
next `forget` of that id goes on with it, or the keeper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from frontrow.core.clock import Clock, Micros, format_time
from frontrow.core.errors import FrontrowError, InvalidRecord, NotFound
from frontrow.core.ids import check_id
from frontrow.core.random import stable_hash
from frontrow.events.lake import LakeRows
from frontrow.events.log import Unit, Writer
from frontrow.events.sharing import Sharing
from frontrow.people.store import BegunErasure, ErasedPlace, Receipt


class ServedPages(Protocol):
    """The log of what was served, as erasure needs it."""

    def erase(self, number: int, profile_ids: Sequence[str] = ()) -> int:
        """Deletes the pages of a profile, in all files; how many."""
        ...

    def reassign(self, source: int, target: int, source_id: str) -> int:
        """Gives the pages of one profile to another, those too that were asked for under its id before anybody had it;
        how many."""
        ...


class MetricRows(Protocol):
    """The tables that metrics are kept in, by profile and day."""

    def erase(self, number: int) -> int:
        """Deletes the rows of a profile; how many."""
        ...

    def reassign(self, source: int, target: int) -> None:
        """Gives what was served to one profile to another."""
        ...


class StatedUnits(Protocol):
    """Experiments that name single profiles."""

    def forget(self, profile_ids: Sequence[str]) -> int:
        """Takes profiles out of them; out of how many."""
        ...


class DerivedRows(Protocol):
    """What is derived of all profiles' events and made again whenever it is missing."""

    def erase(self) -> ErasedPlace:
        """Deletes all of it."""
        ...


class Residue(Protocol):
    """Where deleted rows live on for a while."""

    def clear(self) -> ErasedPlace:
        """Waits until nothing of them is left on disk."""
        ...


@dataclass(frozen=True)
class Places:
    """Where rows of a profile lie beside the log."""

    served: ServedPages
    metrics: MetricRows
    lake: LakeRows
    counts: DerivedRows
    designs: StatedUnits
    sharing: Sharing
    residue: Residue


def forget(profile_id: str, writer: Writer, clock: Clock, places: Places) -> Receipt:
    """Erases a profile; in force when it returns. `clock` is the service's. NotFound for an unknown id.

    Events of the profile dated up to now, or up to its newest event if that is later, are refused from then on. What
    was begun before and not finished is finished.
    """

    now = clock()

    def cut(unit: Unit) -> list[BegunErasure]:
        begun, known = unit.begun_erasures(profile_id), unit.find_profile(profile_id)
        if known is not None:
            ids = [profile_id, *unit.sent_as(known)]
            begun.append(BegunErasure(known.number, ids, now, unit.erase_profile(known, now)))
            unit.note_erasure(begun[-1])
        if not begun:
            raise NotFound(f"There is no profile {profile_id[:128]}")
        return begun

    *earlier, last = writer.write(cut)
    try:
        for begun in earlier:
            carry_out(begun, writer, places)
        told = carry_out(last, writer, places)
    except FrontrowError as error:
        raise FrontrowError(
            f"{profile_id[:128]} is forgotten, but not yet erased everywhere: {error.message}",
            "It is noted and goes on where it stopped: try again, or frontrow compact",
        ) from error
    receipt_id = f"{stable_hash('receipt', last.number, last.at):016x}"  # numbers are given once: ids do not repeat
    return Receipt(profile_id=profile_id, erased_at=format_time(Micros(last.at)), receipt_id=receipt_id, places=told)


def carry_out(begun: BegunErasure, writer: Writer, places: Places) -> list[ErasedPlace]:
    """Takes a profile that was cut out of every place; all places. Again does no harm."""
    pages = places.served.erase(begun.number, begun.ids)
    rows = places.metrics.erase(begun.number)
    told = [
        *begun.places,
        ErasedPlace("metric tables", rows, "rows by day, of pages and of exposures to experiments"),
        places.lake.erase(begun.number),
        places.counts.erase(),
        ErasedPlace("experiments", places.designs.forget(begun.ids), "whose `overrides` named the profile"),
        ErasedPlace("served pages", pages, "in the files of all processes, their write-ahead logs emptied"),
        ErasedPlace("features", 0, "folds in the memory of servers, kept by number: void at once"),
        ErasedPlace("models", 0, "hold titles' rows, no profile's; retraining leaves the erased events out"),
        *places.sharing.erased(),
    ]
    writer.write(lambda unit: unit.note_erasure(replace(begun, ids=[])))  # the note is the last to hold the ids
    told.append(places.residue.clear())
    writer.write(lambda unit: unit.end_erasure(begun.number))
    return told


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
    served.reassign(source, target, source_id)
    metrics.reassign(source, target)
    return moved
