"""Viewers' tags as weights of titles.

The weight of a tag is the share of the title's taggers who gave it, shrunk by one imagined tagger who gave none:
viewers with the tag / (viewers who tagged the title + 1). So a tag by the only tagger weighs 0.5, and what nine of ten
wrote 0.82. Each viewer counts once a tag; case and spaces are folded; the 30 heaviest of a title are kept.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from frontrow.importers.movielens_files import Broken, rows_of

KEPT_TAGS = 30
MAX_TAG = 200
"""Longest tag kept, in characters; longer ones are notes to oneself."""


def tags_by_title(path: Path, separator: str, broken: Broken) -> dict[str, dict[str, float]]:
    """Tags with their weights (0..1) by title, heaviest first; empty where the set has no tags."""
    if not path.is_file():
        return {}
    viewers: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for _, (viewer, title, *words) in rows_of(path, separator, 4, broken):
        tag = " ".join(separator.join(words[:-1]).split()).casefold()
        if 0 < len(tag) <= MAX_TAG:
            viewers[title.strip()][tag].add(viewer)
    return {title: _weigh(given) for title, given in viewers.items()}


def _weigh(given: dict[str, set[str]]) -> dict[str, float]:
    taggers = len(set().union(*given.values())) + 1
    heaviest = sorted(given.items(), key=lambda item: (-len(item[1]), item[0]))[:KEPT_TAGS]
    return {tag: round(len(who) / taggers, 4) for tag, who in heaviest}
