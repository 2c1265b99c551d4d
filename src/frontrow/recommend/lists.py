"""Lists: the best titles for a viewer, or a given set of titles in a viewer's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.filters import Filter
from frontrow.core.clock import format_time
from frontrow.core.errors import InvalidRecord
from frontrow.core.horizon import Horizon, parse_horizon
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Dropped, RankedSlate, Slate
from frontrow.recommend.board import Shelf
from frontrow.recommend.diversity import diversify
from frontrow.recommend.gate import Gate
from frontrow.recommend.render import Renderer
from frontrow.recommend.request import MAX_N, ListRequest, RankRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.scoring import Scored
from frontrow.recommend.served import ServedPage, ServedRow
from frontrow.recommend.slots import SourceNames, fill_slots
from frontrow.recommend.viewer import Asking, Viewer
from frontrow.recommend.views import Views


@dataclass(frozen=True)
class Ranked:
    """A viewer's order of titles: numbers best first, with their blended scores, before anything is cut off."""

    views: Views
    viewer: Viewer
    gate: Gate
    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    scored: Scored
    horizon: Horizon


def recommendations(asked: ListRequest, rooms: Rooms, stages: Stages) -> Slate:
    """The best min(n, eligible) titles for the horizon. Raises InvalidRecord for a malformed request."""
    horizon, only = parse_horizon(asked.horizon), parse_filter(asked.filter)
    asking = rooms.asking(asked)
    ranked = order(asking, asked, horizon, only, rooms, stages)
    n = min(asked.n, MAX_N)
    chosen = diversified(ranked, n, asked.diversity)
    return _slate(ranked, chosen, asked.profile_id, rooms, stages, "recommendations")


def rank(asked: RankRequest, rooms: Rooms, stages: Stages) -> RankedSlate:
    """The given titles in the viewer's order, and those that may not be shown, each with its first reason."""
    horizon, only = parse_horizon(asked.horizon), parse_filter(asked.filter)
    asking = rooms.asking(asked)
    views = stages.run("views", rooms.views.fresh)
    viewer = stages.run("viewer", lambda: rooms.viewer(asking, views))
    gate, excluded = Gate(views.catalogue, viewer), frozenset(asked.exclude_ids)
    wanted, dropped = np.zeros(views.catalogue.size, bool), []
    for title_id in dict.fromkeys(asked.title_ids):
        if drops := gate.drops(title_id, seen=True, excluded=excluded, only=only):
            dropped.append(Dropped(title_id, drops[0].reason))
        else:
            wanted[views.catalogue.number[title_id]] = True
    eligible = wanted & gate.showable()
    ranked = _order(views, viewer, gate, eligible, gate.showable(seen=False), horizon, rooms, stages)
    chosen = diversified(ranked, len(ranked.numbers), asked.diversity)
    slate = _slate(ranked, chosen, asked.profile_id, rooms, stages, "rank")
    return RankedSlate(**{name: getattr(slate, name) for name in Slate.__struct_fields__}, dropped=dropped)


def order(
    asking: Asking, asked: ListRequest, horizon: Horizon, only: Filter | None, rooms: Rooms, stages: Stages
) -> Ranked:
    """All eligible titles in the viewer's order."""
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    viewer = stages.run("viewer", lambda: rooms.viewer(asking, views))
    gate = Gate(views.catalogue, viewer)
    fresh = gate.showable(seen=False)
    eligible = gate.showable() if asked.include_seen else fresh.copy()
    number = views.catalogue.number
    eligible[[number[each] for each in asked.exclude_ids if each in number]] = False
    if only is not None:
        eligible = only.mask(views.catalogue, eligible)
    return _order(views, viewer, gate, eligible, fresh, horizon, rooms, stages)


def _order(
    views: Views, viewer: Viewer, gate: Gate, eligible: NDArray[np.bool_], fresh: NDArray[np.bool_], horizon: Horizon,
    rooms: Rooms, stages: Stages,
) -> Ranked:  # fmt: skip
    scored = stages.run("score", lambda: rooms.score(views, viewer, (horizon,), fresh, eligible))
    stages.failed.update(scored.failed)
    numbers = np.flatnonzero(eligible)
    scores = scored.blended[horizon][numbers]
    best = np.argsort(-scores, kind="stable")
    return Ranked(views, viewer, gate, numbers[best], scores[best], scored, horizon)


def diversified(ranked: Ranked, n: int, asked: float | None) -> NDArray[np.int64]:
    """Positions of `n` of the ranked titles; where a request asks for no `diversity`, by the viewer's tuning."""
    diversity = ranked.viewer.arm.tuning.list_diversity if asked is None else asked
    return diversify(ranked.numbers, ranked.scores, ranked.views.vectors, n, diversity)


def _slate(
    ranked: Ranked, chosen: NDArray[np.int64], profile_id: str, rooms: Rooms, stages: Stages, asked: str
) -> Slate:
    shelf = Shelf("list", "", ranked.numbers[chosen], ranked.scores[chosen], horizon=ranked.horizon)
    sources = SourceNames()
    rows = stages.run("reasons", lambda: fill_slots([shelf], ranked.scored, sources, ranked.gate.showable()))
    return serve_list(
        rows[0], sources.names, ranked.views, ranked.viewer, profile_id, rooms, stages, asked, ranked.scored
    )


def serve_list(
    row: ServedRow, sources: Sequence[str], views: Views, viewer: Viewer, profile_id: str | None, rooms: Rooms,
    stages: Stages, asked: str, scored: Scored | None = None,
) -> Slate:  # fmt: skip
    """Logs a list and renders it; `scored` is what its order came from, if scores did."""
    page = ServedPage(
        page_id=rooms.served.new_id("l"),
        profile_id=profile_id,
        now=viewer.now,
        offset=views.offset,
        model=viewer.arm.model or views.model_version,
        degraded=rooms.degraded(views, stages, viewer),
        country=viewer.place.country,
        language=viewer.language,
        device=viewer.device,
        context=viewer.context,
        asked=asked,
        columns=len(row.sources),
        shown=1,
        sources=list(sources),
        rows=[row],
        experiments=viewer.arm.counted,
    )
    stages.attempt("log", lambda: rooms.log_served(page, viewer, scored), lambda: None)
    items = stages.run(
        "render", lambda: Renderer(views.catalogue, viewer.language, viewer.seen).items([row], page.sources)
    )
    degraded, arms = rooms.degraded(views, stages, viewer), viewer.arm.experiments
    return Slate(page.page_id, profile_id, format_time(page.now), page.model, degraded, arms, items)


def parse_filter(raw: object) -> Filter | None:
    """A request's filter, None if it has none; InvalidRecord where it is malformed."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise InvalidRecord("filter must be an object", "/filter")
    return Filter(raw)
