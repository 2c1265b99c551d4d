"""One unit of change on SQLite: the writing side of people, titles and events, inside one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from frontrow.catalog.title import Title
from frontrow.core.clock import Micros
from frontrow.events.event import Event
from frontrow.events.log import Head
from frontrow.people.profile import Profile
from frontrow.people.store import BegunErasure, BegunMerge, ErasedPlace, KnownProfile
from frontrow.storage import unit_erasures, unit_events, unit_merges, unit_people, unit_titles
from frontrow.storage.event_log import read_head
from frontrow.storage.people import find_profile
from frontrow.storage.titles import find_title


class SqliteUnit:
    """Implements `Unit` on a connection whose transaction the writer begins and ends."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def number_profiles(self, profile_ids: Sequence[str], now: Micros) -> dict[str, KnownProfile]:
        return unit_people.number_profiles(self._connection, profile_ids, now)

    def consents(self, profile_ids: Sequence[str], now: Micros) -> dict[str, tuple[int, bool | None]]:
        return unit_people.consents(self._connection, profile_ids, now)

    def number_titles(self, title_ids: Sequence[str]) -> dict[str, int]:
        return unit_titles.number_titles(self._connection, title_ids)

    def erased_at(self, profile_ids: Sequence[str]) -> dict[str, Micros]:
        return unit_people.erased_at(self._connection, profile_ids)

    def held(self, event_ids: Sequence[str]) -> dict[str, Event]:
        return unit_events.held(self._connection, event_ids)

    def retired(self, event_ids: Sequence[str]) -> set[str]:
        return unit_events.retired(self._connection, event_ids)

    def append(
        self,
        events: Sequence[Event],
        profiles: Sequence[int],
        titles: Sequence[int],
        learn: Sequence[bool],
        now: Micros,
    ) -> None:
        unit_events.append(self._connection, events, profiles, titles, learn, now)

    def put_profiles(self, profiles: Sequence[Profile]) -> None:
        unit_people.replace_profiles(self._connection, profiles)

    def put_titles(self, titles: Sequence[Title]) -> None:
        unit_titles.put_titles(self._connection, titles)

    def find_profile(self, profile_id: str) -> KnownProfile | None:
        return find_profile(self._connection, profile_id)

    def find_title(self, title_id: str) -> Title | None:
        return find_title(self._connection, title_id)

    def delete_title(self, title_id: str) -> bool:
        return unit_titles.delete_title(self._connection, title_id)

    def erase_profile(self, profile: KnownProfile, before: Micros) -> list[ErasedPlace]:
        return unit_people.erase_profile(self._connection, profile, before)

    def note_erasure(self, begun: BegunErasure) -> None:
        unit_erasures.note_erasure(self._connection, begun)

    def begun_erasures(self, profile_id: str | None = None) -> list[BegunErasure]:
        return unit_erasures.begun_erasures(self._connection, profile_id)

    def end_erasure(self, number: int) -> None:
        unit_erasures.end_erasure(self._connection, number)

    def begun_merges(self, source_id: str | None = None) -> list[BegunMerge]:
        return unit_merges.begun_merges(self._connection, source_id)

    def end_merge(self, source: int) -> None:
        unit_merges.end_merge(self._connection, source)

    def merge_profile(self, source: KnownProfile, target: KnownProfile) -> int:
        return unit_people.merge_profile(self._connection, source, target)

    def sent_as(self, profile: KnownProfile) -> list[str]:
        return unit_people.sent_as(self._connection, profile.number)

    def head(self) -> Head:
        return read_head(self._connection)
