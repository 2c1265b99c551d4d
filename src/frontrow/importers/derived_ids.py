"""Ids for events that come without one: from their content and their number among equal rows.

The content is the canonical JSON of an event: its fields as parsed, sorted by name, absent ones left out, without
`event_id` and `received_at`. So 2 and 2.0, or two spellings of one instant, give one id, and a field added to the
schema later moves none.
"""

from __future__ import annotations

import hashlib
from operator import attrgetter

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.events.event import Event

_NAMES = tuple(sorted(set(Event.__struct_fields__) - {"event_id", "received_at"}))
_VALUES = attrgetter(*_NAMES)
_ENCODE = msgspec.json.Encoder(order="sorted").encode
_ENCODE_IN_ORDER = msgspec.json.Encoder().encode
_DEFAULT_SCHEMA = 1
DIGEST_BYTES = 16
_BEFORE_ALL = 1 << 57  # the year 1 is at -6.2e16 microseconds, the year 9999 ends at 2.5e17


def canonical(event: Event) -> bytes:
    """The content of an event, one way of writing for one meaning."""
    fields = {name: value for name, value in zip(_NAMES, _VALUES(event), strict=True) if value is not None}
    if event.schema == _DEFAULT_SCHEMA:
        del fields["schema"]
    if not event.context:
        fields.pop("context", None)
    return _ENCODE(fields)


def digest(content: bytes) -> bytes:
    """16 bytes of BLAKE2b over canonical content."""
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def derived_id(at: int, content_digest: bytes, number: int) -> str:
    """The id of the event that is `number` (from 0) among those of equal content.

    It begins with the event's time, so that an import in order of time meets the log's index of ids in its order, which
    is several times faster than at random.
    """
    name = f"{at + _BEFORE_ALL:015x}-{content_digest[:8].hex()}"
    return name if number == 0 else f"{name}-{number}"


def numbers_among_equals(digests: bytes | bytearray) -> NDArray[np.int64]:
    """For each 16-byte digest of a row of them, how many equal ones stand before it."""
    pairs = np.frombuffer(digests, np.uint64).reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))  # stable: equals stay in their order
    ordered = pairs[order]
    starts = np.ones(len(ordered), np.bool_)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    place = np.arange(len(ordered))
    numbers = np.empty(len(ordered), np.int64)
    numbers[order] = place - np.maximum.accumulate(np.where(starts, place, 0))
    return numbers


class RatingIds:
    """Ids of `rate` events that come in order of their time, the same that `canonical` leads to.

    Equal ratings have equal times, so only those of the last time need to be remembered.
    """

    def __init__(self) -> None:
        self._at: int | None = None
        self._seen: dict[tuple[str, str, float], int] = {}

    def of(self, profiles: list[str], titles: list[str], values: list[float], ats: list[int]) -> list[str]:
        """Ids of the next ratings, given as equally long columns."""
        return [self._next(*rating) for rating in zip(profiles, titles, values, ats, strict=True)]

    def _next(self, profile_id: str, title_id: str, value: float, at: int) -> str:
        if at != self._at:
            self._at = at
            self._seen.clear()
        rating = (profile_id, title_id, value)
        number = self._seen.get(rating, 0)
        self._seen[rating] = number + 1
        # in order of name already
        fields = {"at": at, "profile_id": profile_id, "title_id": title_id, "type": "rate", "value": value}
        return derived_id(at, digest(_ENCODE_IN_ORDER(fields)), number)
