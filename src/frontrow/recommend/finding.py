"""Titles like a title, and titles that match a query."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import NotFound
from frontrow.core.horizon import SESSION
from frontrow.core.ids import check_id
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Slate
from frontrow.recommend.board import Shelf
from frontrow.recommend.gate import Gate
from frontrow.recommend.lists import serve_list
from frontrow.recommend.request import MAX_SEARCH, MAX_SIMILAR, SearchRequest, SimilarRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.scoring import unscored
from frontrow.recommend.slots import SourceNames, fill_slots
from frontrow.recommend.tuning import Tuning
from frontrow.recommend.viewer import Asking, Viewer
from frontrow.recommend.views import Views

EPISODE_SHARE = 0.5
"""What a match of an episode counts for its series."""


def similar(title_id: str, asked: SimilarRequest, rooms: Rooms, stages: Stages) -> Slate:
    """Titles most like `title_id`, never itself, seen ones included. NotFound if there is no such title."""
    views, viewer, gate = _enter(asked.profile_id, rooms, stages)
    number = views.catalogue.number.get(title_id)
    if number is None or views.catalogue.titles[number] is None:
        raise NotFound(f"there is no title {title_id}")
    whole = int(views.catalogue.series_of[number])
    open_titles = gate.showable()
    about = whole if open_titles[whole] else -1
    open_titles[[number, whole]] = False
    numbers, scores = stages.run(
        "like", lambda: views.likeness_of(viewer.arm.model).of_open(whole, open_titles, min(asked.n, MAX_SIMILAR))
    )
    shelf = Shelf("similar", "", numbers, scores, "like", because=about)
    return _answer(shelf, "similar", views, viewer, rooms, stages)


def search(asked: SearchRequest, rooms: Rooms, stages: Stages) -> Slate:
    """Titles that match the words asked, best match first; seen and hidden ones too. What an episode matches finds its
    series. No words: nothing."""
    views, viewer, gate = _enter(asked.profile_id, rooms, stages)
    tuning = viewer.arm.tuning
    match = stages.run("match", lambda: _match(asked.q, views, tuning))
    eligible = gate.showable(hidden=True) & (match > 0)
    found = np.flatnonzero(eligible)
    if len(found):
        fresh = gate.showable(seen=False)
        scored = stages.run("score", lambda: rooms.score(views, viewer, (SESSION,), fresh, eligible))
        order = np.argsort(
            -(match[found] * (1 + tuning.search_personal_share * _rank(scored.blended[SESSION][found]))),
            kind="stable",
        )
        found = found[order]
    found = found[: min(asked.n, MAX_SEARCH)]
    return _answer(Shelf("search", "", found, match[found], "search"), "search", views, viewer, rooms, stages)


def _match(words: str, views: Views, tuning: Tuning) -> NDArray[np.float32]:
    """How well titles match, float32[titles]: a series by its best episode too, for EPISODE_SHARE of that."""
    match, series_of = views.search.match(words, views.catalogue.size, tuning), views.catalogue.series_of
    episodes = np.flatnonzero((match > 0) & (series_of != np.arange(len(match))))
    np.maximum.at(match, series_of[episodes], EPISODE_SHARE * match[episodes])
    return match


def _enter(profile_id: str | None, rooms: Rooms, stages: Stages) -> tuple[Views, Viewer, Gate]:
    if profile_id is not None:
        check_id(profile_id, "/profile_id")
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    viewer = stages.run("viewer", lambda: rooms.viewer(Asking(profile_id, rooms.clock()), views))
    return views, viewer, Gate(views.catalogue, viewer)


def _answer(shelf: Shelf, asked: str, views: Views, viewer: Viewer, rooms: Rooms, stages: Stages) -> Slate:
    sources, nothing = SourceNames(), np.zeros(0, bool)
    row = fill_slots([shelf], unscored(nothing, ()), sources, nothing)[0]
    return serve_list(row, sources.names, views, viewer, viewer.profile_id, rooms, stages, asked)


def _rank(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Scores as ranks from 1 (best) down to 0."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.linspace(1, 0, len(scores))
    return ranks
