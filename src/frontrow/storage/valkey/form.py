"""What is written to Valkey, as bytes and back."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.clock import Micros
from frontrow.events.log import EventColumns, Head, ProfileEvent
from frontrow.experiments.design.store import Stored
from frontrow.features.state_form import FORM as STATES
from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile

FORM: Final = 100 + STATES
"""Of all that is written. Another form is refused: see docs/operations.md."""

FEED: Final = np.dtype(
    [
        ("offset", "<i8"), ("at", "<i8"), ("profile", "<i8"), ("playback", "<i8"), ("title", "<i4"), ("seconds", "<f4"),
        ("fraction", "<f4"), ("value", "<f4"), ("clock", "<i2"), ("country", "S2"), ("type", "i1"), ("device", "i1"),
        ("learn", "?"),
    ]
)  # fmt: skip
"""EventColumns, with countries by their letters."""

_pack = msgspec.msgpack.Encoder().encode
encode = _pack


class Told(msgspec.Struct, array_like=True, frozen=True):
    """Where the state stands: whose it is (`workspace`, an id), what of the log, titles, experiments and changes of
    profiles it holds. Another `epoch` voids all that is held of profiles. `whole`: when it was written, that was all.
    The scripts read it by its places."""

    workspace: str
    form: int
    clock: str
    epoch: str
    offset: int = 0
    newest_at: int | None = None
    newest_seen: int = 0
    rewrites: int = 0
    titles: int = 0
    experiments: int = 0
    changes: int = 0
    whole: bool = False

    @property
    def head(self) -> Head:
        """The log's, as far as it is told."""
        newest = None if self.newest_at is None else Micros(self.newest_at)
        return Head(self.offset, newest, Micros(self.newest_seen), self.rewrites)


decode_told = msgspec.msgpack.Decoder(Told).decode


class Header(msgspec.Struct, array_like=True, frozen=True):
    """What a kept fold depends on: the profile's generation and, for viewers, its time zone and the catalogue's shape;
    `offset` is that of the last event in it."""

    generation: int
    offset: int
    timezone: str | None = None
    shape: int = 0


decode_header = msgspec.msgpack.Decoder(Header).decode


def events_bytes(events: Sequence[ProfileEvent]) -> bytes:
    """Some events of a viewer, as its list takes them."""
    return _pack([tuple(event) for event in events])


_events = msgspec.msgpack.Decoder(
    list[tuple[int, int, int, int, float, float, float, str | None, int, int | None, bool]]
).decode


def events_of(parts: Iterable[bytes], after: int) -> list[ProfileEvent]:
    """Events above an offset, in order of (at, offset)."""
    found = [ProfileEvent(*row) for part in parts for row in _events(part) if row[0] > after]
    return sorted(found, key=lambda each: (each.at, each.offset))


_PLACE: Final = struct.Struct("<q")


def feed_part(columns: EventColumns) -> bytes:
    """Events as the feed keeps them, after the offset of the last of them, which is the part's place for good."""
    rows = np.empty(len(columns), FEED)
    for name in FEED.names or ():
        if name != "country":
            rows[name] = getattr(columns, name)
    letters = np.array([*(country.encode() for country in columns.countries), b""], "S2")
    rows["country"] = letters[columns.country]
    return _PLACE.pack(int(columns.offset[-1])) + rows.tobytes()


def feed_columns(parts: Sequence[bytes], after: int = 0, until: int | None = None) -> EventColumns:
    """Events of the feed above an offset and, if given, dated before `until`."""
    rows = np.frombuffer(b"".join(part[_PLACE.size :] for part in parts), FEED)
    rows = rows[rows["offset"] > after]
    if until is not None:
        rows = rows[rows["at"] < until]
    letters, which = np.unique(rows["country"], return_inverse=True)
    number = np.array([-1 if letter == b"" else place for place, letter in enumerate(letters.tolist())], np.int16)
    own = {name: np.ascontiguousarray(rows[name]) for name in FEED.names or () if name != "country"}
    return EventColumns(**own, country=number[which], countries=tuple(each.decode() for each in letters.tolist()))


def feed_changed(part: bytes, source: int, target: int | None) -> bytes:
    """A part of the feed after a merge into `target` or (None) an erasure."""
    rows = np.frombuffer(part[_PLACE.size :], FEED).copy()
    own = rows["profile"] == source
    if not own.any():
        return part
    if target is not None:
        rows["profile"][own] = target
    kept: bytes = (rows if target is not None else rows[~own]).tobytes()
    return part[: _PLACE.size] + kept


def place_of(part: bytes) -> int:
    """The offset of the last event that a part of the feed ever held."""
    return int(_PLACE.unpack_from(part)[0])


_title = msgspec.msgpack.Decoder(tuple[int, str, Title | None]).decode


def title_bytes(entry: NumberedTitle) -> bytes:
    """A title with its number and id."""
    return _pack(tuple(entry))


def title_of(data: bytes) -> NumberedTitle:
    """The title that `title_bytes` wrote."""
    return NumberedTitle(*_title(data))


_known = msgspec.msgpack.Decoder(tuple[int, int, Profile]).decode


def known_bytes(known: KnownProfile) -> bytes:
    """A profile's record."""
    return _pack(tuple(known))


def known_of(data: bytes) -> KnownProfile:
    """The record that `known_bytes` wrote."""
    return KnownProfile(*_known(data))


_experiments = msgspec.msgpack.Decoder(dict[str, tuple[int, bytes]]).decode


def experiments_of(data: bytes | None) -> dict[str, Stored]:
    """All experiments."""
    return {} if data is None else {key: Stored(*stored) for key, stored in _experiments(data).items()}
