"""OpenFeature's Remote Evaluation Protocol (OFREP 0.2), without its transport: from a body to a typed reply.

https://github.com/open-feature/protocol. Errors are the protocol's own, not RFC 9457 problems.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id
from frontrow.experiments.assignment.flags import FlagContext, FlagReason, FlagSource, Resolution

ErrorCode = Literal["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"]


class _Record(Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class EvaluationSuccess(_Record, frozen=True, kw_only=True):
    """A flag's value; without `value` the app uses its own default."""

    key: str
    value: Any = UNSET
    reason: FlagReason
    variant: str | UnsetType = UNSET
    metadata: dict[str, bool | str | int | float] = {}


class EvaluationFailure(_Record, frozen=True, kw_only=True):
    """Why a flag has no value; answers to bulk requests as a whole have no key."""

    key: str | UnsetType = UNSET
    error_code: ErrorCode
    error_details: str


class BulkSuccess(_Record, frozen=True, kw_only=True):
    """All flags, by key; one that fails is a failure in its place."""

    flags: list[EvaluationSuccess | EvaluationFailure]


class Reply(Struct, frozen=True):
    """Status, body (None: empty, with 304) and entity tag (bulk only)."""

    status: int
    body: EvaluationSuccess | EvaluationFailure | BulkSuccess | None
    etag: str | None = None

    def encode(self) -> bytes:
        """The body as JSON; keys of objects in order, so that equal answers are equal bytes."""
        return b"" if self.body is None else _encoded(self.body)


class _Refused(Exception):
    def __init__(self, code: ErrorCode, details: str) -> None:
        super().__init__(details)
        self.code: ErrorCode = code
        self.details = details


def evaluate_flag(flags: FlagSource, key: str, body: bytes) -> Reply:
    """`POST /ofrep/v1/evaluate/flags/{key}`: 200, 400 (body, context or targeting key), or 404 (no such flag)."""
    try:
        context = _context_of(body)
    except _Refused as refused:
        return Reply(400, EvaluationFailure(key=key, error_code=refused.code, error_details=refused.details))
    found = flags.resolver(context)(key)
    if found is None:
        return Reply(
            404, EvaluationFailure(key=key, error_code="FLAG_NOT_FOUND", error_details="there is no such flag")
        )
    answer = _answer(key, found)
    return Reply(400 if isinstance(answer, EvaluationFailure) else 200, answer)


def evaluate_flags(flags: FlagSource, body: bytes, if_none_match: str | None = None) -> Reply:
    """`POST /ofrep/v1/evaluate/flags`: all flags; 304 where `If-None-Match` names the tag of this very answer."""
    try:
        context = _context_of(body)
    except _Refused as refused:
        return Reply(400, EvaluationFailure(error_code=refused.code, error_details=refused.details))
    resolve = flags.resolver(context)
    found = [(key, resolve(key)) for key in flags.names()]
    answer = BulkSuccess(flags=[_answer(key, each) for key, each in found if each is not None])
    etag = f'"{hashlib.blake2b(_encoded(answer), digest_size=16).hexdigest()}"'
    if if_none_match is not None and names_tag(if_none_match, etag):
        return Reply(304, None, etag)
    return Reply(200, answer, etag)


def _context_of(body: bytes) -> FlagContext:
    """The context of a request body; other fields of the body are ignored, as the protocol may add some."""
    try:
        raw = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _Refused("PARSE_ERROR", "the body is not JSON") from None
    if not isinstance(raw, dict):
        raise _Refused("PARSE_ERROR", "the body must be a JSON object")
    context = raw.get("context", {})
    if not isinstance(context, dict):
        raise _Refused("INVALID_CONTEXT", "context must be an object")
    key = context.get("targetingKey")
    if key is None or key == "":
        raise _Refused("TARGETING_KEY_MISSING", "context.targetingKey is required: the profile's id")
    try:
        check_id(key, "/context/targetingKey")
    except InvalidRecord as error:
        raise _Refused("INVALID_CONTEXT", error.message) from None
    return FlagContext(key, {name: value for name, value in context.items() if name != "targetingKey"})


def names_tag(if_none_match: str, etag: str) -> bool:
    """Whether an `If-None-Match` header holds `etag`, compared weakly (RFC 9110, 13.1.2)."""
    given = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return given == ["*"] or etag in given


def _answer(key: str, found: Resolution) -> EvaluationSuccess | EvaluationFailure:
    if found.error is not None:
        return EvaluationFailure(key=key, error_code="GENERAL", error_details=found.error)
    if isinstance(found.value, list):
        return EvaluationFailure(key=key, error_code="GENERAL", error_details="the protocol carries no list as a value")
    return EvaluationSuccess(
        key=key, value=found.value, reason=found.reason, variant=found.variant, metadata=found.metadata
    )


def _encoded(body: EvaluationSuccess | EvaluationFailure | BulkSuccess) -> bytes:
    return msgspec.json.encode(body, order="deterministic")
