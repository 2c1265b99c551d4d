"""What is answered: pages, lists, items, reasons. These records are the contract's JSON."""

from __future__ import annotations

import msgspec


class Reason(msgspec.Struct, gc=False):
    """Why an item is there. `because` names titles that the viewer knows; `text` is for the viewer."""

    code: str
    text: str
    because: list[str] = []


class Resume(msgspec.Struct, gc=False):
    """Where to go on: the title or episode, and the position in it."""

    title_id: str
    seconds: float
    fraction: float


class Item(msgspec.Struct, gc=False):
    """One title in a row or list."""

    title_id: str
    name: str
    column: int
    score: float | None
    source: str
    reason: Reason | None
    artwork_id: str | None = None
    resume: Resume | None = None


class Row(msgspec.Struct, gc=False):
    """One row of a page."""

    row_id: str
    kind: str
    title: str
    reason: Reason | None
    items: list[Item]


class Page(msgspec.Struct, gc=False):
    """A home page. `generated_at` is the moment answered for, RFC 3339 UTC; `degraded` says what failed, or null."""

    page_id: str
    profile_id: str
    generated_at: str
    model: str
    degraded: str | None
    experiments: dict[str, str]
    rows: list[Row]


class Rows(msgspec.Struct, gc=False):
    """Further rows of a page."""

    rows: list[Row]


class Slate(msgspec.Struct, gc=False):
    """A list of titles."""

    list_id: str
    profile_id: str | None
    generated_at: str
    model: str
    degraded: str | None
    experiments: dict[str, str]
    items: list[Item]


class Dropped(msgspec.Struct, gc=False):
    """A title that was asked for and may not be shown; the first reason that holds, in the contract's order."""

    title_id: str
    reason: str


class RankedSlate(Slate, gc=False):
    """An order of given titles."""

    dropped: list[Dropped] = []


class Drop(msgspec.Struct, gc=False):
    """One reason why a title may not be shown."""

    reason: str
    detail: str


class Evidence(msgspec.Struct, gc=False):
    """What one source says for a title."""

    source: str
    score: float
    because: list[str]
    text: str


class Explanation(msgspec.Struct, gc=False):
    """Why a title is shown to a profile, or why not. `shown` is true exactly when `drops` is empty."""

    title_id: str
    shown: bool
    drops: list[Drop]
    evidence: list[Evidence]
    score: float | None
    outcomes: dict[str, float]


class FeatureValue(msgspec.Struct, gc=False):
    """A feature's value and the time of the last event that moved it (RFC 3339 UTC, or null)."""

    value: object
    updated_at: str | None


class Features(msgspec.Struct, gc=False):
    """All features of a profile."""

    profile_id: str
    features: dict[str, FeatureValue]
