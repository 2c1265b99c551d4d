"""The catalogue in memory: every title by its number, as columns for array work and as records for words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.rights import Rights
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import FOREVER, Kind, Title, may_stand_in_rows
from frontrow.core.clock import parse_time

KINDS: Final[tuple[str, ...]] = get_args(Kind)
EPISODE = KINDS.index("episode")
SERIES = KINDS.index("series")
KEPT_LANGUAGES: Final = 32
"""Languages whose names are kept as lists."""


class Catalogue:
    """All titles by number (0..size−1). A number without a record is known to events only. `artwork` is the id of each
    title's first artwork, or None.

    `structure` rises when a series gains, loses or reorders episodes: folds of what viewers saw depend on it.
    `remapped` rises when a title that was known before comes to count for another: folds over all viewers depend on
    it. A new title that is no episode changes neither. Arrays are views; do not write to them, nor keep them across
    `apply`.
    """

    def __init__(self) -> None:
        self.version = 0
        self.structure = 0
        self._reordered = False
        self.remapped = 0
        self.rights = Rights()
        self.ids: list[str] = []
        self.titles: list[Title | None] = []
        self.number: dict[str, int] = {}
        self.genres: dict[str, set[int]] = {}
        self._columns = _Columns(0)
        self._episodes: dict[int, list[int]] = {}
        self._waiting: dict[str, set[int]] = {}
        self.artwork: list[str | None] = []
        self._of_genre: dict[str, NDArray[np.bool_]] = {}
        self._names: dict[str | None, list[str]] = {}
        self._rankable: NDArray[np.bool_] | None = None

    @property
    def size(self) -> int:
        """How many title numbers there are."""
        return len(self.ids)

    @property
    def kind(self) -> NDArray[np.int8]:
        """Index into KINDS; −1 without a record."""
        return self._columns.kind[: self.size]

    @property
    def rankable(self) -> NDArray[np.bool_]:
        """Exists and is not an episode: what rows and lists may hold."""
        if self._rankable is None:
            self._rankable = (self.kind >= 0) & (self.kind != EPISODE)
            self._rankable.flags.writeable = False
        return self._rankable

    @property
    def series_of(self) -> NDArray[np.int32]:
        """The number of a title's series if it is an episode of a series that is known, else its own."""
        return self._columns.series_of[: self.size]

    @property
    def added_at(self) -> NDArray[np.int64]:
        """When a title joined the catalogue, microseconds UTC (FOREVER without a record)."""
        return self._columns.added_at[: self.size]

    def episodes(self, series: int) -> Sequence[int]:
        """Episodes of a series in order of season, then episode; those without numbers last."""
        return self._episodes.get(series, ())

    def of_genre(self, genre: str) -> NDArray[np.bool_]:
        """Which titles that may stand in rows are of a genre, bool[size]."""
        mask = self._of_genre.get(genre)
        if mask is None or len(mask) != self.size:
            mask = self._of_genre[genre] = np.zeros(self.size, bool)
            mask[list(self.genres.get(genre, ()))] = True
        return mask

    def names(self, language: str | None = None) -> Sequence[str]:
        """All titles' names by number, as `name` gives them."""
        if language not in self._names:
            if len(self._names) >= KEPT_LANGUAGES:
                self._names.clear()
            self._names[language] = [self.name(number, language) for number in range(self.size)]
        return self._names[language]

    def name(self, number: int, language: str | None = None) -> str:
        """A title's name, in `language` (BCP 47, falling back to its first part) where it is translated."""
        title = self.titles[number]
        if title is None:
            return self.ids[number]
        if language and title.translations:
            for tag in (language, language.split("-")[0]):
                if (translation := title.translations.get(tag)) and translation.name:
                    return translation.name
        return title.name

    def apply(self, version: int, changes: Sequence[NumberedTitle]) -> list[int]:
        """Takes up new and changed entries; the numbers concerned."""
        before = self.series_of.copy()
        for change in changes:
            self._set(change)
        if (
            self._reordered
        ):  # told last: a fold that a thread made meanwhile of half a change is of the structure before
            self.structure, self._reordered = self.structure + 1, False
        if not np.array_equal(before, self.series_of[: len(before)]):
            self.remapped += 1
        self._rankable = None
        for language, names in self._names.items():
            names.extend("" for _ in range(self.size - len(names)))
            for change in changes:
                names[change.number] = self.name(change.number, language)
        self.version = version
        return [change.number for change in changes]

    def _set(self, change: NumberedTitle) -> None:
        number, title = change.number, change.title
        while number >= len(self.ids):
            self.ids.append("")
            self.titles.append(None)
            self.artwork.append(None)
        if number >= self._columns.capacity:
            self._columns = self._columns.grown(number + 1)
        old = self.titles[number]
        self.ids[number], self.titles[number] = change.title_id, title
        self.artwork[number] = title.artwork[0].artwork_id if title is not None and title.artwork else None
        self.number[change.title_id] = number
        self.rights.set(number, title)
        columns = self._columns
        columns.kind[number] = -1 if title is None else KINDS.index(title.kind)
        columns.added_at[number] = parse_time(title.added_at) if title and title.added_at else FOREVER
        for genre in _row_genres(old) ^ _row_genres(title):
            self.genres.setdefault(genre, set()).symmetric_difference_update({number})
            self._of_genre.pop(genre, None)
            if not self.genres[genre]:
                del self.genres[genre]
        if _place(old) != _place(title) or (old is None) != (title is None):
            self._relate(number, old, title)

    def _relate(self, number: int, old: Title | None, title: Title | None) -> None:
        """Ties an episode to its series, whichever of the two came first."""
        if old is not None and old.kind == "episode" and old.series_id:
            self._waiting.get(old.series_id, set()).discard(number)
            self._order(old.series_id)
        self._columns.series_of[number] = number
        if title is not None and title.kind == "episode" and title.series_id:
            self._waiting.setdefault(title.series_id, set()).add(number)
            self._order(title.series_id)
        if (title or old) is not None:
            self._order(self.ids[number])

    def _order(self, series_id: str) -> None:
        series = self.number.get(series_id)
        episodes = self._waiting.get(series_id, set())
        known = series is not None and (record := self.titles[series]) is not None and record.kind == "series"
        if series is not None and ((known and episodes) or series in self._episodes):
            self._reordered = True
        for episode in episodes:
            self._columns.series_of[episode] = series if known and series is not None else episode
        if series is None:
            return
        if known and episodes:
            self._episodes[series] = sorted(episodes, key=self._air_order)
        else:
            self._episodes.pop(series, None)

    def _air_order(self, number: int) -> tuple[float, float, int]:
        title = self.titles[number]
        season, episode = (title.season, title.episode) if title else (None, None)
        last = float("inf")
        return (last if season is None else season, last if episode is None else episode, number)


def _row_genres(title: Title | None) -> set[str]:
    return set(title.genres) if may_stand_in_rows(title) else set()


def _place(title: Title | None) -> tuple[object, ...]:
    return (None,) if title is None else (title.kind, title.series_id, title.season, title.episode)


class _Columns:
    """The arrays, with room to grow."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.kind = np.full(capacity, -1, np.int8)
        self.series_of = np.arange(capacity, dtype=np.int32)
        self.added_at = np.full(capacity, FOREVER, np.int64)

    def grown(self, at_least: int) -> _Columns:
        larger = _Columns(max(64, at_least, 2 * self.capacity))
        for name in ("kind", "series_of", "added_at"):
            getattr(larger, name)[: self.capacity] = getattr(self, name)
        return larger
