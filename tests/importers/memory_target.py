"""An import's target in memory, for tests of the readers alone."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from frontrow.catalog.title import Title
from frontrow.events.event import Event
from frontrow.importers.target import Refused, Taken
from frontrow.people.profile import Profile


class MemoryTarget:
    """Keeps what it is given, with the meaning that a workspace gives it."""

    def __init__(self) -> None:
        self.titles: dict[str, Title] = {}
        self.profiles: dict[str, Profile] = {}
        self.events: dict[str, Event] = {}

    def put_titles(self, titles: Sequence[Title], dry: bool = False) -> Taken:
        accepted = sum(self.titles.get(title.title_id) != title for title in titles)
        if not dry:
            self.titles |= {title.title_id: title for title in titles}
        return Taken(accepted, len(titles) - accepted, [])

    def put_profiles(self, profiles: Sequence[Profile], dry: bool = False) -> Taken:
        accepted = sum(self.profiles.get(profile.profile_id) != profile for profile in profiles)
        if not dry:
            self.profiles |= {profile.profile_id: profile for profile in profiles}
        return Taken(accepted, len(profiles) - accepted, [])

    def append_events(self, events: Sequence[Event], dry: bool = False) -> Taken:
        accepted, duplicates, refused = 0, 0, []
        held = dict(self.events) if dry else self.events
        for index, event in enumerate(events):
            first = held.setdefault(event.event_id, event)
            if first is event:
                accepted += 1
            elif msgspec.structs.replace(first, received_at=event.received_at) == event:
                duplicates += 1
            else:
                refused.append(Refused(index, f"event_id {event.event_id!r} is taken"))
        return Taken(accepted, duplicates, refused)
