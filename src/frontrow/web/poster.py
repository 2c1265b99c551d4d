"""A title's poster: colours, a drawing and a typeface, from the title's own traits. The same title, the same poster."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final, NamedTuple

from markupsafe import Markup

from frontrow.catalog.title import Title
from frontrow.web.families import BY_NAME, families_of, mood
from frontrow.web.forms import FORMS
from frontrow.web.pen import Pen
from frontrow.web.scenes import SCENES

MOTIFS: Final = SCENES | FORMS

FACES: Final = {
    "cut": 0.59, "didone": 0.5, "type": 0.6, "wide": 0.86, "mono": 0.62, "thin": 0.66, "slab": 0.68, "round": 0.68,
    "chunky": 0.72, "italic": 0.47,
}  # fmt: skip
"""Typefaces (CSS classes `f-…`) and the width of their usual letter, as a share of the size. posters.css scales
whatever font a machine has for them to that width."""
CAPITALS: Final = frozenset({"cut", "wide"})
"""Faces in capitals alone."""
EVEN: Final = frozenset({"type", "mono"})
"""Faces whose letters are all of one width."""
SMALLEST, LARGEST, COLUMN, LINES = 8, 19, 84, 5
"""Sizes of type and width of a line in hundredths of a poster's width."""


class Poster(NamedTuple):
    """`classes` for the element that shows it, `art` to draw in a field of 200 by 300."""

    classes: str
    art: Markup


def poster(title_id: str, name: str, title: Title | None) -> Poster:
    """The poster of a title under the name that the viewer reads."""
    families = families_of(title)
    looks = tuple(dict.fromkeys(family.name for family in families[:2]))
    return _poster(title_id, name, looks, round(mood(title), 1))


def portrait(profile_id: str, kids: bool) -> Poster:
    """A picture for somebody who has none."""
    return _poster(profile_id, "", (("family",) if kids else ("abstract",)), 0.0)


@lru_cache(8192)
def _poster(title_id: str, name: str, looks: tuple[str, ...], feeling: float) -> Poster:
    pen = Pen(title_id)
    first = BY_NAME[looks[0]]
    colours = BY_NAME[looks[-1]] if pen.chance(0.3) else first
    face = pen.pick(first.faces)
    motif = pen.pick(first.motifs)
    palette = _toned(pen, colours.palettes, feeling)
    place = pen.pick(("low", "low", "low", "high"))
    side = pen.pick(("near", "mid"))
    # What is drawn comes from numbers alone: nothing of the title's text is in it.
    drawing = Markup(MOTIFS[motif](pen))  # noqa: S704 - no outside text
    turned = " flip" if pen.chance(0.5) else ""
    return Poster(f"p-{palette} f-{face} z{type_size(name, face)} {place} {side}{turned}", drawing)


def _toned(pen: Pen, palettes: tuple[str, ...], feeling: float) -> str:
    """A grave title gets one of the darker half, a light one of the brighter half."""
    half = (len(palettes) + 1) // 2
    if feeling <= -0.3:
        return pen.pick(palettes[:half])
    return pen.pick(palettes[-half:]) if feeling >= 0.3 else pen.pick(palettes)


def type_size(name: str, face: str) -> int:
    """The largest size at which the longest word fits a line and all words fit the lines (hundredths of width)."""
    words = [_width(word, face) for word in name[:160].split() or [""]]
    for size in range(LARGEST, SMALLEST, -1):
        room = COLUMN / (size * FACES[face])
        if max(words) <= room and _lines(words, room) <= (LINES if size < 14 else 3):
            return size
    return SMALLEST


def _width(word: str, face: str) -> float:
    """How wide a word is, in usual letters."""
    capitals = face in CAPITALS
    if face in EVEN and word.isascii():
        return len(word)
    return sum(_letter(each, capitals) for each in (word.upper() if capitals else word))


def _letter(each: str, capitals: bool) -> float:
    if each in "fijlrtI'.,:;!|-()":
        return 0.65
    if each in "mwMW@%&":
        return 1.35
    if ord(each) > 0x2E80:  # signs of Japanese and its neighbours fill a square
        return 1.8
    return 1.2 if each.isupper() and not capitals else 1.0


def _lines(words: list[float], room: float) -> int:
    lines, left = 1, room
    for word in words:
        if word > left:
            lines, left = lines + math.ceil(word / room), room
        left -= word + 0.6
    return lines
