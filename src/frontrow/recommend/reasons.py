"""Why a title is there, in words.

A reason states what led to the choice: the source that counted most and, of what the viewer knows, the title that spoke
for it most. Where neither is known it claims nothing more than "popular" or "picked".
"""

from __future__ import annotations

from collections.abc import Callable

from frontrow.recommend.answers import Reason

TOP = "Top 10"
"""What headings of the ten most watched begin with: the rest says where and when."""

MOMENT = "Watched more at moments like this"
"""Of what suits a moment, where nothing of it can be named to a viewer."""

TOGETHER = frozenset({"linear", "follow", "transitions"})
"""Sources that go by who watched what with what, or after what."""

_OF_ROW = {
    "resume": "Continue where you stopped",
    "listed": "On your list",
    "trending": "Trending now",
    "new": "Added recently",
    "leaving_soon": "Leaving soon",
    "watch_again": "You enjoyed this before",
    "right_now": MOMENT,
}
_OF_SOURCE = {
    "popular": ("popular", "Popular now"),
    "popular_country": ("popular_in_country", "Popular in your country"),
    "fresh": ("newer", "Newer than most"),
    "explore": ("explore", "Something different"),
    "context": ("right_now", "Suits the moment better than most"),
    "leads_on": ("goes_on", "Goes on from what you watched last"),
    "sitting": ("goes_on", "Goes with what you watched just now"),
}
_AGAINST = {
    "popular": "Less popular now than most",
    "popular_country": "Less popular in your country than most",
    "fresh": "Added longer ago than most",
    "content": "Less like what you watched than most",
    "leads_on": "Goes on from what you watched last less than most",
    "sitting": "Goes with what you watched just now less than most",
}


def against(source: str) -> str:
    """What a source says of a title that it speaks against: it ranks lower for it than most would."""
    return _AGAINST.get(source, "Watched less than most by viewers who watch what you do")


def rank_reason(heading: str, column: int) -> Reason:
    """The reason of an item among the ten most watched, in the words of the row's heading."""
    return Reason("top10", f"Number {column + 1}{heading.removeprefix(TOP)}")


def reason_for(
    code: str, source: str, because: int, name_of: Callable[[int], str], id_of: Callable[[int], str]
) -> Reason:
    """The reason of one item. `code` is the row's own ("": by source); `because` a title number or −1."""
    if code in _OF_ROW:
        return Reason(code, _OF_ROW[code])
    if code == "like":
        text = f"Like {name_of(because)}" if because >= 0 else "Like the title you asked about"
        return Reason(code, text, [id_of(because)] if because >= 0 else [])
    if code == "because_you_watched" or (because >= 0 and source in TOGETHER):
        return Reason("because_you_watched", f"Because you watched {name_of(because)}", [id_of(because)])
    if because >= 0 and source == "content":
        return Reason("like_what_you_watched", f"Like {name_of(because)}, which you watched", [id_of(because)])
    if source in _OF_SOURCE:
        return Reason(*_OF_SOURCE[source])
    return Reason("picked", "Picked for this page")
