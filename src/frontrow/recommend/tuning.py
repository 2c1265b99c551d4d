"""What pages and lists are tuned by: resolved for each request, so that an experiment's arm may override it.

All of it is in this record, and is read from the viewer's arm where it is used: no other setting can differ between
viewers. docs/experiments.md has the table, and says of every other setting why it is not in it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec

RowName = Literal[
    "continue_watching", "top_picks", "right_now", "trending", "because_you_watched", "my_list", "top10",
    "new_releases", "leaving_soon", "genres", "hidden_gems", "watch_again", "genre_pairs",
]  # fmt: skip
"""The makers of rows (`wiring.ROWS`)."""
OptionalRow = Literal[
    "top_picks", "right_now", "trending", "because_you_watched", "top10", "new_releases", "leaving_soon", "genres",
    "hidden_gems", "watch_again", "genre_pairs",
]  # fmt: skip
"""Those that a page may go without; the others are on it whenever they have an item."""
SourceName = Literal[
    "linear", "follow", "transitions", "content", "popular", "popular_country", "fresh", "sequence", "context",
    "leads_on", "sitting",
]  # fmt: skip
"""The sources of scores (`models/names.py`)."""
OutcomeName = Literal["play", "minutes", "finish", "thumbs_up", "abandon"]
"""What may come of a title (`models/outcomes/model.py`)."""


def _of(text: str, **bounds: Any) -> msgspec.Meta:
    return msgspec.Meta(**bounds, extra_json_schema={"description": text})


class Tuning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tunables of pages and lists (`[tuning]`); arms override them as `tuning.NAME`."""

    rows_first: Annotated[
        tuple[RowName, ...],
        _of("Rows that come first on a page, in this order; the others follow in theirs. Earlier rows choose first."),
    ] = ()
    rows_without: Annotated[tuple[OptionalRow, ...], _of("Rows that pages go without.")] = ()
    because_rows: Annotated[int, _of('Rows of "because you watched" on one page.', ge=0, le=20)] = 4
    new_days: Annotated[int, _of("New releases joined the catalogue in so many days.", ge=1, le=3650)] = 60
    new_most_share: Annotated[
        float, _of("When more of the catalogue than this share is new, there is no row of new releases.", ge=0, le=1)
    ] = 0.5
    leaving_days: Annotated[int, _of("Leaving soon means within so many days.", ge=1, le=365)] = 14
    trend_days: Annotated[Literal[2, 7], _of("Half-life in days of the views that make a title trend.")] = 2
    top_days: Annotated[int, _of("Days whose views make the top 10.", ge=1, le=90)] = 7
    top_country_views: Annotated[
        int, _of("Views in those days below which a country has no top 10 of its own.", ge=0, le=1_000_000)
    ] = 50
    gems_share: Annotated[
        float, _of("Hidden gems are among this share of the titles ever watched, the least watched.", ge=0.01, le=1)
    ] = 0.5
    again_days: Annotated[int, _of("Days after which what was liked is offered to watch again.", ge=30, le=3650)] = 30
    genre_pairs: Annotated[int, _of("Rows where two genres meet: among the viewer's first so many.", ge=0, le=20)] = 5
    history: Annotated[int, _of("Of a viewer's interactions the latest so many count.", ge=1, le=500)] = 500
    source_factors: Annotated[
        dict[SourceName, Annotated[float, msgspec.Meta(ge=0, le=5)]],
        _of(
            "What the part of a source in the blend is multiplied by, 1 where none is given. Sources: "
            f"{', '.join(get_args(SourceName))}."
        ),
    ] = {}
    session_intent: Annotated[
        float,
        _of(
            "How far what was opened or played in the running session moves scores towards its genres, in their "
            "standard deviations; 0: not at all.",
            ge=0,
            le=5,
        ),
    ] = 0.2
    less_like: Annotated[
        float,
        _of(
            "How far titles come down of which a viewer asked for fewer (`less_like`), in the scores' own unit, log "
            "odds, for a title that is all alike; 0: not at all.",
            ge=0,
            le=20,
        ),
    ] = 3.0
    outcome_weights: Annotated[
        dict[OutcomeName, Annotated[float, msgspec.Meta(ge=-10, le=10)]],
        _of(
            "What a title's play is worth, which orders titles beside how likely it is: the sum of these weights, each "
            "by what is forecast of it if it is played; `minutes` counts hours. Not given: 1 for `play`, 0 for the "
            f"others. Outcomes: {', '.join(get_args(OutcomeName))}. What the log does not tell counts for nothing."
        ),
    ] = {}
    explore_share: Annotated[
        float,
        _of(
            "Share of pages whose fourth top pick is left to chance: a title of the best 50 that the page has no place "
            "for. What comes of it: frontrow experiment explored.",
            ge=0,
            le=0.5,
        ),
    ] = 0.0
    list_diversity: Annotated[
        float, _of("Variety of lists whose request says none: 0 by score alone, 1 by distance alone.", ge=0, le=1)
    ] = 0.0
    search_personal_share: Annotated[
        float, _of("How far a viewer's own scores move the order of what a search finds.", ge=0, le=5)
    ] = 0.2
    search_beginning: Annotated[
        float, _of("What a word that only begins as typed counts in a search, a whole one counting 1.", ge=0, le=1)
    ] = 0.6
    search_nearly: Annotated[
        float, _of("What a word with a letter wrong counts in a search that finds nothing better.", ge=0, le=1)
    ] = 0.3
