"""The features that a blend joins, by row, and the sources that viewers are told of."""

from __future__ import annotations

FEATURES = (
    "linear", "watched", "watched_recent", "follow", "transitions", "content",
    "popular_2", "popular_7", "popular_30", "popular_ever", "country", "fresh",
    "sequence_next", "sequence_session", "sequence_days",
    "context",
    "leads_on", "sitting",
)  # fmt: skip
"""Names of the rows of scores: new rows go to the end, artifacts name theirs."""

ROW = {name: row for row, name in enumerate(FEATURES)}

SOURCE_OF = {name: name for name in FEATURES} | {
    "watched": "linear", "watched_recent": "linear",
    "popular_2": "popular", "popular_7": "popular", "popular_30": "popular", "popular_ever": "popular",
    "country": "popular_country",
    "sequence_next": "sequence", "sequence_session": "sequence", "sequence_days": "sequence",
}  # fmt: skip
"""Several features may be one source: popularity of the last days and of ever."""

SOURCES = tuple(dict.fromkeys(SOURCE_OF.values()))

FACETS = {
    "linear": ("linear",),
    "transitions": ("follow", "transitions", "leads_on"),
    "sequence": ("sequence",),
    "sitting": ("sitting",),
    "content": ("content",),
    "context": ("context",),
    "popularity": ("popular", "popular_country"),
    "freshness": ("fresh",),
}
"""What a viewer's choice may be told from, and the sources that tell it: each source is of one facet. How much a facet
is worth is measured by joining the others without it."""
