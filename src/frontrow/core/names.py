"""A name that is none, and the one that may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

CHOICE: Final = 0.4
"""How like a name has to be where somebody chose among a few."""


def nearest(name: str, known: Iterable[str], like: float = CHOICE) -> str | None:
    """Which of the known names may have been meant: the most alike, from `like` (0..1) on; else one that shares a word
    between underscores, or begins so. None where there is no such."""
    words = list(known)
    if found := difflib.get_close_matches(name, words, 1, like):
        return found[0]
    parts = set(name.split("_"))
    within = (each for each in sorted(words) if each.startswith(name) or parts & set(each.split("_")))
    return next(within, None) if name else None
