"""The catalogue: whole records in and out."""

from __future__ import annotations

from frontrow.api.records import TitlesPage, cursor, read_cursor
from frontrow.api.route import Call, Reply
from frontrow.catalog.title import Title
from frontrow.events.answer import UpsertAnswer


def put_titles(call: Call) -> UpsertAnswer:
    """Replaces whole records."""
    return call.service.put_titles(call.asked.titles)


def patch_titles(call: Call) -> UpsertAnswer:
    """Merges into records."""
    return call.service.patch_titles(call.asked.titles)


def list_titles(call: Call) -> TitlesPage:
    """A part of the catalogue, in the order in which titles came."""
    after = -1 if call.asked.after is None else read_cursor(call.asked.after)
    found = call.service.titles_after(after, call.asked.limit + 1)
    part = found[: call.asked.limit]
    more = cursor(part[-1].number) if len(found) > len(part) else None
    return TitlesPage([entry.title for entry in part if entry.title is not None], more)


def get_title(call: Call) -> Title:
    """One record as it is."""
    return call.service.title(call.ids[0])


def delete_title(call: Call) -> Reply:
    """In force when answered."""
    call.service.delete_title(call.ids[0])
    return Reply(b"", "")
