"""Parsed events waiting to be written in the order in which they enter the log.

An import must know all of a file before it writes any of it: the order is by `received_at`, and equal rows are
numbered. Kept as compact JSON (some 150 bytes an event) rather than as objects, which take four times that.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import msgspec
import numpy as np

from frontrow.events.content import same_content
from frontrow.events.event import Event
from frontrow.importers.derived_ids import DIGEST_BYTES, canonical, derived_id, digest, numbers_among_equals

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


class EventSpool:
    """Takes events in file order, gives them back sorted by `received_at`, ties in file order."""

    def __init__(self) -> None:
        self._content = bytearray()
        self._ends = array("q", [0])
        self._at = array("q")
        self._received = array("q")
        self._numbers = array("q")
        self._ids: list[str | None] = []
        self._digests = bytearray()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, event: Event, number: int, *, has_id: bool) -> None:
        """An event from line `number`. Without `has_id` its `event_id` means nothing, and one is derived."""
        content = canonical(event)
        self._content += content
        self._ends.append(len(self._content))
        self._at.append(event.at)
        self._received.append(event.received_at)
        self._numbers.append(number)
        self._ids.append(event.event_id if has_id else None)
        if not has_id:
            self._digests += digest(content)

    def conflicts(self) -> Iterator[tuple[int, str]]:
        """Line and id of events whose id one that enters the log earlier has, with other content."""
        first: dict[str, int] = {}
        for index in self._order():
            name = self._ids[index]
            if name is None or (earlier := first.setdefault(name, index)) == index:
                continue
            if not same_content(self._event(earlier, name), self._event(index, name)):
                yield self._numbers[index], name

    def in_order(self, size: int) -> Iterator[tuple[list[Event], list[int]]]:
        """Chunks of events, with the line of each."""
        if not self._ids:
            return
        equals = numbers_among_equals(self._digests).tolist()
        derived = (np.cumsum([name is None for name in self._ids]) - 1).tolist()
        order = self._order()
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            events = []
            for index in chosen:
                name = self._ids[index]
                if name is None:
                    place = derived[index]
                    content_digest = bytes(self._digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES])
                    name = derived_id(self._at[index], content_digest, equals[place])
                events.append(self._event(index, name))
            yield events, [self._numbers[index] for index in chosen]

    def _order(self) -> list[int]:
        order: list[int] = np.argsort(np.frombuffer(self._received, np.int64), kind="stable").tolist()
        return order

    def _event(self, index: int, name: str) -> Event:
        head = b'{"event_id":%b,"received_at":%d,' % (_encode(name), self._received[index])
        return _decode(head + self._content[self._ends[index] + 1 : self._ends[index + 1]])
