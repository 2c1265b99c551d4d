"""What the events room asks of storage: a durable, ordered log, and atomic units of change.

Order of events is (`at`, offset). Offsets rise by arrival, are never reused, and are not dense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.clock import Micros
from frontrow.events.event import Event
from frontrow.people.profile import Profile
from frontrow.people.store import BegunErasure, BegunMerge, ErasedPlace, KnownProfile

T = TypeVar("T")

NO_CLOCK: Final = -32_768


class Head(NamedTuple):
    """Where the log stands. `newest_at` is the largest `at` ever appended (None before the first event) and
    `newest_seen` the wall time at which it was. `rewrites` rises when stored events are erased or change hands,
    `recounts` with every profile whose views must be counted again (EventLog.recounts)."""

    offset: int
    newest_at: Micros | None
    newest_seen: Micros
    rewrites: int
    recounts: int = 0


class ProfileEvent(NamedTuple):
    """One event of a profile as folds read it. `type` is an index into TYPES, `device` into DEVICES (-1: not said);
    `title` a title number (-1: none); absent numbers are NaN; `learn`: there was consent to learn from it."""

    offset: int
    at: int
    type: int
    title: int
    seconds: float
    fraction: float
    value: float
    playback_id: str | None
    device: int
    tz_offset_minutes: int | None
    learn: bool


class NewEvent(NamedTuple):
    """One event as popularity reads it: fields as in ProfileEvent; `country` the event's, else its profile's; `learn`
    is consent at the time *and* now."""

    offset: int
    at: int
    profile: int
    title: int
    type: int
    seconds: float
    fraction: float
    value: float
    country: str | None
    learn: bool


@dataclass(frozen=True)
class EventColumns:
    """Events as equal-length arrays in order of offset. NaN and -1 stand for absent. `playback` and `session` are
    64-bit hashes (0: none). `country` indexes `countries`: the event's, else its profile's. `learn` is consent at
    the time *and* now. `clock` is minutes east of UTC where the viewer was: the event's, else those of the profile's
    time zone at that moment; NO_CLOCK where neither is known."""

    offset: NDArray[np.int64]
    at: NDArray[np.int64]
    profile: NDArray[np.int64]
    title: NDArray[np.int32]
    type: NDArray[np.int8]
    device: NDArray[np.int8]
    country: NDArray[np.int16]
    seconds: NDArray[np.float32]
    fraction: NDArray[np.float32]
    value: NDArray[np.float32]
    playback: NDArray[np.int64]
    learn: NDArray[np.bool_]
    clock: NDArray[np.int16]
    countries: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.offset)


class LogParts(Protocol):
    """The whole log, for folds that begin at its beginning, without holding all of it."""

    def parts(self, after: int = 0) -> Iterator[EventColumns]:
        """All events above an offset that may be learned from, and more, in parts in order of offset."""
        ...


class EventFeed(LogParts, Protocol):
    """What came to the log, for folds over all profiles. Every read sees every append that was answered before it."""

    def head(self) -> Head: ...

    def few(self, after: int, most: int) -> list[NewEvent] | None:
        """Events with an offset above `after`, in order of offset; None if there are more than `most`."""
        ...

    def columns(self, after: int = 0, until: int | None = None) -> EventColumns:
        """Events with an offset above `after` and, if given, `at` < `until`."""
        ...

    def recounts(self, after: int) -> list[int] | None:
        """Profiles whose views must be counted again, of what Head.recounts counts above `after`; None: everybody's."""
        ...

    def of_profiles(self, numbers: Sequence[int], until: int) -> EventColumns:
        """The events of some profiles with an offset up to `until`."""
        ...


