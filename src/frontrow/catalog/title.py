"""A title: something to watch."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeGuard

import msgspec

from frontrow.core.clock import Micros, format_time, parse_time
from frontrow.core.decode import Country, Language, Maturity, Name, Text, convert, gather_unknown
from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id

Kind = Literal["movie", "series", "episode", "live", "clip", "game"]
Weight = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]

FOREVER = Micros(2**62)
"""Later than every time a record can state."""


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody before or behind the camera."""

    name: Name
    role: str | None = None


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Name and synopsis in another language."""

    name: Text | None = None
    synopsis: Text | None = None


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """When (`from` ≤ now < `until`), where and to whom a title may be shown; an empty list means all."""

    countries: list[Country] = []
    plans: list[str] = []
    from_: str | None = None
    until: str | None = None


class Artwork(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture of a title, with what it shows."""

    artwork_id: str
    url: str | None = None
    tags: dict[str, Weight] = {}


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the catalogue. Only `title_id` and `name` are required. All times are RFC 3339 UTC."""

    title_id: str
    name: Name
    kind: Kind = "movie"
    year: Annotated[int, msgspec.Meta(ge=0, le=9999)] | None = None
    synopsis: Text | None = None
    translations: dict[str, Translation] = {}
    genres: list[str] = []
    tags: dict[str, Weight] = {}
    people: list[Person] = []
    languages: list[Language] = []
    subtitle_languages: list[Language] = []
    origin_countries: list[Country] = []
    runtime_minutes: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    maturity: Maturity | None = None
    original: bool = False
    series_id: str | None = None
    season: Count | None = None
    episode: Count | None = None
    added_at: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    windows: list[Window] = []
    artwork: list[Artwork] = []
    attributes: dict[str, Any] = {}


FIELDS = frozenset(Title.__struct_fields__)


def parse_title(raw: object, now: Micros) -> Title:
    """A title from untrusted JSON; unknown fields go to `attributes`; `added_at` is `now` if not said.

    Raises InvalidRecord with a pointer to what is wrong.
    """
    fields, _ = gather_unknown(raw, FIELDS, "attributes")
    fields["title_id"] = check_id(fields.get("title_id"), "/title_id")
    if "series_id" in fields:
        check_id(fields["series_id"], "/series_id")
    for name in ("added_at", "starts_at", "ends_at"):
        if name in fields:
            fields[name] = format_time(parse_time(fields[name], f"/{name}"))
    fields.setdefault("added_at", format_time(now))
    title = convert(fields, Title)
    if title.series_id == title.title_id:
        raise InvalidRecord("series_id: a title cannot be an episode of itself", "/series_id")
    windows = [_utc(window, f"/windows/{number}") for number, window in enumerate(title.windows)]
    return msgspec.structs.replace(title, windows=windows) if windows else title


def _utc(window: Window, pointer: str) -> Window:
    from_, until = (
        None if time is None else format_time(parse_time(time, f"{pointer}/{name}"))
        for name, time in (("from", window.from_), ("until", window.until))
    )
    return Window(window.countries, window.plans, from_, until)


def may_stand_in_rows(title: Title | None) -> TypeGuard[Title]:
    """Whether it exists and is no episode."""
    return title is not None and title.kind != "episode"
