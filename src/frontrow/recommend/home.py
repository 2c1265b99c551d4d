"""A page is asked for: the story, top to bottom."""

from __future__ import annotations

from frontrow.core.clock import format_time
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Page
from frontrow.recommend.board import Board
from frontrow.recommend.exploring import explored, standing
from frontrow.recommend.gate import Gate
from frontrow.recommend.laying import lay_rows, scored_board
from frontrow.recommend.render import Renderer
from frontrow.recommend.request import MAX_COLUMNS, MAX_ROWS, MIN_COLUMNS, HomeRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.served import Chance, ServedPage, ServedRow
from frontrow.recommend.slots import SourceNames, keep_promises
from frontrow.recommend.viewer import Viewer, deeds_of
from frontrow.recommend.views import Views


def home(asked: HomeRequest, rooms: Rooms, stages: Stages) -> Page:
    """The home page of a viewer. It is always answered: what fails is left out and named in `degraded`.

    Rows over the cap mean the cap; the page is laid whole and logged, `rows` of it are answered, the rest can be had by
    its id (recommend.further). Raises InvalidRecord for a malformed id or time.
    """
    asking = rooms.asking(asked, asked.language)
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    viewer = stages.attempt("viewer", lambda: rooms.viewer(asking, views), lambda: None)
    columns = max(MIN_COLUMNS, min(asked.columns, MAX_COLUMNS))
    sources, page_id = SourceNames(), rooms.served.new_id("p")
    chance: Chance | None = None
    rows: list[ServedRow] = []
    board: Board | None = None
    if viewer is not None:
        gate = Gate(views.catalogue, viewer)
        board = stages.attempt("score", lambda: scored_board(rooms, views, viewer, gate, columns, stages), lambda: None)
        if board is not None:
            rows = lay_rows(rooms, board, sources, stages)
            if not rooms.staff:
                rows, chance = stages.attempt(
                    "explore", lambda: explored(rows, board, page_id, asked.profile_id, sources), lambda: (rows, None)
                )
        rows = stages.run("gate again", lambda: keep_promises(rows, gate.showable()))
        chance = standing(chance, rows)
    page = ServedPage(
        page_id=page_id,
        profile_id=asked.profile_id,
        now=asking.now,
        offset=views.offset,
        model=(viewer and viewer.arm.model) or views.model_version,
        degraded=rooms.degraded(views, stages, viewer),
        country=asked.country,
        language=asked.language,
        device=asked.device,
        context=asked.context,
        asked="home",
        columns=columns,
        shown=min(asked.rows, MAX_ROWS),
        sources=sources.names,
        rows=rows,
        experiments=viewer.arm.counted if viewer else {},
        took_ms=stages.elapsed_ms(),
        deeds=deeds_of(viewer) if viewer else 0,
        propensity=chance.propensity if chance else 1.0,
        chance=chance,
    )
    stages.attempt("log", lambda: rooms.log_served(page, viewer, board.scored if board else None), lambda: None)
    return stages.run("render", lambda: _render(asked, page, views, viewer, rooms.degraded(views, stages, viewer)))


def _render(asked: HomeRequest, page: ServedPage, views: Views, viewer: Viewer | None, degraded: str | None) -> Page:
    shown = []
    arms = viewer.arm.experiments if viewer else {}
    if viewer is not None:
        shown = Renderer(views.catalogue, viewer.language, viewer.seen).rows(page.rows[: page.shown], page.sources)
    return Page(page.page_id, asked.profile_id, format_time(page.now), page.model, degraded, arms, shown)
