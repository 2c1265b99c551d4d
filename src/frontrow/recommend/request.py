"""What may be asked, as typed records that refuse unknown fields."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from frontrow.core.clock import Micros, parse_time
from frontrow.core.decode import Country, Language
from frontrow.core.ids import check_id

MAX_ROWS, MAX_COLUMNS, MIN_COLUMNS = 40, 75, 4
MAX_N, MAX_SIMILAR, MAX_SEARCH = 500, 100, 100

Positive = Annotated[int, msgspec.Meta(ge=1)]
Ids = Annotated[list[str], msgspec.Meta(max_length=10_000)]
Unit = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Asked(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    profile_id: str
    at: str | None = None
    device: str | None = None
    country: Country | None = None
    context: dict[str, Any] = {}


class HomeRequest(_Asked, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A home page. `at` is RFC 3339 (default: now); rows and columns over their cap mean the cap, 1 to 3
    columns 4."""

    language: Language | None = None
    rows: Positive = 20
    columns: Positive = 20


class ListRequest(_Asked, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A list of the best `n` eligible titles for a horizon (`next`, `session`, `days=N`)."""

    n: Positive = 20
    horizon: str = "session"
    filter: Any = None
    exclude_ids: Ids = []
    include_seen: bool = False
    diversity: Unit | None = None


class RankRequest(_Asked, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An order of given titles; what may not be shown is dropped with its reason."""

    title_ids: Annotated[list[str], msgspec.Meta(min_length=0, max_length=10_000)]
    horizon: str = "session"
    filter: Any = None
    exclude_ids: Ids = []
    include_seen: bool = False
    diversity: Unit | None = None


class SimilarRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Titles like one title; a profile's gate holds if one is given."""

    n: Positive = 20
    profile_id: str | None = None


class SearchRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Titles that match a query, as typed."""

    q: Annotated[str, msgspec.Meta(max_length=2_000)]
    n: Positive = 20
    profile_id: str | None = None


class ExplainRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The moment that an explanation is for; `at` is RFC 3339 (default: now)."""

    at: str | None = None
    device: str | None = None
    context: dict[str, Any] = {}


class RowsRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Further rows of a page, after one of its rows (None: from its start)."""

    after: str | None = None
    rows: Positive = 20


def check_request(asked: _Asked) -> Micros | None:
    """Checks a request's ids; its `at`, if it has one."""
    check_id(asked.profile_id, "/profile_id")
    return None if asked.at is None else parse_time(asked.at, "/at")
