"""MovieLens names: "Matrix, The (1999)" is The Matrix of 1999."""

from __future__ import annotations

import re

_YEAR = re.compile(r"\s*\((\d{4})(?:\s?[-–]\s?(?:\d{4})?)?\)\s*$")
_ARTICLES = (
    "the|a|an|la|le|les|l'|il|lo|i|gli|el|los|las|der|die|das|den|det|de|het|ein|eine|un|une|una|uno|o|os|as|en|ett"
)
_ARTICLE_LAST = re.compile(rf"^(?P<name>.+), (?P<article>{_ARTICLES})$", re.I)
_BRACKETS = re.compile(r"\(([^()]+)\)")


def split_name(text: str) -> tuple[str, int | None]:
    """The name as it is spoken, and the year at its end (the first of a span), if there is one."""
    text = text.strip()
    year = None
    match = _YEAR.search(text)
    if match and match.start() > 0:
        text, year = text[: match.start()], int(match[1])
    head, bracket, rest = text.partition(" (")
    if bracket:  # other names stand in brackets, each with an article of its own
        rest = _BRACKETS.sub(lambda other: f"({_article_first(other[1])})", bracket.lstrip() + rest)
        return f"{_article_first(head)} {rest}", year
    return _article_first(text), year


def _article_first(name: str) -> str:
    match = _ARTICLE_LAST.match(name.strip())
    if not match:
        return name.strip()
    article = match["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{match['name']}"
