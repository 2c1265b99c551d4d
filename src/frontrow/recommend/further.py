"""Further rows of a page that was served: the same when asked again, less what the gate now drops.

Rows that nobody has been answered yet follow what the viewer did since they were laid: they are laid anew beside those
that stand, and stay from then on.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from frontrow.core.clock import MINUTE
from frontrow.core.errors import Expired, NotFound, Unavailable
from frontrow.core.stages import Stages
from frontrow.recommend import exploring
from frontrow.recommend.answers import Rows
from frontrow.recommend.gate import Gate
from frontrow.recommend.laying import lay_rows, scored_board
from frontrow.recommend.page_inputs import basis_of
from frontrow.recommend.render import Renderer
from frontrow.recommend.request import MAX_ROWS, RowsRequest
from frontrow.recommend.rooms import Rooms
from frontrow.recommend.served import ServedPage, ServedRow, StoredPage, Tail, decode_page, encode_page
from frontrow.recommend.slots import SourceNames, keep_promises
from frontrow.recommend.viewer import Asking, Viewer, deeds_of
from frontrow.recommend.views import Views

TRIES: Final = 5
"""How often rows are looked for again that somebody else was answered in the same moment."""


def further_rows(page_id: str, asked: RowsRequest, rooms: Rooms, stages: Stages) -> Rows:
    """Up to `rows` rows after the row `after` (None: from the start) of a page served before, less what the gate drops
    by now: at the service's time, or at the moment that the page was asked for.

    NotFound for an unknown page or row, or where the profile is gone; Expired after 30 minutes.
    """
    views = stages.attempt("views", rooms.views.fresh, lambda: rooms.views)
    count = min(asked.rows, MAX_ROWS)
    for _ in range(TRIES):
        stored = _stored(page_id, rooms)
        page = decode_page(stored.body)
        first = _place_after(page, asked.after)
        viewer = stages.run("viewer", lambda stored=stored, page=page: _viewer(stored, page, rooms, views))  # type: ignore[misc]
        gate = Gate(views.catalogue, viewer)
        laid = page
        if len(keep_promises(page.rows[first : max(first, page.shown)], gate.showable())) < count:
            laid = _followed(page, first, viewer, gate, rooms, views, stages)
        rows, shown = _answered(laid, first, count, gate)
        kept = rooms.staff or shown <= page.shown or _keep(stored, replace(laid, shown=shown), rooms, stages)
        if kept is None:  # it could not be kept: what the page says already will be said again
            laid, (rows, _) = page, _answered(page, first, count, gate)
        if kept is not False:
            return Rows(Renderer(views.catalogue, viewer.language, viewer.seen).rows(rows, laid.sources))
    raise Unavailable("this page is asked for by many at once", "Ask again.")


def _stored(page_id: str, rooms: Rooms) -> StoredPage:
    stored = rooms.served.get(page_id)
    if stored is None:
        raise NotFound("there is no such page")
    if rooms.wall() - stored.created_at > rooms.further_minutes * MINUTE:
        raise Expired(f"the page is older than {rooms.further_minutes} minutes; ask for a new one")
    return stored


def _place_after(page: ServedPage, after: str | None) -> int:
    if page.asked != "home":
        raise NotFound("this is a list, not a page")
    row_ids = [row.row_id for row in page.rows]
    if after is not None and after not in row_ids:
        raise NotFound("the page has no such row")
    return 0 if after is None else row_ids.index(after) + 1


def _answered(page: ServedPage, first: int, count: int, gate: Gate) -> tuple[list[ServedRow], int]:
    """Rows from a place on, as the gate has them now, and how many of the page have been answered with them."""
    rows = keep_promises(page.rows[first:], gate.showable())[:count]
    last = rows[-1].row_id if rows else None
    return rows, next((place for place, row in enumerate(page.rows, 1) if row.row_id == last), 0)


def _keep(stored: StoredPage, page: ServedPage, rooms: Rooms, stages: Stages) -> bool | None:
    """Whether the page is kept as it is now; False where somebody else was answered meanwhile, None where it cannot."""
    return stages.attempt("log", lambda: rooms.served.amend(page.page_id, stored.body, encode_page(page)), lambda: None)


def _followed(
    page: ServedPage, first: int, viewer: Viewer, gate: Gate, rooms: Rooms, views: Views, stages: Stages
) -> ServedPage:
    """The page with what has not been answered laid anew, if the viewer has done something since it was laid, or given
    or withdrawn consent; as it is where anything fails, for staff, for past moments, and in other arms than it was laid
    in. Of a page that was personal nothing more is answered without consent but what is laid anew."""
    standing = page.rows[: max(first, page.shown)]
    if page.basis is None or viewer.known is None:
        return page
    withdrawn = page.basis.personal and not viewer.personal
    otherwise = replace(page, rows=standing) if withdrawn else page
    same = not page.basis.past and viewer.arm.counted == page.experiments
    if not same or rooms.staff or (deeds_of(viewer) == page.deeds and viewer.personal == page.basis.personal):
        return otherwise

    def lay() -> ServedPage:
        sources = SourceNames(page.sources)
        board = scored_board(rooms, views, viewer, gate, page.columns, stages, standing)
        laid = lay_rows(rooms, board, sources, stages)
        own = {row.row_id for row in laid}
        rows = [row for row in keep_promises([*standing, *laid], gate.showable()) if row.row_id in own]
        model = viewer.arm.model or views.model_version
        tail = Tail(len(standing), viewer.now, views.offset, model, basis_of(viewer, views))
        chance = exploring.standing(page.chance, standing)  # a row that is laid anew leaves nothing to chance
        return replace(
            page, rows=[*standing, *rows], sources=sources.names, deeds=deeds_of(viewer), tails=[*page.tails, tail],
            chance=chance, propensity=chance.propensity if chance else 1.0,
        )  # fmt: skip

    laid = stages.attempt("follow", lay, lambda: otherwise)
    return otherwise if stages.failed else laid


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
