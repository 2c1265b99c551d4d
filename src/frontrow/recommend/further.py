"""Further rows of a page that was served: the same when asked again, less what the gate now drops."""

from __future__ import annotations

from frontrow.core.clock import MINUTE
from frontrow.core.errors import Expired, NotFound
from frontrow.core.stages import Stages
from frontrow.recommend.answers import Rows
from frontrow.recommend.gate import Gate
from frontrow.recommend.render import Renderer
from frontrow.recommend.request import MAX_ROWS, RowsRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.served import ServedPage, StoredPage, decode_page
from frontrow.recommend.slots import keep_promises
from frontrow.recommend.viewer import Asking, Viewer
from frontrow.recommend.views import Views


def further_rows(page_id: str, asked: RowsRequest, rooms: Rooms, stages: Stages) -> Rows:
    """Up to `rows` rows after the row `after` (None: from the start) of a page served before, less what the gate drops
    by now: at the service's time, or at the moment that the page was asked for.

    NotFound for an unknown page or row, or where the profile is gone; Expired after 30 minutes.
    """
    stored = rooms.served.get(page_id)
    if stored is None:
        raise NotFound("there is no such page")
    if rooms.wall() - stored.created_at > rooms.further_minutes * MINUTE:
        raise Expired(f"the page is older than {rooms.further_minutes} minutes; ask for a new one")
    page = decode_page(stored.body)
    if page.asked != "home":
        raise NotFound("this is a list, not a page")
    row_ids = [row.row_id for row in page.rows]
    if asked.after is not None and asked.after not in row_ids:
        raise NotFound("the page has no such row")
    first = 0 if asked.after is None else row_ids.index(asked.after) + 1
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    viewer = stages.run("viewer", lambda: _viewer(stored, page, rooms, views))
    count = min(asked.rows, MAX_ROWS)
    rows = keep_promises(page.rows[first:], Gate(views.catalogue, viewer).showable())
    return Rows(Renderer(views.catalogue, viewer.language, viewer.seen).rows(rows[:count], page.sources))


def _viewer(stored: StoredPage, page: ServedPage, rooms: Rooms, views: Views) -> Viewer:
    """Whose page it is by now: a profile that it was merged into, whoever has come to bear the id of a stranger."""
    known = None
    if stored.profile is not None:
        known = rooms.people.find(page.profile_id) if page.profile_id is not None else None
        if known is None or known.number != stored.profile:
            known = rooms.people.numbered(stored.profile)
        if known is None:
            raise NotFound("there is no such page")  # erased a moment ago
    elif stored.stranger is not None:
        known = rooms.people.met(stored.stranger)
    moment = page.now if page.basis is not None and page.basis.past else rooms.clock()
    profile_id = known.profile.profile_id if known else None
    asking = Asking(profile_id, moment, None, page.country, page.language, page.device, page.context)
    return rooms.viewer_of(asking, known, views)
