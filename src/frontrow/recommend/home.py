"""A page is asked for: the story, top to bottom."""

from __future__ import annotations

from frontrow.core.clock import format_time
from frontrow.core.horizon import MONTH, SESSION
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Page
from frontrow.recommend.board import Board
from frontrow.recommend.gate import Gate
from frontrow.recommend.render import Renderer
from frontrow.recommend.request import MAX_COLUMNS, MAX_ROWS, MIN_COLUMNS, HomeRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.rows import RowMaker, arranged
from frontrow.recommend.scoring import unscored
from frontrow.recommend.served import ServedPage, ServedRow
from frontrow.recommend.slots import SourceNames, fill_slots, keep_promises
from frontrow.recommend.viewer import Viewer
from frontrow.recommend.views import Views


def home(asked: HomeRequest, rooms: Rooms, stages: Stages) -> Page:
    """The home page of a viewer. It is always answered: what fails is left out and named in `degraded`.

    Rows over the cap mean the cap; the page is laid whole and logged, `rows` of it are answered, the rest can be had
    by its id. Raises InvalidRecord for a malformed id or time.
    """
    asking = rooms.asking(asked, asked.language)
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    viewer = stages.attempt("viewer", lambda: rooms.viewer(asking, views), lambda: None)
    columns = max(MIN_COLUMNS, min(asked.columns, MAX_COLUMNS))
    sources = SourceNames()
    rows: list[ServedRow] = []
    board: Board | None = None
    if viewer is not None:
        gate = Gate(views.catalogue, viewer)
        board = stages.attempt("score", lambda: _score(rooms, views, viewer, gate, columns, stages), lambda: None)
        if board is not None:
            _lay(rooms, board, stages)
            rows = stages.attempt("reasons", lambda: fill_slots(board.shelves, board.scored, sources, board.open), list)
        rows = stages.run("gate again", lambda: keep_promises(rows, gate.showable()))
    page = ServedPage(
        page_id=rooms.served.new_id("p"),
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
    )
    stages.attempt("log", lambda: rooms.log_served(page, viewer, board.scored if board else None), lambda: None)
    return stages.run("render", lambda: _render(asked, page, views, viewer, rooms.degraded(views, stages, viewer)))


def _score(rooms: Rooms, views: Views, viewer: Viewer, gate: Gate, columns: int, stages: Stages) -> Board:
    """Sources, gate, scores for the horizons that rows are for."""
    open_titles, fresh = gate.showable(), gate.showable(seen=False)
    scored = stages.attempt(
        "sources",
        lambda: rooms.score(views, viewer, (SESSION, MONTH), fresh),
        lambda: unscored(fresh, (SESSION, MONTH)),
    )
    stages.failed.update(scored.failed)
    return Board(views, viewer, gate, scored, columns, open_titles, fresh)


def _lay(rooms: Rooms, board: Board, stages: Stages) -> None:
    """Rows in their order; one that fails is left out."""

    def lay(maker: RowMaker) -> None:
        for shelf in maker(board):
            board.lay(shelf)

    for maker in arranged(rooms.rows, board.tuning):
        stages.attempt(f"row {maker.__name__}", lambda maker=maker: lay(maker), lambda: None)  # type: ignore[misc]


def _render(asked: HomeRequest, page: ServedPage, views: Views, viewer: Viewer | None, degraded: str | None) -> Page:
    shown = []
    arms = viewer.arm.experiments if viewer else {}
    if viewer is not None:
        shown = Renderer(views.catalogue, viewer.language, viewer.seen).rows(page.rows[: page.shown], page.sources)
    return Page(page.page_id, asked.profile_id, format_time(page.now), page.model, degraded, arms, shown)
