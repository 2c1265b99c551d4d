"""Which events of a batch enter the log: the part of an event's story that happens inside one atomic unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from frontrow.core.clock import Micros, format_time
from frontrow.events.answer import RejectedEvent
from frontrow.events.content import same_content
from frontrow.events.event import Event
from frontrow.events.log import Unit

Candidate = tuple[int, Event]
"""An event and its place in the batch."""


@dataclass
class Verdict:
    """What became of a batch."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[RejectedEvent] = field(default_factory=list)

    def refuse(self, index: int, event: Event, message: str) -> None:
        self.rejected.append(RejectedEvent(index, event.event_id, message))


def accept(
    unit: Unit, candidates: Sequence[Candidate], now: Micros, wall: Micros, default_consent: bool, any_age: bool = False
) -> Verdict:
    """Appends what is new of `candidates`; counts duplicates; rejects events of forgotten profiles and ids in use.

    `now` is the service's time (unknown profiles are created then), `wall` when the log took the events up. With
    `any_age` ids of events that have left the log for their age are duplicates too.
    """
    verdict = Verdict()
    alive = _refuse_erased(unit, candidates, verdict)
    fresh = _drop_duplicates(unit, alive, verdict, any_age)
    _append(unit, fresh, now, wall, default_consent)
    verdict.accepted = len(fresh)
    return verdict


def _refuse_erased(unit: Unit, candidates: Sequence[Candidate], verdict: Verdict) -> Sequence[Candidate]:
    erased = unit.erased_at([event.profile_id for _, event in candidates])
    if not erased:
        return candidates
    alive = []
    for index, event in candidates:
        until = erased.get(event.profile_id)
        if until is not None and event.at <= until:
            verdict.refuse(index, event, f"its profile was erased; events up to {format_time(until)} are refused")
        else:
            alive.append((index, event))
    return alive


def _drop_duplicates(unit: Unit, candidates: Sequence[Candidate], verdict: Verdict, any_age: bool) -> list[Event]:
    ids = [event.event_id for _, event in candidates]
    known, retired = unit.held(ids), unit.retired(ids) if any_age else set()
    fresh: list[Event] = []
    for index, event in candidates:
        same_id = known.get(event.event_id)
        if same_id is None and event.event_id in retired:
            verdict.duplicates += 1  # whatever its content: only a mark of the id is kept
        elif same_id is None:
            known[event.event_id] = event
            fresh.append(event)
        elif same_content(same_id, event):
            verdict.duplicates += 1
        else:
            verdict.refuse(index, event, "an event with this event_id and other content came before it")
    return fresh


def _append(unit: Unit, events: Sequence[Event], now: Micros, wall: Micros, default_consent: bool) -> None:
    """Numbers profiles and titles, notes the consent of the moment, and appends. Ids must be new."""
    if not events:
        return
    profiles = unit.consents([event.profile_id for event in events], now)
    titles = unit.number_titles([event.title_id for event in events if event.title_id is not None])
    writers = {
        profile_id: (number, default_consent if stated is None else stated)
        for profile_id, (number, stated) in profiles.items()
    }
    unit.append(
        events,
        [writers[event.profile_id][0] for event in events],
        [-1 if event.title_id is None else titles[event.title_id] for event in events],
        [writers[event.profile_id][1] for event in events],
        wall,
    )
