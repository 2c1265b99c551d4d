"""The sides of a state that servers share: what stands in for the log where another server ingests, and what tells
others where this one does. Beside wiring.py the only file that names their classes; it needs Valkey's client only where
the state is shared."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontrow.core.errors import UsageError
from frontrow.events.service_clock import ServiceClock
from frontrow.settings import Settings
from frontrow.storage.workspace import SqliteWorkspace

if TYPE_CHECKING:
    from frontrow.storage.valkey.sides import IngestingSide, ReadingSide


def reading_side(settings: Settings, store: SqliteWorkspace) -> ReadingSide | None:
    """What stands in for the log, where another server ingests; None where this one does."""
    state = settings.state
    if state.role == "ingest":
        return None
    if state.store != "valkey":
        raise UsageError('state.role = "read" needs a shared state', 'Set state.store = "valkey" and state.url.')
    side: ReadingSide = _sides().ReadingSide.of(store, state, lambda: secrets.token_hex(16))
    return side


def ingesting_side(path: Path, settings: Settings, store: SqliteWorkspace, clock: ServiceClock) -> IngestingSide | None:
    """What tells other servers, where the state is shared; None where it is not."""
    if settings.state.store != "valkey":
        return None
    consent = settings.privacy.default_consent
    side: IngestingSide = _sides().IngestingSide(path, store, settings.state, lambda: clock.kind, consent)
    return side


def _sides() -> Any:
    try:
        from frontrow.storage.valkey import sides  # late: it needs the client of Valkey
    except ImportError as error:
        raise UsageError(
            f'state.store = "valkey" needs the package {error.name}', "Install it: pip install 'frontrow[cluster]'"
        ) from None
    return sides
