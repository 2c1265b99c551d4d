"""Views one by one, as columns with room to grow: adding one costs the same however many there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class ViewColumns:
    """Views in order of arrival: time (microseconds UTC), title, country (a number, -1: none), key and profile."""

    def __init__(self) -> None:
        self._size = 0
        self._at, self._title = np.empty(0, np.int64), np.empty(0, np.int32)
        self._country, self._key = np.empty(0, np.int16), np.empty(0, np.uint64)
        self._profile = np.empty(0, np.int32)

    def __len__(self) -> int:
        return self._size

    @property
    def at(self) -> NDArray[np.int64]:
        return self._at[: self._size]

    @property
    def title(self) -> NDArray[np.int32]:
        return self._title[: self._size]

    @property
    def country(self) -> NDArray[np.int16]:
        return self._country[: self._size]

    @property
    def key(self) -> NDArray[np.uint64]:
        return self._key[: self._size]

    @property
    def profile(self) -> NDArray[np.int32]:
        return self._profile[: self._size]

    def append(
        self,
        at: NDArray[np.int64],
        title: NDArray[np.int32],
        country: NDArray[np.int16],
        key: NDArray[np.uint64],
        profile: NDArray[np.integer[Any]],
    ) -> None:
        """Adds many."""
        first, last = self._size, self._size + len(at)
        self._reserve(last)
        self._at[first:last], self._title[first:last] = at, title
        self._country[first:last], self._key[first:last] = country, key
        self._profile[first:last] = profile
        self._size = last

    def append_one(self, at: int, title: int, country: int, key: int, profile: int) -> None:
        """Adds one."""
        place = self._size
        self._reserve(place + 1)
        self._at[place], self._title[place], self._country[place], self._key[place] = at, title, country, key
        self._profile[place] = profile
        self._size = place + 1

    def only(self, keep: NDArray[np.bool_]) -> ViewColumns:
        """Those chosen, in their order."""
        chosen = ViewColumns()
        chosen.append(self.at[keep], self.title[keep], self.country[keep], self.key[keep], self.profile[keep])
        return chosen

    def _reserve(self, size: int) -> None:
        if size > len(self._at):
            room = max(64, size, 2 * len(self._at))
            for name in ("_at", "_title", "_country", "_key", "_profile"):
                column = getattr(self, name)
                grown = np.empty(room, column.dtype)
                grown[: self._size] = column[: self._size]
                setattr(self, name, grown)
