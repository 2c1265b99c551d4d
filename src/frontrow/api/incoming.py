"""From a raw request to typed values: the path's ids, the query, the body."""

from __future__ import annotations

import asyncio
import re
from functools import cache
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.requests import Request

from frontrow.api.problems import Refused
from frontrow.core.decode import convert
from frontrow.core.errors import InvalidRecord
from frontrow.core.ids import check_id

Q = TypeVar("Q", bound=msgspec.Struct)

MAX_QUERY_BYTES = 16_384
BODY_SECONDS = 30.0
MAX_THROWN_AWAY = 64 * 1_048_576
"""Bytes of a body over its limit that are read all the same: a client that is still sending would never see the 413."""

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_WHOLE = re.compile(r"-?[0-9]{1,30}")
_CONTEXT = "context."


def percent_decoded(raw: bytes, pointer: str) -> str:
    """Strict: every `%` begins an escape, and the bytes are UTF-8; InvalidRecord otherwise."""
    if _BAD_ESCAPE.search(raw):
        raise InvalidRecord("a % that begins no escape; write it as %25", pointer)
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise InvalidRecord("is not UTF-8", pointer) from None


def path_id(raw: str, name: str) -> str:
    """An identifier of a path, still encoded as it came (one character a byte)."""
    return check_id(percent_decoded(raw.encode("latin-1"), f"/{name}"), f"/{name}")


def read_query(raw: bytes, kind: type[Q]) -> Q:
    """A query as a record: unknown and repeated names are refused, whole numbers are digits and nothing else."""
    if len(raw) > MAX_QUERY_BYTES:
        raise Refused(414, f"The query is longer than {MAX_QUERY_BYTES} bytes")
    numbers, known = _fields(kind)
    values: dict[str, Any] = {}
    context: dict[str, str] = {}
    for part in raw.split(b"&"):
        if not part:
            continue
        name_bytes, _, value_bytes = part.replace(b"+", b" ").partition(b"=")
        name = percent_decoded(name_bytes, "")
        pointer = "/" + name[:80].replace("~", "~0").replace("/", "~1")
        value = percent_decoded(value_bytes, pointer)
        if name in values or name in context:
            raise InvalidRecord(f"{name[:80]} is given twice", pointer)
        if "context" in known and name.startswith(_CONTEXT) and len(name) > len(_CONTEXT):
            context[name] = value
        elif name not in known or name == "context":
            there = ", ".join("context.NAME" if each == "context" else each for each in known)
            raise InvalidRecord(f"{name[:80]} is not a known parameter: {there or 'there is none'}", pointer)
        else:
            values[name] = _whole(name, value) if name in numbers else value
    if context:
        values["context"] = {name.removeprefix(_CONTEXT): value for name, value in context.items()}
    return convert(values, kind)


def _whole(name: str, value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise InvalidRecord(f"{name} must be a whole number", f"/{name}")
    return int(value)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[frozenset[str], frozenset[str]]:
    """Names of a record's whole-number fields, and of all."""
    numbers = {
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if isinstance(msgspec.inspect.type_info(field.type), msgspec.inspect.IntType)
    }
    return frozenset(numbers), frozenset(field.encode_name for field in msgspec.structs.fields(kind))


async def read_body(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes of it; what is over is thrown away unkept, up to a bound, and refused."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise Refused(
            415, f"Bodies compressed with {encoding[:20]} are not taken", headers={"Accept-Encoding": "identity"}
        )
    too_large = Refused(413, f"The body is larger than {limit} bytes", headers={"Connection": "close"})
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > limit + MAX_THROWN_AWAY:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > limit + MAX_THROWN_AWAY:
                    raise too_large
                if size > limit:
                    parts.clear()
                else:
                    parts.append(part)
    except TimeoutError:
        raise Refused(
            408, f"The body did not arrive within {BODY_SECONDS:g} seconds", headers={"Connection": "close"}
        ) from None
    if size > limit:
        raise too_large
    return b"".join(parts)
