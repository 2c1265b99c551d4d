"""Lists of titles."""

from __future__ import annotations

from frontrow.api.route import Call
from frontrow.recommend.answers import RankedSlate, Slate


def recommendations(call: Call) -> Slate:
    """The best titles for a profile."""
    return call.engine.recommendations(call.asked)


def rank(call: Call) -> RankedSlate:
    """Given titles in order."""
    return call.engine.rank(call.asked)


def similar(call: Call) -> Slate:
    """Titles like one."""
    return call.engine.similar(call.ids[0], call.asked)


def search(call: Call) -> Slate:
    """Titles that match a query."""
    return call.engine.search(call.asked)
