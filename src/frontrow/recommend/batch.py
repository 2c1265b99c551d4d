"""Lists for many viewers at once, as a table: for evaluation, mails and files. Nothing is logged as served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import polars as pl

from frontrow.core.clock import format_time
from frontrow.core.horizon import parse_horizon
from frontrow.core.log import Log
from frontrow.core.stages import Stages
from frontrow.recommend.lists import diversified, order, parse_filter
from frontrow.recommend.request import MAX_N, ListRequest
from frontrow.recommend.rooms import Rooms

Line = tuple[Any, ...]
Turn = Callable[[Callable[[Rooms], list[Line]]], list[Line]]
"""Makes one list while no other answer is being made (Engine.between_answers)."""

_log = Log("frontrow")

SCHEMA = {
    "request": pl.Int64,
    "profile_id": pl.String,
    "at": pl.String,
    "rank": pl.Int32,
    "title_id": pl.String,
    "score": pl.Float64,
    "source": pl.String,
}


def recommend_all(
    asked: Sequence[ListRequest], rooms: Rooms, turn: Turn, progress: Callable[[float, str], None] | None = None
) -> pl.DataFrame:
    """One line a title: request (its place in `asked`), profile_id, at (RFC 3339 UTC), rank from 1, title_id, score,
    source. Requests are answered in order of their moment, for popularity is folded forward; the table is in theirs.

    Raises InvalidRecord, naming the request, for a malformed one. What failed behind lists, without which they were
    made, is logged as one warning: the part and the kind of error, not its text, which may quote an id.
    """
    askings = [rooms.asking(request) for request in asked]
    lines: dict[int, list[Line]] = {}
    failed = Counter[str]()
    for done, place in enumerate(sorted(range(len(asked)), key=lambda i: askings[i].now)):
        lines[place] = turn(partial(_one, place, asked[place], failed))
        if progress is not None and done % 64 == 0:
            progress(done / len(asked), f"{done:,} of {len(asked):,} requests")
    if failed:
        _log.warning("lists were made without all that belongs in them", of=len(asked), failed=dict(failed))
    rows = [line for place in range(len(asked)) for line in lines[place]]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _one(place: int, request: ListRequest, failed: Counter[str], rooms: Rooms) -> list[Line]:
    horizon, stages = parse_horizon(request.horizon), Stages()
    ranked = order(rooms.asking(request), request, horizon, parse_filter(request.filter), rooms, stages)
    failed.update(f"{stage}: {why.partition(':')[0]}" for stage, why in stages.failed.items())
    chosen = diversified(ranked, min(request.n, MAX_N), request.diversity)
    numbers, scores = ranked.numbers[chosen], ranked.scores[chosen]
    at, ids = format_time(ranked.viewer.now), ranked.views.catalogue.ids
    sources = ranked.scored.leading(numbers.astype("int64"), horizon)
    return [
        (place, request.profile_id, at, rank, ids[number], float(score), source)
        for rank, (number, score, source) in enumerate(zip(numbers.tolist(), scores, sources, strict=True), 1)
    ]
