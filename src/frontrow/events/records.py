"""Titles and profiles arrive: parsed one by one, a bad one rejects itself only, the rest is one atomic unit.

PUT replaces whole records; what they do not say of when they were first stored (`added_at`, `created_at`) stays. PATCH
merges as RFC 7396 says, where a field that no record has is one of `attributes`. In a batch later records see earlier
ones, so of two with one id the last wins.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from frontrow.catalog.title import FIELDS as TITLE_FIELDS
from frontrow.catalog.title import Title, parse_title
from frontrow.core.clock import Micros
from frontrow.core.decode import merge_patch
from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id
from frontrow.events.answer import RejectedRecord, UpsertAnswer
from frontrow.events.content import check_storable, told_id
from frontrow.events.log import Unit, Writer
from frontrow.people.profile import FIELDS as PROFILE_FIELDS
from frontrow.people.profile import Profile, parse_profile

R = TypeVar("R", Title, Profile)


def put_titles(raw: Sequence[object], writer: Writer, now: Micros) -> UpsertAnswer:
    """Replaces whole titles. `now` is the service's time, for `added_at`."""
    return _upsert(raw, writer, lambda unit: _Titles(unit, now), _Kind.replaced)


def patch_titles(raw: Sequence[object], writer: Writer, now: Micros) -> UpsertAnswer:
    """Merges into titles; an unknown id is created."""
    return _upsert(raw, writer, lambda unit: _Titles(unit, now), _Kind.patched)


def put_profiles(raw: Sequence[object], writer: Writer, now: Micros) -> UpsertAnswer:
    """Replaces whole profiles. `now` is the service's time, for `created_at`."""
    return _upsert(raw, writer, lambda unit: _Profiles(unit, now), _Kind.replaced)


def patch_profiles(raw: Sequence[object], writer: Writer, now: Micros) -> UpsertAnswer:
    """Merges into profiles; an unknown id is created."""
    return _upsert(raw, writer, lambda unit: _Profiles(unit, now), _Kind.patched)


class _Kind(ABC):
    """One kind of record inside one unit: what is stored, seen through what this batch has changed."""

    key: str
    since: str
    fields: frozenset[str]

    def __init__(self, unit: Unit, now: Micros) -> None:
        self._unit = unit
        self._now = now
        self._changed: dict[str, Any] = {}

    def replaced(self, raw: dict[str, Any]) -> None:
        """Takes a whole record."""
        stored = self._stored(raw)
        if raw.get(self.since) is None and stored is not None:
            raw = {**raw, self.since: stored.get(self.since)}
        self._take(raw)

    def patched(self, raw: dict[str, Any]) -> None:
        """Takes a merge patch."""
        stored = self._stored(raw) or {}
        patch = {name: value for name, value in raw.items() if name in self.fields}
        unknown = {name: value for name, value in raw.items() if name not in self.fields}
        if patch.get("attributes", ()) is None:
            stored = {**stored, "attributes": {}}
            del patch["attributes"]
        merged = merge_patch(merge_patch(stored, {"attributes": unknown} if unknown else {}), patch)
        merged.setdefault(self.since, stored.get(self.since))
        self._take(merged)

    @abstractmethod
    def store(self) -> None:
        """Writes what was taken."""

    @abstractmethod
    def _parse(self, raw: dict[str, Any]) -> Any: ...

    @abstractmethod
    def _find(self, record_id: str) -> Any: ...

    def _stored(self, raw: dict[str, Any]) -> dict[str, Any] | None:
        """The record as JSON has it."""
        record_id = check_id(raw.get(self.key), f"/{self.key}")
        found = self._changed.get(record_id) or self._find(record_id)
        return None if found is None else msgspec.to_builtins(found)

    def _take(self, raw: dict[str, Any]) -> None:
        record = self._parse(raw)
        self._changed[getattr(record, self.key)] = record


class _Titles(_Kind):
    key, since, fields = "title_id", "added_at", TITLE_FIELDS

    def store(self) -> None:
        self._unit.put_titles(list(self._changed.values()))

    def _parse(self, raw: dict[str, Any]) -> Title:
        return parse_title(raw, self._now)

    def _find(self, record_id: str) -> Title | None:
        return self._unit.find_title(record_id)


class _Profiles(_Kind):
    key, since, fields = "profile_id", "created_at", PROFILE_FIELDS

    def store(self) -> None:
        self._unit.put_profiles(list(self._changed.values()))

    def _parse(self, raw: dict[str, Any]) -> Profile:
        return parse_profile(raw, self._now)

    def _find(self, record_id: str) -> Profile | None:
        known = self._unit.find_profile(record_id)
        return None if known is None else known.profile


def _upsert(
    raw: Sequence[object],
    writer: Writer,
    begin: Callable[[Unit], _Kind],
    take: Callable[[Any, dict[str, Any]], None],
) -> UpsertAnswer:
    def work(unit: Unit) -> UpsertAnswer:
        kind = begin(unit)
        rejected = []
        for index, value in enumerate(raw):
            try:
                if not isinstance(value, dict):
                    raise InvalidRecord("must be a JSON object")
                check_storable(value)
                take(kind, value)
            except InvalidRecord as error:
                rejected.append(RejectedRecord(index, told_id(value, kind.key), error.message))
        kind.store()
        return UpsertAnswer(len(raw) - len(rejected), rejected)

    return writer.write(work)
