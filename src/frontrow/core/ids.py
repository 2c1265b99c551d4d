"""Identifiers: opaque strings outside, dense numbers inside."""

from __future__ import annotations

import unicodedata

from frontrow.core.errors import InvalidRecord

MAX_ID_BYTES = 128


def check_id(value: object, pointer: str = "") -> str:
    """`value` if it is 1 to 128 bytes of UTF-8 without control characters (category Cc), else InvalidRecord.

    Nothing is folded or normalised: ids that look alike but differ in bytes are different ids.
    """
    if isinstance(value, str) and 0 < len(value) <= MAX_ID_BYTES and value.isascii() and value.isprintable():
        return value
    name = pointer.rsplit("/", 1)[-1] or "id"
    if value is None:
        raise InvalidRecord(f"{name} is required", pointer)
    if not isinstance(value, str):
        raise InvalidRecord(f"{name} must be a string", pointer)
    if value.isascii():
        size = len(value)
    else:
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise InvalidRecord(f"{name} is not valid UTF-8", pointer) from None
    if not size:
        raise InvalidRecord(f"{name} is empty", pointer)
    if size > MAX_ID_BYTES:
        raise InvalidRecord(f"{name} is {size} bytes long; at most {MAX_ID_BYTES} are allowed", pointer)
    if any(unicodedata.category(c) == "Cc" for c in value):
        raise InvalidRecord(f"{name} holds a control character", pointer)
    return value
