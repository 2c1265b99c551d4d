"""A variation asked for in a page's address: `?EXPERIMENT=NUMBER`, for testing by hand."""

from __future__ import annotations


def forced_by_url(key: str, url: str, count: int) -> int | None:
    """The number that the query of `url` gives experiment `key`, if it is one of `count` variations; else None."""
    query = url.partition("#")[0].partition("?")[2]
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name == key and value.isascii() and value.isdigit() and len(value) < 6:
            number = int(value)
            return number if number < count else None
    return None
