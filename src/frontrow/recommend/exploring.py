"""One slot of some pages is left to chance, so that what the models never show is seen, and its worth can be told.

A page is laid whole first. Then, with the probability that `tuning.explore_share` says, the fourth of the top picks
gives way to a title that no row has claimed, each of the POOL best with the same probability. All other slots are as
they would have been, so the page's propensity is that of this slot (experiments.reading.exploration reads it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec.structs import replace

from frontrow.core.horizon import SESSION
from frontrow.core.random import stream
from frontrow.recommend.board import Board
from frontrow.recommend.served import EXPLORE, Chance, ServedRow
from frontrow.recommend.slots import SourceNames

ROW: Final = "top_picks"
COLUMN: Final = 3
"""The fourth: every row has it, and it is on the screen."""
POOL: Final = 50
LEAST: Final = 10
"""Fewer to draw from, and nothing is left to chance."""


def explored(
    rows: Sequence[ServedRow], board: Board, page_id: str, profile_id: str, sources: SourceNames
) -> tuple[list[ServedRow], Chance | None]:
    """The rows, with one slot perhaps another, and what was left to chance; None where nothing was. The draw is by
    page and profile: the same for the same. `board` is the one that the rows were laid on."""
    share, viewer = board.tuning.explore_share, board.viewer
    place = next((place for place, row in enumerate(rows) if row.kind == ROW), None)
    if not share or place is None or viewer.past or board.scored.grounds is None or len(rows[place].sources) <= COLUMN:
        return list(rows), None
    pool = board.best(None, SESSION, POOL)
    if len(pool) < LEAST:
        return list(rows), None
    row, random = rows[place], stream(0, "explore", f"{profile_id}/{page_id}")
    model = int(row.numbers()[COLUMN])
    if random.random() >= share:
        return list(rows), Chance(row.row_id, COLUMN, model, model, False, 1 - share, len(pool))
    title = int(pool[random.integers(len(pool))])
    other = replace(
        row,
        titles=_with(row.titles, "<i4", title),
        scores=_with(row.scores, "<f4", float(board.scores[SESSION][title])),
        sources=_with(row.sources, "u1", sources.number(EXPLORE)),
        because=_with(row.because, "<i4", -1),
    )
    chance = Chance(row.row_id, COLUMN, title, model, True, share / len(pool), len(pool))
    return [*rows[:place], other, *rows[place + 1 :]], chance


def standing(chance: Chance | None, rows: Sequence[ServedRow]) -> Chance | None:
    """What was left to chance, if the rows still hold it there."""
    for row in rows:
        if chance is not None and row.row_id == chance.row_id and len(row.sources) > chance.column:
            return chance if int(row.numbers()[chance.column]) == chance.title else None
    return None


def _with(column: bytes, kind: str, value: float) -> bytes:
    values = np.frombuffer(column, kind).copy()
    values[COLUMN] = value
    return values.tobytes()
