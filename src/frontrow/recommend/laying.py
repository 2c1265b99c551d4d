"""Laying rows: for a page that is asked for, and for the part of one that nobody has seen yet."""

from __future__ import annotations

from collections.abc import Sequence

from frontrow.core.horizon import MONTH, SESSION
from frontrow.core.stages import Stages
from frontrow.recommend.board import Board
from frontrow.recommend.gate import Gate
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.rows import RowMaker, arranged
from frontrow.recommend.scoring import unscored
from frontrow.recommend.served import ServedRow
from frontrow.recommend.slots import SourceNames, fill_slots
from frontrow.recommend.viewer import Viewer
from frontrow.recommend.views import Views


def scored_board(
    rooms: Rooms, views: Views, viewer: Viewer, gate: Gate, columns: int, stages: Stages,
    standing: Sequence[ServedRow] = (),
) -> Board:  # fmt: skip
    """Sources, gate, scores for the horizons that rows are for; `standing` are rows that are on the page already."""
    open_titles, fresh = gate.showable(), gate.showable(seen=False)
    scored = stages.attempt(
        "sources",
        lambda: rooms.score(views, viewer, (SESSION, MONTH), fresh),
        lambda: unscored(fresh, (SESSION, MONTH)),
    )
    stages.failed.update(scored.failed)
    return Board(views, viewer, gate, scored, columns, open_titles, fresh, standing)


def lay_rows(rooms: Rooms, board: Board, sources: SourceNames, stages: Stages) -> list[ServedRow]:
    """Rows in their order, with reasons; one that fails is left out."""

    def lay(maker: RowMaker) -> None:
        for shelf in maker(board):
            board.lay(shelf)

    for maker in arranged(rooms.rows, board.tuning):
        stages.attempt(f"row {maker.__name__}", lambda maker=maker: lay(maker), lambda: None)  # type: ignore[misc]
    return stages.attempt(
        "reasons",
        lambda: fill_slots(board.shelves, board.scored, sources, board.open, len(board.standing)),
        list,
    )
