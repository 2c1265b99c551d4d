"""Names of titles and persons, in the manner of ten countries. No two titles of one catalogue are called the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from frontrow.simulate.flavours import ARABIC, FAMILY, GERMAN, GIVEN, HINDI, JAPANESE, ROMANCE, SWEDISH
from frontrow.simulate.words import ADJECTIVES, NOUNS, PLACES

LATIN = frozenset({"en", "de", "fr", "sv", "pt", "es"})
NUMERALS = ("", " II", " III", " IV", " V", " VI")
_TRIES = 12


class Dice:
    """Choices from one stream: `of` takes one of a sequence."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def of(self, options: tuple[str, ...] | list[str]) -> str:
        return options[int(self.rng.random() * len(options))]

    def below(self, n: int) -> int:
        return int(self.rng.random() * n)

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)


def place(dice: Dice) -> str:
    """A place that is on no map."""
    beginnings, ends = (part.split() for part in PLACES)
    return dice.of(beginnings) + dice.of(ends)


def english(dice: Dice, genre: str) -> str:
    """An English name in the manner of a genre."""
    nouns, adjectives = NOUNS[genre].split(), ADJECTIVES[genre].split()
    noun, other = dice.of(nouns).title(), dice.of(nouns).title()
    adjective = dice.of(adjectives).title()
    given = dice.of(GIVEN["en"].split())
    patterns = (
        f"The {adjective} {noun}", f"The {adjective} {noun}", f"{adjective} {noun}", f"The {noun} of {place(dice)}",
        f"{noun} and {other}", f"{given} and the {noun}", f"Beyond the {noun}", f"The {noun} and the {other}",
        f"Before the {noun}", f"A {noun} for {given}" if noun[0] not in "AEIOU" else f"An {noun} for {given}",
        f"What the {noun} Knew", f"The {noun} at {place(dice)}", f"{given}'s {noun}", f"The {adjective} {other}",
        f"Return to {place(dice)}",
    )  # fmt: skip
    name = dice.of(patterns)
    return f"The Other {noun}" if noun == other and f" and {noun}" in name.replace(" and the ", " and ") else name


def _swedish(dice: Dice) -> str:
    nouns, adjectives, places = SWEDISH
    noun = dice.of(nouns)
    title = noun[0].upper() + noun[1:]
    other = dice.of([each for each in nouns if each != noun])
    return dice.of([f"{title} i {dice.of(places)}", f"Den {dice.of(adjectives)} {noun}", f"{title} och {other}"])


def _german(dice: Dice) -> str:
    nouns, adjectives, places = GERMAN
    article, noun = dice.of(nouns).split()
    return dice.of([f"{article} {dice.of(adjectives)} {noun}", f"{article} {noun} von {dice.of(places)}"])


def _romance(language: str) -> Callable[[Dice], str]:
    genders, adjectives, places, preposition = ROMANCE[language]

    def named(dice: Dice) -> str:
        gender = dice.below(2)
        noun, adjective = dice.of(genders[gender]), adjectives[dice.below(len(adjectives))][gender]
        return dice.of([f"{noun} {adjective}", f"{noun} {preposition} {dice.of(places)}", f"{noun} {adjective}"])

    return named


def _japanese(dice: Dice) -> str:
    first, second, adjectives = JAPANESE
    whose, what = dice.of(first), dice.of(second)
    return f"{whose}の{what}" if whose != what and dice.chance(0.7) else f"{dice.of(adjectives)}{what}"


def _hindi(dice: Dice) -> str:
    first, masculine, feminine = HINDI
    whose = dice.of(first)
    return f"{whose} का {dice.of(masculine)}" if dice.chance(0.5) else f"{whose} की {dice.of(feminine)}"


def _arabic(dice: Dice) -> str:
    first, second = ARABIC
    return f"{dice.of(first)} {dice.of(second)}"


LOCAL: dict[str, Callable[[Dice], str]] = {
    "sv": _swedish, "de": _german, "fr": _romance("fr"), "pt": _romance("pt"), "es": _romance("es"),
    "ja": _japanese, "hi": _hindi, "ar": _arabic,
}  # fmt: skip
"""A name in each language but English."""


class Namer:
    """Gives each title a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, make: Callable[[], str]) -> str:
        """A name from `make` that nobody has; after several tries with a number, as remakes are told apart."""
        name = make()
        for _ in range(_TRIES):
            if name not in self._taken:
                break
            name = make()
        base, number = name, 2
        while name in self._taken:
            name = f"{base}: {_CHAPTERS[number - 2]}" if number - 2 < len(_CHAPTERS) else f"{base} {number}"
            number += 1
        self._taken.add(name)
        return name

    def claim(self, name: str) -> str:
        """`name`, or something like it that nobody has."""
        return self.take(lambda: name)

    def maybe(self, make: Callable[[], str]) -> str | None:
        """A name from `make` that nobody has, or None."""
        for _ in range(_TRIES):
            if (name := make()) not in self._taken:
                self._taken.add(name)
                return name
        return None

    def person(self, dice: Dice, language: str) -> str:
        """A person's name in the manner of a language's country; two family names where one is taken."""
        given, family = GIVEN[language].split(), FAMILY[language].split()
        return self.maybe(lambda: f"{dice.of(given)} {dice.of(family)}") or self.take(
            lambda: f"{dice.of(given)} {dice.of(family)}-{dice.of(family)}"
        )


_CHAPTERS = ("The Return", "A New Chapter", "The Beginning", "Homecoming", "The Other Side", "Aftermath", "Origins")
