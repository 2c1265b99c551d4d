"""What events said of the moment in free fields (`context`): read for training alone, and only where something is said.

Offsets are never given twice, so that no reading of the log and the lake as one moment has them is needed here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.events.event import TYPE_NUMBER
from frontrow.storage.lake.rows import FETCH
from frontrow.storage.lake.table import MEND, LakeTable

_HOLDS: Final = '"context":'
"""In the text of every `rest` with a context."""
_PLAYED: Final = tuple(TYPE_NUMBER[name] for name in ("play", "progress", "stop"))
_WHERE: Final = f"type IN ({', '.join(map(str, _PLAYED))}) AND instr(rest, '{_HOLDS}')"
_TAIL: Final = " ".join(("SELECT offset, rest FROM events WHERE offset > ? AND offset <= ? AND learn AND", _WHERE))


class _Rest(msgspec.Struct, gc=False):
    context: dict[str, Any] | None = None


_decode: Final = msgspec.json.Decoder(_Rest).decode


def contexts_of(
    table: LakeTable, connection: sqlite3.Connection, offsets: NDArray[np.int64], tries: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(offset, context) of those events at `offsets` that came with one: of the lake, and of the log after it."""
    wanted = np.unique(offsets)
    if not len(wanted):
        return
    laid, end = _laid(table, wanted, tries)
    for part in laid:
        yield from _decoded(zip(part["offset"].to_list(), part["rest"], strict=True))
    cursor = connection.execute(_TAIL, (end, int(wanted[-1])))
    while rows := cursor.fetchmany(FETCH):
        told = np.isin([row[0] for row in rows], wanted)
        yield from _decoded(row for row, inside in zip(rows, told.tolist(), strict=True) if inside)


def _decoded(rows: Iterator[tuple[int, str]]) -> Iterator[tuple[int, dict[str, Any]]]:
    for offset, rest in rows:
        if context := _decode(rest).context:
            yield offset, context


def _laid(table: LakeTable, wanted: NDArray[np.int64], tries: int) -> tuple[list[pl.DataFrame], int]:
    """Offset and `rest` of the lake's rows that hold a context, and the offset that it stands at."""
    gone: Exception | None = None
    for _ in range(tries if table.exists else 0):
        state = table.state()
        try:
            return [
                table.read(file, ["offset", "type", "rest"])
                .filter(
                    pl.col("type").is_in(_PLAYED) & pl.col("rest").str.contains(_HOLDS, literal=True)
                )
                .filter(pl.col("offset").is_in(pl.Series(wanted).implode()))
                .select("offset", "rest")
                for file in state.files
            ], state.offset  # fmt: skip
        except (FileNotFoundError, pl.exceptions.ComputeError) as error:
            gone = error  # swept away after this version was looked up: the next one does without it
    if gone is not None:
        raise FrontrowError(f"The lake in {table.folder} could not be read: {gone}", MEND)
    return [], 0