class EventLog(EventFeed, Protocol):
    """Reads of the log. Every read sees every append that was answered before it, from any process."""

    def of_profile(self, number: int, after: int = 0, most: int | None = None) -> list[ProfileEvent]:
        """A profile's events with an offset above `after`, in order of offset, the first `most` of them."""
        ...

    def full_of_profile(self, number: int) -> list[Event]:
        """All that is held of a profile's events, in order of (at, offset)."""
        ...

    def everything(self) -> Iterator[Event]:
        """All events in order of offset, with the ids of today."""
        ...

    def latest(self, most: int) -> list[Event]:
        """The first `most` events from the largest `at` down, with the ids of today; it reads all of the log."""
        ...

    def count(self) -> int: ...


Outcome = Literal["accepted", "duplicate"]


class Unit(Protocol):
    """One atomic change. Nothing of it is visible before, or lost after, the writer's `write` returns."""

    def number_profiles(self, profile_ids: Sequence[str], now: Micros) -> dict[str, KnownProfile]:
        """Known profiles by id; unknown ids become profiles with defaults."""
        ...

    def consents(self, profile_ids: Sequence[str], now: Micros) -> dict[str, tuple[int, bool | None]]:
        """`number_profiles` for many events: number and stated consent to personalization by id."""
        ...

    def number_titles(self, title_ids: Sequence[str]) -> dict[str, int]:
        """Title numbers by id; unknown ids get a number without a record."""
        ...

    def erased_at(self, profile_ids: Sequence[str]) -> dict[str, Micros]:
        """For ids of forgotten profiles: the time before which (inclusive) their events are refused."""
        ...

    def held(self, event_ids: Sequence[str]) -> dict[str, Event]:
        """Stored events with these ids, `profile_id` as it was sent (a merge does not change it)."""
        ...

    def retired(self, event_ids: Sequence[str]) -> set[str]:
        """Those of these ids that stored events had which have left the log for their age."""
        ...

    def append(self, events: Sequence[Event], profiles: Sequence[int], titles: Sequence[int], learn: Sequence[bool],
               now: Micros) -> None:  # fmt: skip
        """Appends events under new offsets; ids must be new. `now` is wall time, for Head.newest_seen."""
        ...

    def put_profiles(self, profiles: Sequence[Profile]) -> None: ...

    def put_titles(self, titles: Sequence[Title]) -> None: ...

    def find_profile(self, profile_id: str) -> KnownProfile | None: ...

    def find_title(self, title_id: str) -> Title | None: ...

    def delete_title(self, title_id: str) -> bool:
        """Whether there was one."""
        ...

    def erase_profile(self, profile: KnownProfile, before: Micros) -> list[ErasedPlace]:
        """Deletes the profile, its mapping and its events, and lays a tombstone that refuses events dated up to
        the later of `before` and its newest event."""
        ...

    def note_erasure(self, begun: BegunErasure) -> None:
        """Keeps an erasure, so that it is gone on with whatever fails behind it."""
        ...

    def begun_erasures(self, profile_id: str | None = None) -> list[BegunErasure]:
        """Erasures that are not finished, of an id or all, oldest first."""
        ...

    def end_erasure(self, number: int) -> None: ...

    def merge_profile(self, source: KnownProfile, target: KnownProfile) -> int:
        """Makes the source's events the target's and removes the source; how many events moved. It is noted, until
        `end_merge`, that what was served to it is still to follow."""
        ...

    def begun_merges(self, source_id: str | None = None) -> list[BegunMerge]:
        """Merges that are not finished, of an id that was merged away or all, oldest first."""
        ...

    def end_merge(self, source: int) -> None: ...

    def sent_as(self, profile: KnownProfile) -> list[str]:
        """Ids of merged profiles under which events that are this profile's now were sent."""
        ...

    def head(self) -> Head: ...


class Writer(Protocol):
    """The only way to change a workspace. Units of all processes run one after another."""

    def write(self, work: Callable[[Unit], T]) -> T:
        """Runs `work`, makes it durable (synced to disk), returns its result. An exception undoes all of `work`.
        Concurrent calls of one process share a sync (group commit)."""
        ...
