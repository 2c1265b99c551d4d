"""Handing records to the target by the chunk, and counting what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from frontrow.events.event import Event
from frontrow.importers.report import Count, ImportReport
from frontrow.importers.target import ImportTarget, Taken

CHUNK = 20_000
"""Events of one atomic write: a live server's own writes wait for one at most (about a tenth of a second)."""
RECORDS = 2_000
"""Titles or profiles of one atomic write."""

R = TypeVar("R")


def last_of_each(
    placed: Iterable[tuple[str, R]], id_of: Callable[[R], str], count: Count, report: ImportReport
) -> list[tuple[str, R]]:
    """Records with their places, in the order in which their ids first appeared; of equal ids the last, and said so."""
    kept: dict[str, tuple[str, R]] = {}
    for place, record in placed:
        name = id_of(record)
        if before := kept.get(name):
            report.repeat(count, before[0], f"id {name!r} appears again at {place}, and that record counts")
        kept[name] = (place, record)
    return list(kept.values())


def put_all(
    placed: Sequence[tuple[str, R]], put: Callable[[Sequence[R]], Taken], count: Count, report: ImportReport
) -> None:
    """Writes titles or profiles that come with their places."""
    for start in range(0, len(placed), RECORDS):
        part = placed[start : start + RECORDS]
        _tally(put([record for _, record in part]), count, report, [place for place, _ in part])


def append_chunk(
    events: Sequence[Event],
    lines: Sequence[int],
    place: Callable[[int], str],
    target: ImportTarget,
    report: ImportReport,
) -> None:
    """Writes events; `place` of its line is where each came from."""
    taken = target.append_events(events)
    _tally(taken, report.events, report, _Places(lines, place))
    refused = {each.index for each in taken.refused}
    if held := [event.at for index, event in enumerate(events) if index not in refused]:
        report.saw(max(held))


class _Places:
    """Places made when asked for: nearly all events are sound."""

    def __init__(self, lines: Sequence[int], place: Callable[[int], str]) -> None:
        self._lines = lines
        self._place = place

    def __getitem__(self, index: int) -> str:
        return self._place(self._lines[index])


def _tally(taken: Taken, count: Count, report: ImportReport, places: _Places | list[str]) -> None:
    count.accepted += taken.accepted
    count.duplicates += taken.duplicates
    for refused in taken.refused:
        report.reject(count, places[refused.index], refused.message)
