"""What goes together on a screen: the genres, moods and themes that each main genre leans to."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.simulate.words import GENRES, MOODS, THEMES

_GENRES: Final[dict[str, str]] = {
    "Drama": "Romance|Crime|History|Mystery|Sport|Music|Comedy",
    "Comedy": "Romance|Drama|Mystery|Adventure|Music|Crime",
    "Crime": "Thriller|Drama|Mystery|Action",
    "Thriller": "Crime|Mystery|Action|Science Fiction|Drama|Horror",
    "Documentary": "History|Music|Sport|Crime|Adventure",
    "Romance": "Drama|Comedy|History|Music|Fantasy",
    "Action": "Thriller|Adventure|Crime|Science Fiction",
    "Science Fiction": "Thriller|Adventure|Drama|Mystery|Action",
    "Horror": "Mystery|Thriller|Fantasy|Drama",
    "History": "Drama|Romance|Adventure|Mystery",
    "Mystery": "Crime|Drama|Thriller|Comedy|History",
    "Fantasy": "Adventure|Romance|Action|Drama",
    "Adventure": "Action|Fantasy|Comedy|History",
    "Music": "Drama|Romance|Comedy|Documentary",
    "Sport": "Drama|Comedy|Documentary",
    "Reality": "Comedy|Music|Sport|Romance",
    "Family": "Comedy|Adventure|Fantasy|Music|Sport|Mystery",
    "Animation": "Comedy|Adventure|Fantasy|Music|Science Fiction",
}
_MOODS: Final[dict[str, str]] = {
    "Drama": "melancholic|thoughtful|slow-burning|raw|heartwarming|uplifting|dark",
    "Comedy": "witty|satirical|playful|heartwarming|cosy|whimsical|romantic",
    "Crime": "gritty|tense|dark|slow-burning|suspenseful|raw",
    "Thriller": "tense|suspenseful|fast-paced|dark|gritty",
    "Documentary": "thoughtful|uplifting|raw|epic|melancholic|slow-burning",
    "Romance": "romantic|heartwarming|melancholic|dreamy|witty|uplifting",
    "Action": "fast-paced|tense|gritty|epic|raw",
    "Science Fiction": "epic|thoughtful|suspenseful|eerie|dreamy|tense|dark",
    "Horror": "eerie|dark|suspenseful|tense|slow-burning",
    "History": "epic|slow-burning|thoughtful|melancholic|romantic|gritty",
    "Mystery": "suspenseful|cosy|eerie|witty|slow-burning|thoughtful",
    "Fantasy": "epic|dreamy|whimsical|dark|romantic",
    "Adventure": "epic|fast-paced|uplifting|playful|suspenseful",
    "Music": "uplifting|dreamy|melancholic|raw|heartwarming",
    "Sport": "uplifting|tense|raw|heartwarming|fast-paced",
    "Reality": "cosy|playful|uplifting|witty|heartwarming|satirical",
    "Family": "heartwarming|playful|cosy|whimsical|uplifting|dreamy",
    "Animation": "playful|whimsical|dreamy|epic|witty|heartwarming|cosy",
}
_THEMES: Final[dict[str, str]] = {
    "Drama": "small town|found family|coming of age|courtroom|siblings|motherhood|fathers and sons|second chances|"
    "marriage|friendship|grief|migration|labour|medicine|village life|double life|seaside|politics",
    "Comedy": "small town|road trip|cooking|school|siblings|marriage|friendship|second chances|village life|summer|"
    "found family|double life|rivalry|city nights|politics|inventions",
    "Crime": "heist|courtroom|undercover|revenge|cold case|small town|city nights|double life|conspiracy|journalism|"
    "amnesia|winter|fathers and sons",
    "Thriller": "undercover|espionage|conspiracy|journalism|revenge|amnesia|double life|trains|artificial minds|"
    "city nights|politics|medicine",
    "Documentary": "climate|animals|wilderness|journalism|labour|migration|mountains|inventions|jazz|cooking|choir|"
    "medicine|folklore|sea voyage|space",
    "Romance": "second chances|forbidden love|marriage|summer|seaside|dance|city nights|trains|winter|grief|"
    "village life|friendship",
    "Action": "heist|revenge|undercover|survival|espionage|war|trains|mountains|rivalry|conspiracy",
    "Science Fiction": "space|artificial minds|time loops|survival|climate|conspiracy|inventions|amnesia|found family",
    "Horror": "haunted house|folklore|survival|winter|amnesia|small town|wilderness|grief|time loops|siblings",
    "History": "monarchy|war|migration|labour|politics|forbidden love|sea voyage|inventions|medicine|espionage",
    "Mystery": "cold case|small town|trains|seaside|folklore|village life|amnesia|double life|treasure|winter|"
    "journalism",
    "Fantasy": "magic|dragons|monarchy|folklore|war|found family|treasure|forbidden love|siblings",
    "Adventure": "sea voyage|treasure|mountains|survival|wilderness|road trip|friendship|rivalry|animals",
    "Music": "jazz|choir|dance|rivalry|second chances|friendship|city nights|road trip|fathers and sons",
    "Sport": "underdogs|rivalry|coming of age|second chances|fathers and sons|small town|migration|school",
    "Reality": "cooking|rivalry|underdogs|village life|summer|inventions|friendship|seaside|dance",
    "Family": "animals|school|siblings|friendship|summer|found family|underdogs|winter|treasure|seaside|magic",
    "Animation": "animals|magic|dragons|space|friendship|inventions|sea voyage|treasure|found family|climate|trains",
}
_ELSEWHERE: Final = 0.12
"""Of all titles of a genre, the share that does not keep to it. Titles for children always do."""


def _table(told: dict[str, str], names: tuple[str, ...], free: float) -> NDArray[np.float64]:
    """float64[genres, names] of shares; names that are not listed for a genre have `free` between them."""
    table = np.zeros((len(GENRES), len(names)))
    for row, genre in enumerate(GENRES):
        listed = [names.index(name) for name in told[genre].split("|")]
        others = 0.0 if genre in ("Family", "Animation") else free
        table[row] = others / len(names)
        table[row, listed] += (1 - others) / len(listed)
    return table


def second_genres() -> NDArray[np.float64]:
    """float64[genres, genres]: what a main genre is crossed with."""
    return _table(_GENRES, GENRES, 0.0)


def moods(rng: np.random.Generator) -> NDArray[np.float64]:
    """float64[genres, moods]: fitting ones, some of them more than others in this world."""
    return _leaning(rng, _table(_MOODS, MOODS, _ELSEWHERE), 1.2)


def themes(rng: np.random.Generator) -> NDArray[np.float64]:
    """float64[genres, themes], likewise."""
    return _leaning(rng, _table(_THEMES, tuple(THEMES), _ELSEWHERE / 3), 0.9)


def _leaning(rng: np.random.Generator, table: NDArray[np.float64], evenness: float) -> NDArray[np.float64]:
    leaning = table * rng.standard_gamma(evenness, table.shape).clip(0.05)
    return np.asarray(leaning / leaning.sum(axis=1, keepdims=True))
