"""Search: an index of words over names, people, genres, tags and synopses, kept up with the catalogue.

A query matches a title when each of its words does: whole, as a beginning, or (three letters or more, when nothing else
is found) with a letter wrong. Fields count by where the word stands: name over people, genres and tags over synopsis.
Scripts without spaces are matched by pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.recommend.tuning import Tuning

NAME, PEOPLE, LABEL, SYNOPSIS = 8.0, 4.0, 3.0, 1.0
MAX_WORDS = 16
_PLAIN = Tuning()
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words(text: str) -> list[str]:
    """`text` as folded words: no case, no accents; unspaced scripts as overlapping pairs."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    found: list[str] = []
    for word in _WORD.findall("".join(c for c in folded if not unicodedata.combining(c))):
        if len(word) > 1 and _UNSPACED.search(word):
            found += [word[i : i + 2] for i in range(len(word) - 1)]
        else:
            found.append(word)
    return found


class SearchIndex:
    """Postings by word: title number → weight of the best field that holds it."""

    def __init__(self) -> None:
        self._postings: dict[str, dict[int, float]] = {}
        self._words_of: dict[int, list[str]] = {}
        self._sorted: list[str] | None = None

    def set(self, number: int, title: Title | None) -> None:
        """Replaces what is known of a title."""
        for word in self._words_of.pop(number, ()):
            postings = self._postings[word]
            del postings[number]
            if not postings:
                del self._postings[word]
                self._sorted = None
        if title is None:
            return
        weights: dict[str, float] = {}
        for text, weight in _fields(title):
            for word in words(text):
                weights[word] = max(weight, weights.get(word, 0.0))
        self._words_of[number] = list(weights)
        for word, weight in weights.items():
            if word not in self._postings:
                self._postings[word] = {}
                self._sorted = None
            self._postings[word][number] = weight

    def match(self, query: str, size: int, tuning: Tuning = _PLAIN) -> NDArray[np.float32]:
        """How well each of the titles 0..size−1 matches, 0 where it does not. Rarer words count more (idf)."""
        scores = np.zeros(size, np.float32)
        asked = words(query)[:MAX_WORDS]
        for place, word in enumerate(asked):
            found = self._titles_with(word, tuning)
            if not found:
                return np.zeros(size, np.float32)
            idf = float(np.log1p(size / len(found)))
            one = np.zeros(size, np.float32)
            for number, weight in found.items():
                one[number] = weight * idf
            scores = one if place == 0 else np.where((scores > 0) & (one > 0), scores + one, 0).astype(np.float32)
        return scores

    def _titles_with(self, word: str, tuning: Tuning) -> dict[int, float]:
        found: dict[int, float] = {}
        for known in self._beginning_with(word):
            part = 1.0 if known == word else tuning.search_beginning
            for number, weight in self._postings[known].items():
                found[number] = max(found.get(number, 0.0), weight * part)
        if not found and len(word) >= 3:
            near = [known for known in self._vocabulary() if known[0] == word[0] and abs(len(known) - len(word)) < 3]
            for known in get_close_matches(word, near, 3, 0.75):
                for number, weight in self._postings[known].items():
                    found[number] = max(found.get(number, 0.0), weight * tuning.search_nearly)
        return found

    def _beginning_with(self, word: str) -> list[str]:
        vocabulary = self._vocabulary()
        start = bisect_left(vocabulary, word)
        end = bisect_left(vocabulary, word + "\U0010ffff", start)
        return vocabulary[start:end]

    def _vocabulary(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._postings)
        return self._sorted


def _fields(title: Title) -> list[tuple[str, float]]:
    fields = [(title.name, NAME), (title.synopsis or "", SYNOPSIS)]
    for translation in title.translations.values():
        fields += [(translation.name or "", NAME), (translation.synopsis or "", SYNOPSIS)]
    fields += [(person.name, PEOPLE) for person in title.people]
    fields += [(label, LABEL) for label in (*title.genres, *title.tags)]
    return fields
