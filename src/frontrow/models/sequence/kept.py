"""Keys, values and states of past interactions, kept for the viewers asked for last."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.models.sequence.forward import Past
from frontrow.models.sequence.tokens import Tokens

_BACK: Final = 8
"""So many latest interactions may be new or changed (a playback that goes on) and the rest is still found."""


@dataclass(frozen=True)
class Remembered:
    """What `encode` gave for a history: what later interactions need of it, and the state after it, float32[d]."""

    past: Past
    state: NDArray[np.float32]


class Kept:
    """Remembered histories, the least recently used leave beyond `most_bytes`. May be used by several threads.

    `size` is the bytes that they hold.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._held: OrderedDict[bytes, Remembered] = OrderedDict()
        self.size = 0
        self._lock = Lock()

    def longest(self, tokens: Tokens, about: NDArray[np.int64]) -> tuple[int, Remembered | None]:
        """How many of the first interactions are remembered, and what of them; (0, None) if none. `about` int64[t]
        marks what titles are read by that is not the model's own."""
        count = len(tokens.title)
        with self._lock:
            for length in range(count, max(count - _BACK, 1) - 1, -1):
                key = _key(tokens, about, length)
                if (found := self._held.get(key)) is not None:
                    self._held.move_to_end(key)
                    return length, found
        return 0, None

    def keep(self, tokens: Tokens, about: NDArray[np.int64], remembered: Remembered) -> None:
        """Remembers a history."""
        key = _key(tokens, about, len(tokens.title))
        with self._lock:
            if (old := self._held.pop(key, None)) is not None:
                self.size -= _size(old)
            self._held[key] = remembered
            self.size += _size(remembered)
            while self.size > self._most_bytes and self._held:
                self.size -= _size(self._held.popitem(last=False)[1])

    def let_go(self) -> None:
        """Forgets all: histories are kept by what they hold, so whose one is is not known."""
        with self._lock:
            self._held.clear()
            self.size = 0


def _key(tokens: Tokens, about: NDArray[np.int64], length: int) -> bytes:
    parts = (tokens.title, tokens.strength, tokens.gap, tokens.minutes, about)
    return b"".join(part[:length].tobytes() for part in parts)


def _size(remembered: Remembered) -> int:
    past = remembered.past
    return sum(array.nbytes for array in (*past.keys, *past.values, past.minutes, remembered.state))
