"""Bodies, queries and answers that are HTTP's own; the rest are records of the rooms."""

from __future__ import annotations

import base64
import re
from typing import Annotated, Any

import msgspec

from frontrow.catalog.title import Title
from frontrow.core.errors import InvalidRecord
from frontrow.events.event import Event
from frontrow.people.profile import Profile

MAX_BATCH = 1000
"""Events, titles or profiles in one body."""
DEFAULT_LIMIT, MAX_LIMIT = 100, 500


class EventsBody(msgspec.Struct, forbid_unknown_fields=True):
    """A batch of events; each is checked by itself."""

    events: list[Any]


class TitlesBody(msgspec.Struct, forbid_unknown_fields=True):
    """A batch of titles; each is checked by itself."""

    titles: list[Any]


class ProfilesBody(msgspec.Struct, forbid_unknown_fields=True):
    """A batch of profiles; each is checked by itself."""

    profiles: list[Any]


class Events(msgspec.Struct):
    """A batch of events, at most 1000. Unknown fields of an event go to its `context`."""

    events: Annotated[list[Event], msgspec.Meta(max_length=MAX_BATCH)]


class Titles(msgspec.Struct):
    """A batch of titles, at most 1000. Unknown fields go to `attributes`; in a PATCH null removes (RFC 7396)."""

    titles: Annotated[list[Title], msgspec.Meta(max_length=MAX_BATCH)]


class Profiles(msgspec.Struct):
    """A batch of profiles, at most 1000. Unknown fields go to `attributes`; in a PATCH null removes (RFC 7396)."""

    profiles: Annotated[list[Profile], msgspec.Meta(max_length=MAX_BATCH)]


class MergeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The profile that becomes another one and is gone after."""

    from_profile_id: str


class FlagsBody(msgspec.Struct):
    """Whom flags are asked for: `targetingKey` is the profile's id; other fields can be targeted."""

    context: dict[str, Any]


class TitlesQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the catalogue: what follows a cursor (the `next` of the part before)."""

    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class TitlesPage(msgspec.Struct, gc=False):
    """A part of the catalogue; `next` is null at the end."""

    titles: list[Title]
    next: str | None


class Health(msgspec.Struct, gc=False):
    """Alive, or ready to serve."""

    status: str


_CURSOR = re.compile(r"t([0-9]{1,15})")


def cursor(number: int) -> str:
    """The place after a title number, opaque to callers."""
    return base64.urlsafe_b64encode(f"t{number}".encode()).rstrip(b"=").decode()


def read_cursor(text: str) -> int:
    """The title number that a cursor stands for; InvalidRecord for anything that `cursor` did not make."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        plain = ""
    match = _CURSOR.fullmatch(plain)
    if match is None or cursor(int(match[1])) != text:
        raise InvalidRecord("after is not a cursor of this list", "/after")
    return int(match[1])
