"""What is answered to a batch of records."""

from __future__ import annotations

import msgspec


class RejectedEvent(msgspec.Struct, gc=False):
    """One event that was not accepted, by its place in the batch."""

    index: int
    event_id: str | None
    message: str


class IngestAnswer(msgspec.Struct, gc=False):
    """Counts of a batch; the accepted are on disk."""

    accepted: int
    duplicates: int
    rejected: list[RejectedEvent]
    unknown_fields: dict[str, int]


class RejectedRecord(msgspec.Struct, gc=False):
    """One title or profile that was not accepted."""

    index: int
    id: str | None
    message: str


class UpsertAnswer(msgspec.Struct, gc=False):
    """Counts of a batch of titles or profiles."""

    upserted: int
    rejected: list[RejectedRecord]
