"""An event arrives: the story. Parse → not from the future → one unit: erased? duplicate? consent, append → answer.

Nothing is folded here. Features and popularity are folds of the log, made when they are asked for, so an answer means
that the events are on disk and that every later answer of every process reflects them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from frontrow.core.clock import Micros, format_time
from frontrow.core.errors import InvalidRecord
from frontrow.events.accept import Candidate, Verdict, accept
from frontrow.events.answer import IngestAnswer, RejectedEvent
from frontrow.events.content import check_storable, told_id
from frontrow.events.event import parse_event
from frontrow.events.log import Writer
from frontrow.events.service_clock import ServiceClock


def ingest(raw: Sequence[object], writer: Writer, clock: ServiceClock, default_consent: bool = True) -> IngestAnswer:
    """Takes a batch of untrusted JSON values into the log; a bad one rejects itself only.

    When it returns, the accepted events are synced to disk. `default_consent` is `privacy.default_consent`. Raises
    Unavailable, with nothing of the batch kept, when the log cannot take it now.
    """
    received_at = clock.wall()
    parsed, rejected, unknown = _parse(raw, received_at)
    candidates = _refuse_future(parsed, clock.latest(), rejected)
    verdict = Verdict()
    if candidates:
        now = clock()
        verdict = writer.write(lambda unit: accept(unit, candidates, now, received_at, default_consent))
    rejected += verdict.rejected
    return IngestAnswer(
        accepted=verdict.accepted,
        duplicates=verdict.duplicates,
        rejected=sorted(rejected, key=lambda each: each.index),
        unknown_fields=dict(unknown),
    )


def _parse(raw: Sequence[object], received_at: Micros) -> tuple[list[Candidate], list[RejectedEvent], Counter[str]]:
    parsed: list[Candidate] = []
    rejected: list[RejectedEvent] = []
    unknown: Counter[str] = Counter()
    for index, value in enumerate(raw):
        try:
            check_storable(value)
            event, stray = parse_event(value, received_at)
        except InvalidRecord as error:
            rejected.append(RejectedEvent(index, told_id(value, "event_id"), error.message))
        else:
            parsed.append((index, event))
            unknown.update(stray)
    return parsed, rejected, unknown


def _refuse_future(parsed: list[Candidate], latest: Micros | None, rejected: list[RejectedEvent]) -> list[Candidate]:
    if latest is None:
        return parsed
    kept = []
    for index, event in parsed:
        if event.at > latest:
            message = f"at is more than a day ahead of now (the latest accepted is {format_time(latest)})"
            rejected.append(RejectedEvent(index, event.event_id, message))
        else:
            kept.append((index, event))
    return kept
