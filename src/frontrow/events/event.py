"""An event: something that a viewer did, and when."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, Literal, get_args

import msgspec

from frontrow.core.clock import Micros, format_time, parse_time
from frontrow.core.decode import Country, convert, gather_unknown
from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id

EventType = Literal[
    "impression", "select", "play", "progress", "stop", "rate", "list_add", "list_remove", "hide", "unhide",
    "less_like", "unwatch", "search", "session_start", "session_end", "survey", "cancel", "rejoin",
]  # fmt: skip
Device = Literal["tv", "phone", "tablet", "web", "console", "other"]

TYPES: Final[tuple[str, ...]] = get_args(EventType)
"""Event types by their number in the log. Only ever append."""
TYPE_NUMBER: Final = {name: number for number, name in enumerate(TYPES)}
DEVICES: Final[tuple[str, ...]] = get_args(Device)

_TITLE = ("title_id",)
MUST_CARRY: Final[dict[str, tuple[str, ...]]] = {
    "impression": ("title_id", "page_id", "row", "column"),
    "select": _TITLE,
    "play": _TITLE,
    "progress": ("title_id", "seconds", "fraction"),
    "stop": ("title_id", "seconds", "fraction"),
    "rate": ("title_id", "value"),
    "list_add": _TITLE,
    "list_remove": _TITLE,
    "hide": _TITLE,
    "unhide": _TITLE,
    "less_like": _TITLE,
    "unwatch": _TITLE,
    "search": ("query",),
    "session_start": (),
    "session_end": (),
    "survey": ("value",),
    "cancel": (),
    "rejoin": (),
}
VALUE_RANGE: Final = {"rate": (0.5, 5.0), "survey": (0.0, 10.0)}
MAX_CONTEXT_BYTES: Final = 16_384

_Position = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
_Short = Annotated[str, msgspec.Meta(max_length=512)]


class Event(msgspec.Struct, kw_only=True, gc=False):
    """One event as accepted. `at` and `received_at` are microseconds UTC; `fraction` is 0..1; `seconds` cumulative."""

    event_id: str
    type: EventType
    profile_id: str
    at: int
    received_at: int = 0
    title_id: str | None = None
    playback_id: _Short | None = None
    session_id: _Short | None = None
    device: str | None = None
    country: Country | None = None
    tz_offset_minutes: Annotated[int, msgspec.Meta(ge=-1440, le=1440)] | None = None
    context: dict[str, Any] | None = None
    page_id: _Short | None = None
    row_id: _Short | None = None
    row: _Position | None = None
    column: _Position | None = None
    artwork_id: _Short | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    fraction: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    value: float | None = None
    query: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None
    schema: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


FIELDS = frozenset(Event.__struct_fields__)
_MAYBE_IDS = ("title_id", "playback_id", "session_id", "page_id", "row_id", "artwork_id")


def parse_event(raw: object, received_at: Micros) -> tuple[Event, list[str]]:
    """An event from untrusted JSON, and the names of its unknown fields (which went to `context`).

    An unknown device becomes `other`. A client's `received_at` is overwritten. Raises InvalidRecord with a pointer.
    """
    fields, unknown = gather_unknown(raw, FIELDS, "context")
    for name in ("event_id", "profile_id"):
        check_id(fields.get(name), f"/{name}")
    fields["at"] = parse_time(fields.get("at"), "/at")
    fields["received_at"] = received_at
    if "device" in fields and fields["device"] not in DEVICES and isinstance(fields["device"], str):
        fields["device"] = "other"
    if isinstance(stated := fields.get("type"), str) and stated not in TYPE_NUMBER:
        raise InvalidRecord(f"type: {stated[:40]} is not one of {', '.join(TYPES)}", "/type")
    event = convert(fields, Event)
    for name in _MAYBE_IDS:
        if (value := getattr(event, name)) is not None:
            check_id(value, f"/{name}")
    check_content(event)
    return event, unknown


def check_content(event: Event) -> None:
    """What an event's type demands of it: fields it must carry, the range of its value, the size of its context."""
    for name in MUST_CARRY[event.type]:
        if getattr(event, name) is None:
            raise InvalidRecord(f"{event.type} must carry {name}", f"/{name}")
    if event.value is not None and not math.isfinite(event.value):
        raise InvalidRecord("value must be finite", "/value")
    if event.type in VALUE_RANGE and event.value is not None:
        low, high = VALUE_RANGE[event.type]
        if not low <= event.value <= high:
            raise InvalidRecord(f"value of {event.type} must be {low:g} to {high:g}", "/value")
    if event.type == "survey" and not isinstance((event.context or {}).get("topic"), str):
        raise InvalidRecord("survey must carry context.topic", "/context/topic")
    if event.context is not None and len(msgspec.json.encode(event.context)) > MAX_CONTEXT_BYTES:
        raise InvalidRecord(f"context is larger than {MAX_CONTEXT_BYTES} bytes", "/context")


def event_json(event: Event) -> dict[str, Any]:
    """The event as the contract writes it: times as RFC 3339, fields that it lacks left out."""
    fields = {name: value for name in Event.__struct_fields__ if (value := getattr(event, name)) is not None}
    return fields | {"at": format_time(event.at), "received_at": format_time(event.received_at)}
