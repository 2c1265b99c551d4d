"""Settings of the state store."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec


def _of(description: str, **bounds: Any) -> msgspec.Meta:
    return msgspec.Meta(extra_json_schema={"description": description}, **bounds)


class StateSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where viewers' state is kept, for this server alone or for several (docs/operations.md)."""

    store: Annotated[
        Literal["embedded", "valkey"],
        _of('"embedded": on this machine alone. "valkey": shared with other servers, which name the same database.'),
    ] = "embedded"
    role: Annotated[
        Literal["ingest", "read"],
        _of('With "valkey": the one server that takes events and changes, or one of those that only answer.'),
    ] = "ingest"
    url: Annotated[
        str, _of("The database: redis://, rediss:// or unix://, with user and password where it asks for them.")
    ] = "redis://127.0.0.1:6379/0"
    timeout_ms: Annotated[int, _of("Milliseconds that one try to reach it may take.", ge=10, le=10_000)] = 200
    lease_ms: Annotated[
        int,
        _of(
            "Milliseconds after which servers that read say that they may be behind, once the one that ingests is not "
            "heard; so long a 202 may wait when the database fails.",
            ge=200,
            le=60_000,
        ),
    ] = 2_000
    wait_ms: Annotated[
        int, _of("Milliseconds that a server that reads waits for a state that is not there yet.", ge=10, le=60_000)
    ] = 500
    keep_hours: Annotated[int, _of("Hours after its last reading for which a profile's state is kept.", ge=1)] = 72
    max_keys: Annotated[
        int, _of("Keys of profiles that are kept at most (two or three a profile); the longest unread go.", ge=1_000)
    ] = 1_000_000
    feed_events: Annotated[
        int, _of("Newest events from which servers that read count popularity.", ge=1_000, le=2_000_000)
    ] = 200_000
