"""Which look a title gets: a family of motifs and colours by genre, darker or brighter by mood."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from frontrow.catalog.title import Title


class Family(NamedTuple):
    """How one kind of story looks. `palettes` go from dark to bright; `faces` are typefaces (CSS classes `f-…`)."""

    name: str
    words: tuple[str, ...]
    motifs: tuple[str, ...]
    palettes: tuple[str, ...]
    faces: tuple[str, ...]


# The order decides where a title has several genres: what is rare and has a look of its own comes first.
FAMILIES: Final[tuple[Family, ...]] = (
    Family("horror", ("horror", "slasher", "supernatural", "ghost"), ("thorns", "slashes", "moon"),
           ("blood", "noir", "bruise", "ash", "forest"), ("cut", "didone", "type")),
    Family("space", ("sci-fi", "science fiction", "scifi", "space", "cyberpunk"), ("planet", "orbits", "grid"),
           ("ink", "neon", "teal", "grape", "frost"), ("wide", "mono", "thin")),
    Family("western", ("western",), ("mesas", "sunset"), ("rust", "clay", "ember", "sand"), ("slab", "cut")),
    Family("war", ("war", "history", "historical", "military"), ("columns", "flags", "mountains"),
           ("ash", "rust", "slate", "bone", "forest"), ("slab", "didone", "cut")),
    Family("family", ("children", "kids", "family", "animation", "anime", "cartoon"), ("balloons", "hills", "bauhaus"),
           ("grape", "sky", "candy", "mint", "sun", "peach"), ("round", "chunky")),
    Family("music", ("music", "musical", "concert", "dance"), ("bars", "vinyl", "confetti"),
           ("neon", "wine", "candy", "grape", "sun"), ("chunky", "wide", "didone")),
    Family("sport", ("sport", "sports", "football", "racing"), ("lanes", "chevrons"),
           ("ink", "forest", "lime", "coral", "sun"), ("cut", "wide")),
    Family("documentary", ("documentary", "documentaries", "docuseries", "science", "nature", "biography"),
           ("contours", "halftone", "frames"), ("slate", "teal", "forest", "bone", "cream"),
           ("thin", "didone", "mono")),
    Family("fantasy", ("fantasy", "adventure", "myth", "epic"), ("mountains", "moon", "columns"),
           ("bruise", "jade", "dusk", "lagoon", "sand"), ("didone", "slab")),
    Family("noir", ("crime", "film-noir", "noir", "detective", "heist"), ("skyline", "blinds", "rain"),
           ("noir", "ink", "ash", "wine", "rust"), ("cut", "type", "didone")),
    Family("mystery", ("thriller", "mystery", "mysteries", "suspense", "spy"), ("rings", "blinds", "keyhole"),
           ("noir", "teal", "blood", "slate", "bruise"), ("cut", "thin", "type")),
    Family("romance", ("romance", "romantic", "love"), ("petals", "twins", "sunset"),
           ("wine", "rose", "coral", "lilac", "peach"), ("italic", "didone", "thin")),
    Family("action", ("action", "martial arts", "superhero", "disaster"), ("chevrons", "slashes", "skyline"),
           ("ember", "ink", "blood", "slate", "lagoon"), ("cut", "wide")),
    Family("comedy", ("comedy", "comedies", "stand-up", "sitcom", "satire", "reality", "talk show", "cooking"),
           ("rays", "confetti", "bauhaus"), ("coral", "candy", "sky", "cream", "sun", "mint"), ("chunky", "round")),
    Family("drama", ("drama", "dramas", "melodrama", "indie"), ("waves", "sunset", "twins", "halftone"),
           ("slate", "dusk", "teal", "wine", "clay", "bone", "cream"), ("didone", "thin", "italic")),
    Family("live", (), ("signal", "rays"), ("blood", "ink", "neon"), ("wide", "cut")),
    Family("game", (), ("pixels", "grid"), ("neon", "grape", "lime", "sky"), ("mono", "chunky")),
    Family("abstract", (), ("bauhaus", "rings", "waves", "contours"),
           ("slate", "jade", "dusk", "lagoon", "lilac", "cream"), ("thin", "didone", "wide")),
)  # fmt: skip

BY_NAME: Final = {family.name: family for family in FAMILIES}
_BY_KIND: Final = {"live": "live", "game": "game"}

_GRAVE = re.compile(
    r"\b(dark|gritty|bleak|grim|tense|scary|violent|disturbing|ominous|cynical|melanchol\w*|sad|noir)\b"
)
_LIGHT = re.compile(
    r"\b(feel.?good|light\w*|funny|warm|heart\w*|uplifting|cosy|cozy|sweet|hopeful|playful|quirky|kids)\b"
)


def families_of(title: Title | None) -> tuple[Family, ...]:
    """The families that a title's genres speak for, first the one that gives its motif; never empty."""
    if title is None:
        return (BY_NAME["abstract"],)
    if title.kind in _BY_KIND:
        return (BY_NAME[_BY_KIND[title.kind]],)
    words = " | ".join(genre.lower()[:80] for genre in title.genres[:12])
    found = tuple(family for family in FAMILIES if any(_says(words, word) for word in family.words))
    return found or (BY_NAME["abstract"],)


def mood(title: Title | None) -> float:
    """−1 (grave) to 1 (light), from the words of a title's strongest tags; 0 where they say nothing."""
    if title is None or not title.tags:
        return 0.0
    strongest = sorted(title.tags.items(), key=lambda each: -each[1])[:12]
    grave = sum(weight for tag, weight in strongest if _GRAVE.search(tag.lower()[:80]))
    light = sum(weight for tag, weight in strongest if _LIGHT.search(tag.lower()[:80]))
    return (light - grave) / (light + grave) if light + grave else 0.0


def _says(words: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words) is not None
