"""What a title is about, as a vector that needs no training: a new title has one at once.

Every word, genre, tag, name and so on is hashed to 128 random signs (a signed random projection; Achlioptas 2003);
a group of them (genres, people, …) is summed, weighted by rarity, and scaled to the group's weight; the sum of the
groups is scaled to length 1. The dot product of two titles is then about the cosine of what they share.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.random import stable_hash

DIMS = 128
_GROUPS = {"genre": 1.0, "tag": 1.0, "person": 0.7, "text": 0.7, "name": 0.15, "language": 0.25, "origin": 0.25,
           "year": 0.3, "kind": 0.2}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{3,}")
_MAX_WORDS, _MAX_FEATURES = 400, 200_000
_YEARS = 5


class ContentModel:
    """Vectors of titles. `rarity` weighs a feature (by its 63-bit hash); features outside it weigh `default`."""

    def __init__(self, rarity: dict[int, float] | None = None, default: float = 1.0) -> None:
        self.rarity = rarity or {}
        self.default = default

    @classmethod
    def fit(cls, titles: Iterable[Title]) -> ContentModel:
        """Rarity is log(titles / titles with the feature), at least 0.1; a feature of one title has the largest."""
        counts: Counter[int] = Counter()
        n = 0
        for title in titles:
            n += 1
            counts.update({_number(group, name) for group, name, _ in features_of(title)})
        common = [(key, count) for key, count in counts.most_common(_MAX_FEATURES) if count > 1]
        return cls({key: max(0.1, math.log(n / count)) for key, count in common}, max(1.0, math.log(n or 1)))

    def vector(self, title: Title) -> NDArray[np.float32]:
        """float32[128] of length 1; all 0 for a title of which nothing is known."""
        groups: dict[str, NDArray[np.float32]] = {}
        for group, name, weight in features_of(title):
            if group not in groups:
                groups[group] = np.zeros(DIMS, np.float32)
            groups[group] += np.float32(weight * self.rarity.get(_number(group, name), self.default)) * _signs(
                group, name
            )
        total = np.zeros(DIMS, np.float32)
        for group, summed in groups.items():
            if (length := float(np.sqrt(summed @ summed))) > 0:
                total += summed * np.float32(_GROUPS[group] / length)
        length = float(np.sqrt(total @ total))
        return total / np.float32(length) if length > 0 else total

    def matrix(self, titles: Sequence[Title | None]) -> NDArray[np.float32]:
        """float32[len(titles), 128]; None has a vector of zeros."""
        vectors = np.zeros((len(titles), DIMS), np.float32)
        for row, title in enumerate(titles):
            if title is not None:
                vectors[row] = self.vector(title)
        return vectors

    def save(self, folder: Path) -> None:
        """Writes features.npy, rarity.npy (the default in its first place)."""
        folder.mkdir(parents=True, exist_ok=True)
        keys = sorted(self.rarity)
        np.save(folder / "features.npy", np.array(keys, np.int64))
        np.save(folder / "rarity.npy", np.array([self.default, *(self.rarity[key] for key in keys)], np.float64))

    @classmethod
    def load(cls, folder: Path) -> ContentModel:
        """Reads what `save` wrote."""
        keys, rarity = np.load(folder / "features.npy").tolist(), np.load(folder / "rarity.npy").tolist()
        return cls(dict(zip(keys, rarity[1:], strict=True)), rarity[0])


def features_of(title: Title) -> Iterator[tuple[str, str, float]]:
    """(group, name, weight) of all that is known of a title's content."""
    yield "kind", title.kind, 1.0
    yield from (("genre", genre.casefold(), 1.0) for genre in title.genres)
    yield from (("tag", tag.casefold(), weight) for tag, weight in title.tags.items() if weight > 0)
    yield from (("person", person.name.casefold(), 1.0) for person in title.people[:30])
    yield from (("language", language.casefold(), 1.0) for language in title.languages[:5])
    yield from (("origin", country, 1.0) for country in title.origin_countries)
    if title.year is not None:  # two buckets, so that neighbours across a border share one
        yield "year", f"a{title.year // _YEARS}", 1.0
        yield "year", f"b{(title.year + _YEARS // 2) // _YEARS}", 1.0
    for group, text in (("text", title.synopsis), ("name", title.name)):
        words = _WORD.findall((text or "").casefold())[:_MAX_WORDS]
        yield from ((group, word, 1 + math.log(count)) for word, count in Counter(words).items())


def _number(group: str, name: str) -> int:
    return _hashed(group, name)[0]


def _signs(group: str, name: str) -> NDArray[np.float32]:
    return _hashed(group, name)[1]


@lru_cache(maxsize=50_000)
def _hashed(group: str, name: str) -> tuple[int, NDArray[np.float32]]:
    low, high = stable_hash("content", group, name), stable_hash("content.signs", group, name)
    bits = np.unpackbits(np.array([low, high], "<u8").view(np.uint8))
    return low >> 1, bits.astype(np.float32) * 2 - 1
