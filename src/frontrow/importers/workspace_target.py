"""The workspace as an import's target: on the events room's writer, with its rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from frontrow.catalog.title import Title
from frontrow.core.clock import Micros, format_time, parse_time
from frontrow.events.accept import accept
from frontrow.events.event import Event
from frontrow.events.log import Unit, Writer
from frontrow.events.service_clock import ServiceClock
from frontrow.importers.target import Refused, Taken
from frontrow.people.profile import Profile

R = TypeVar("R", Title, Profile)


class _DryRunEnd(Exception):
    """Undoes a unit whose outcome is all that was wanted."""

    def __init__(self, taken: Taken) -> None:
        super().__init__()
        self.taken = taken


class WorkspaceTarget:
    """Implements `ImportTarget`. `default_consent` is `privacy.default_consent`."""

    def __init__(self, writer: Writer, clock: ServiceClock, default_consent: bool = True) -> None:
        self._writer = writer
        self._clock = clock
        self._default_consent = default_consent

    def put_titles(self, titles: Sequence[Title], dry: bool = False) -> Taken:
        now = self._clock()

        def work(unit: Unit) -> Taken:
            changed = [
                _dated(title, stored, "added_at", now)
                for title in titles
                if not _same(title, stored := unit.find_title(title.title_id), "added_at")
            ]
            unit.put_titles(changed)
            return Taken(len(changed), len(titles) - len(changed), [])

        return self._write(work, dry)

    def put_profiles(self, profiles: Sequence[Profile], dry: bool = False) -> Taken:
        """A profile that was forgotten, and of which the record does not say that it is younger, stays forgotten: an
        old file imported again must not bring it back."""
        now = self._clock()

        def work(unit: Unit) -> Taken:
            erased = unit.erased_at([profile.profile_id for profile in profiles])
            changed, refused = [], []
            for index, profile in enumerate(profiles):
                known = unit.find_profile(profile.profile_id)
                until = None if known else erased.get(profile.profile_id)
                if until is not None and not _is_younger(profile, until):
                    refused.append(Refused(index, f"this profile was erased on {format_time(until)}"))
                elif not _same(profile, stored := known and known.profile, "created_at"):
                    changed.append(_dated(profile, stored, "created_at", now))
            unit.put_profiles(changed)
            return Taken(len(changed), len(profiles) - len(changed) - len(refused), refused)

        return self._write(work, dry)

    def append_events(self, events: Sequence[Event], dry: bool = False) -> Taken:
        now, wall, latest = self._clock(), self._clock.wall(), self._clock.latest_imported()
        candidates = [(index, event) for index, event in enumerate(events) if latest is None or event.at <= latest]
        refused = [
            Refused(index, "at is more than a day ahead of today")
            for index, event in enumerate(events)
            if latest is not None and event.at > latest
        ]

        def work(unit: Unit) -> Taken:
            verdict = accept(unit, candidates, now, wall, self._default_consent, any_age=True)
            late = [Refused(each.index, each.message) for each in verdict.rejected]
            return Taken(verdict.accepted, verdict.duplicates, [*refused, *late])

        return self._write(work, dry)

    def _write(self, work: Callable[[Unit], Taken], dry: bool) -> Taken:
        if not dry:
            return self._writer.write(work)

        def undone(unit: Unit) -> Taken:
            raise _DryRunEnd(work(unit))

        try:
            return self._writer.write(undone)
        except _DryRunEnd as end:
            return end.taken


def _same(record: R, stored: R | None, since: str) -> bool:
    if stored is None:
        return False
    return record == stored or (
        getattr(record, since) is None and msgspec.structs.replace(stored, **{since: None}) == record
    )


def _dated(record: R, stored: R | None, since: str, now: Micros) -> R:
    """`since` as said, else as stored, else now."""
    if getattr(record, since) is not None:
        return record
    return msgspec.structs.replace(record, **{since: getattr(stored, since) if stored else format_time(now)})


def _is_younger(profile: Profile, until: Micros) -> bool:
    return profile.created_at is not None and parse_time(profile.created_at, "/created_at") > until
