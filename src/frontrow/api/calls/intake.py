"""Events come in."""

from __future__ import annotations

from frontrow.api.route import Call
from frontrow.events.answer import IngestAnswer


def post_events(call: Call) -> IngestAnswer:
    """Returns once the accepted events are on disk."""
    return call.service.ingest(call.asked.events)
