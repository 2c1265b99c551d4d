"""How the fields of titles, profiles and events stand in tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "time", "integer", "number", "boolean", "list", "json"]


@dataclass(frozen=True)
class Shape:
    """Columns of one table. `fields` in the order of export; columns of other names go into the object `into`."""

    table: str
    fields: dict[str, Kind]
    required: tuple[str, ...]
    into: str
    ids: frozenset[str] = field(default_factory=frozenset)

    def kind(self, column: str) -> Kind | None:
        """None for a column that is not a field."""
        return self.fields.get(column)


TITLES = Shape(
    "titles",
    {
        "title_id": "text", "kind": "text", "name": "text", "year": "integer", "synopsis": "text",
        "translations": "json", "genres": "list", "tags": "json", "people": "json", "languages": "list",
        "subtitle_languages": "list", "origin_countries": "list", "runtime_minutes": "number", "maturity": "integer",
        "original": "boolean", "series_id": "text", "season": "integer", "episode": "integer", "added_at": "time",
        "starts_at": "time", "ends_at": "time", "windows": "json", "artwork": "json", "attributes": "json",
    },
    required=("title_id", "name"),
    into="attributes",
    ids=frozenset({"title_id", "series_id"}),
)  # fmt: skip
PROFILES = Shape(
    "profiles",
    {
        "profile_id": "text", "account_id": "text", "country": "text", "language": "text", "timezone": "text",
        "plan": "text", "maturity_limit": "integer", "kids": "boolean", "created_at": "time", "consent": "json",
        "attributes": "json",
    },
    required=("profile_id",),
    into="attributes",
    ids=frozenset({"profile_id", "account_id"}),
)  # fmt: skip
EVENTS = Shape(
    "events",
    {
        "event_id": "text", "type": "text", "profile_id": "text", "title_id": "text", "at": "time",
        "received_at": "time", "playback_id": "text", "session_id": "text", "device": "text", "country": "text",
        "tz_offset_minutes": "integer", "context": "json", "page_id": "text", "row_id": "text", "row": "integer",
        "column": "integer", "artwork_id": "text", "seconds": "number", "fraction": "number", "value": "number",
        "query": "text", "schema": "integer",
    },
    required=("type", "profile_id", "at"),
    into="context",
    ids=frozenset(
        {"event_id", "profile_id", "title_id", "playback_id", "session_id", "page_id", "row_id", "artwork_id"}
    ),
)  # fmt: skip
SHAPES = (TITLES, PROFILES, EVENTS)
