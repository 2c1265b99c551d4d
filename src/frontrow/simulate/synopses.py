"""What a title says of itself: two to five sentences from its genre, its themes and a place."""

from __future__ import annotations

import re

from frontrow.simulate.names import Dice, place
from frontrow.simulate.sayings import HEROES, OTHER_TURNS, TURNS
from frontrow.simulate.words import THEMES

_AGREEING = re.compile(r"(\S+)~(\w+)")


def synopsis(dice: Dice, genre: str, themes: list[str], cast: list[str], kind: str) -> str:
    """English text; every theme that is given puts its sentence in, so that the words tell what the tags tell.

    `cast` are names, the director's first.
    """
    hero = dice.of(HEROES[genre].split("|"))
    many = hero.startswith("+")
    turn = _AGREEING.sub(r"\2" if many else r"\1", dice.of(TURNS.get(genre, OTHER_TURNS)))
    who, where = hero.removeprefix("+"), place(dice)
    openings = [f"In {where}, {who} {turn}.", f"{_upper(who)} {turn}.", f"Not far from {where}, {who} {turn}."]
    if len(who.split()) <= 3:
        openings.append(f"{_upper(who)} from {where} {turn}.")
    opening = dice.of(openings)
    sentences = [opening, *(f"{dice.of(THEMES[theme])}." for theme in themes)]
    if dice.chance(0.35) and (credit := _credit(dice, cast, kind)):
        sentences.append(credit)
    return " ".join(sentences)


def _credit(dice: Dice, cast: list[str], kind: str) -> str:
    if kind == "game":
        return f"Told by {cast[1]}." if len(cast) > 1 else ""
    named = [f"With {cast[1]}."] if len(cast) > 1 else []
    named += [f"With {cast[1]} and {cast[2]}."] if len(cast) > 2 else []
    named += [f"Directed by {cast[0]}."] if cast else []
    return dice.of(named) if named else ""


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
