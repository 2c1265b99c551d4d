"""RFC 9457 problems: what an error looks like to a caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec

from frontrow.core.errors import (
    Conflict,
    Expired,
    FrontrowError,
    InvalidRecord,
    NotFound,
    Unavailable,
    UsageError,
    WrongServer,
)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong: an RFC 6901 pointer into the body, or `/NAME` for a query's or path's NAME."""

    pointer: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """An error. `type` leads to its explanation on this server's documentation page."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []


@dataclass(frozen=True)
class Kind:
    """What a status means here."""

    slug: str
    title: str
    meaning: str


KINDS: dict[int, Kind] = {
    401: Kind("no-key", "A valid key is needed", "Send `Authorization: Bearer KEY` with a key that is not revoked."),
    403: Kind("not-allowed", "Not allowed", "The key's role, or this server's mode, does not allow the call."),
    404: Kind("unknown", "Unknown", "There is no such call, title, profile or page."),
    405: Kind("wrong-method", "Wrong method", "The path exists; `Allow` names its methods."),
    408: Kind("too-slow", "Too slow", "The body did not arrive in time."),
    410: Kind("expired", "Expired", "The page was served too long ago; ask for a new one."),
    412: Kind("changed", "Changed meanwhile", "`If-Match` or `If-None-Match` does not hold; get it again."),
    413: Kind("too-large", "Too large", "The body, or its batch, is larger than the server takes; send it in parts."),
    414: Kind(
        "too-long", "Address too long", "The query is longer than the server takes; use POST where there is one."
    ),
    415: Kind("encoding", "Encoding not accepted", "Bodies are plain JSON; compressed ones are not taken."),
    421: Kind(
        "wrong-server", "Wrong server", "This server only reads; send what changes something to the one that ingests."
    ),
    422: Kind("wrong-content", "Wrong content", "`errors` says where and what."),
    500: Kind("internal", "Internal error", "A fault of the server; `X-Request-Id` finds it in the logs."),
    503: Kind("busy", "Busy", "Try again after `Retry-After` seconds."),
}


@dataclass
class Refused(Exception):
    """Ends a call with a problem."""

    status: int
    detail: str
    pointer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(error: FrontrowError) -> Refused:
    """An error of ours as what HTTP makes of it."""
    match error:
        case InvalidRecord():
            return Refused(422, error.message, error.pointer)
        case NotFound():
            return Refused(404, error.message)
        case Expired():
            return Refused(410, error.message)
        case Conflict():
            return Refused(412, error.message)
        case WrongServer():
            return Refused(421, str(error))
        case Unavailable():
            return Refused(503, error.message, headers=RETRY_AFTER)
        case UsageError():
            return Refused(422, str(error), "")
    return Refused(500, "The server could not do this; its log says why")


def problem(refused: Refused) -> Problem:
    """The document that is answered."""
    kind = KINDS.get(refused.status)
    title = kind.title if kind else HTTPStatus(refused.status).phrase
    where = f"/docs#{kind.slug}" if kind else "about:blank"
    faults = [] if refused.pointer is None else [Fault(refused.pointer, refused.detail)]
    return Problem(where, title, refused.status, refused.detail, faults)
