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
from frontrow.recommend.served import decode_page
from frontrow.recommend.slots import keep_promises
from frontrow.recommend.viewer import Asking


def further_rows(page_id: str, asked: RowsRequest, rooms: Rooms, stages: Stages) -> Rows:
    """Up to `rows` rows after the row `after` (None: from the start) of a page served before.

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
    asking = Asking(page.profile_id, page.now, None, page.country, page.language, page.device, page.context)
    viewer = stages.run("viewer", lambda: rooms.viewer(asking, views))
    if stored.profile is not None and viewer.known is None:
        raise NotFound("there is no such page")  # erased elsewhere a moment ago
    count = min(asked.rows, MAX_ROWS)
    rows = keep_promises(page.rows[first:], Gate(views.catalogue, viewer).showable())
    return Rows(Renderer(views.catalogue, viewer.language, viewer.seen).rows(rows[:count], page.sources))
