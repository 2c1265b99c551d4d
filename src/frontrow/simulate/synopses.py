"""What a title says of itself: two or three sentences from its genre, its themes and a place."""

from __future__ import annotations

from frontrow.simulate.names import Dice, place
from frontrow.simulate.words import HEROES, THEMES, TURNS

_DOCUMENTARY = (
    "follow what most people pass by", "spend a year where few have looked", "open an archive that was thought lost",
    "ask who pays for what we love", "return to where it all began",
)  # fmt: skip
_CONTEST = ("have ten weeks and one prize", "start from nothing, again", "are judged by those who know it best")


def synopsis(dice: Dice, genre: str, themes: list[str], lead: str | None, kind: str) -> str:
    """English text; every theme that is given puts its sentence in, so that the words tell what the tags tell."""
    hero = dice.of(HEROES[genre].split("|"))
    where = place(dice)
    if genre == "Documentary":
        opening = f"In {where}, {hero} {_agree(hero, dice.of(_DOCUMENTARY))}."
    elif genre == "Reality":
        opening = f"In {where}, {hero} {_agree(hero, dice.of(_CONTEST))}."
    else:
        opening = f"In {where}, {hero} {_agree(hero, dice.of(TURNS))}."
    sentences = [opening, *(f"{dice.of(THEMES[theme])}." for theme in themes)]
    if lead is not None and dice.chance(0.35):
        sentences.append(f"With {lead}." if kind != "game" else f"Told by {lead}.")
    return " ".join(sentences)


def _agree(hero: str, deed: str) -> str:
    """One hero `returns`, two `return`; the lists hold the third person singular for turns, plural for the rest."""
    first, _, rest = deed.partition(" ")
    plural = hero.split(maxsplit=1)[0] in _MANY
    if first in _PLURAL_OF_CONTEST:
        return deed if plural else f"{_PLURAL_OF_CONTEST[first]} {rest}"
    if plural:
        verb = {"is": "are", "has": "have", "must": "must", "discovers": "discover"}.get(first, first.removesuffix("s"))
        if first.endswith("sses") or first.endswith("ches"):
            verb = first.removesuffix("es")
        return f"{verb} {rest}".replace("and is not", "and are not").replace("and starts", "and start")
    return deed


_MANY = frozenset(["two", "three", "four", "six", "eight", "ten", "twelve"])
_PLURAL_OF_CONTEST = {
    "follow": "follows", "spend": "spends", "open": "opens", "ask": "asks", "return": "returns", "have": "has",
    "start": "starts", "are": "is",
}  # fmt: skip
