"""The viewer page and its parts, as HTML. The parts are what the API's own calls answer, drawn."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from frontrow.api.records import cursor, read_cursor
from frontrow.api.route import Call, Reply
from frontrow.catalog.title import Title
from frontrow.core.errors import FrontrowError, InvalidRecord, NotFound
from frontrow.core.ids import check_id
from frontrow.people.profile import Profile
from frontrow.recommend.request import MAX_ROWS, ExplainRequest, HomeRequest, RowsRequest, SearchRequest
from frontrow.web import page
from frontrow.web.scene import moment
from frontrow.web.shelves import Details, Scene, TitleOf
from frontrow.web.statics import HEADERS, statics

FIRST_ROWS = 6
COLUMNS = 18
FACES = 24
FOUND = 42
HTML = "text/html; charset=utf-8"

DeviceName = Literal["tv", "web", "tablet", "phone", "console"]
TimeName = Literal["now", "morning", "noon", "evening", "night", "saturday"]
Rows = Annotated[int, msgspec.Meta(ge=1, le=MAX_ROWS)]


class FrontQuery(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The page: nothing chosen, a profile, or a profile and a title or query to show (for those without scripts)."""

    profile: str = ""
    device: DeviceName = "web"
    when: TimeName = "now"
    rows: Rows = FIRST_ROWS
    title: str = ""
    q: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    after: str = ""


class PartQuery(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A part of the page, for a profile in a scene."""

    profile_id: str
    device: DeviceName = "web"
    when: TimeName = "now"
    rows: Rows = FIRST_ROWS


class FurtherQuery(PartQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Rows of a page after the row `after`, the `first` of them at this place on the page."""

    after: str
    first: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0


class FindQuery(PartQuery, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Titles that match a query."""

    q: Annotated[str, msgspec.Meta(max_length=2_000)]


def front(call: Call) -> Reply:
    """The page at `/`: who is watching, or that viewer's home with its first rows in it."""
    asked: FrontQuery = call.asked
    if not asked.profile:
        return _html(_choosing(call, asked.after, ""))
    try:
        scene = _scene(call, check_id(asked.profile, "/profile"), asked.device, asked.when)
    except InvalidRecord as error:
        return _html(_choosing(call, "", error.message))
    answer = call.engine.home(_home(call, scene, asked.rows))
    opened = found = None
    if asked.title:
        opened = _opened(call, asked.title, scene)
    elif asked.q.strip():
        found = call.engine.search(SearchRequest(q=asked.q, n=FOUND, profile_id=scene.profile.profile_id))
    return _html(
        page.home(
            answer, scene, _title_of(call), call.service.now(), asked.rows, opened=opened, found=found, query=asked.q,
            lead=lambda title_id: _details(call, title_id, scene),
        )
    )  # fmt: skip


def rows(call: Call) -> Reply:
    """A new page's rows: what the viewer just did is in them."""
    scene = _scene_of(call)
    answer = call.engine.home(_home(call, scene, call.asked.rows))
    return _html(
        page.rows(answer.rows, 0, answer.page_id, scene, _title_of(call), call.service.now(), answer.generated_at)
    )


def further(call: Call) -> Reply:
    """Further rows of a page."""
    asked: FurtherQuery = call.asked
    scene, page_id = _scene_of(call), call.ids[0]
    answer = call.service.engine.rows(page_id, RowsRequest(after=asked.after, rows=asked.rows))
    return _html(page.rows(answer.rows, asked.first, page_id, scene, _title_of(call), call.service.now()))


def results(call: Call) -> Reply:
    """What a search finds."""
    asked: FindQuery = call.asked
    scene = _scene_of(call)
    found = call.engine.search(SearchRequest(q=asked.q, n=FOUND, profile_id=asked.profile_id))
    return _html(page.results(found, asked.q, scene, _title_of(call)))


def details(call: Call) -> Reply:
    """All about a title, with what can be done with it."""
    return _html(page.details(_details(call, call.ids[0], _scene_of(call))))


def why(call: Call) -> Reply:
    """The evidence for a title, drawn from /v1/profiles/{id}/explain."""
    scene = _scene_of(call)
    explanation = call.service.engine.explain(scene.profile.profile_id, call.ids[0], _moment(call, scene))
    return _html(page.why(explanation, scene, _title_of(call)))


def static(call: Call) -> Reply:
    """One of the page's own files."""
    found = statics().get(call.ids[0])
    if found is None:
        raise NotFound("There is no such file")
    return Reply(found.body, found.content_type, HEADERS)


def _html(body: bytes) -> Reply:
    return Reply(body, HTML, HEADERS)


def _choosing(call: Call, after: str, trouble: str) -> bytes:
    place = 0
    if after:
        try:
            place = read_cursor(after)
        except InvalidRecord as error:
            trouble = error.message
    found = call.service.profiles_after(place, FACES + 1)
    part = found[:FACES]
    more = cursor(part[-1].number) if len(found) > len(part) else None
    return page.chooser([known.profile for known in part], more, place > 0, trouble)


def _scene(call: Call, profile_id: str, device: str, when: str) -> Scene:
    """The scene; somebody unknown is nobody in particular, as on /v1/home."""
    try:
        profile = call.service.profile(profile_id)
    except NotFound:
        profile = Profile(profile_id=profile_id)
    return Scene(profile, device, when)


def _scene_of(call: Call) -> Scene:
    asked: PartQuery = call.asked
    return _scene(call, asked.profile_id, asked.device, asked.when)


def _home(call: Call, scene: Scene, count: int) -> HomeRequest:
    told = _moment(call, scene)
    return HomeRequest(
        profile_id=scene.profile.profile_id, device=told.device, at=told.at, rows=count, columns=COLUMNS
    )  # fmt: skip


def _moment(call: Call, scene: Scene) -> ExplainRequest:
    return ExplainRequest(at=moment(scene.when, call.service.now(), scene.profile.timezone), device=scene.device)


def _title_of(call: Call) -> TitleOf:
    def title_of(title_id: str) -> Title | None:
        try:
            return call.service.title(title_id)
        except FrontrowError:
            return None

    return title_of


def _details(call: Call, title_id: str, scene: Scene) -> Details:
    service = call.service
    title = service.title(title_id)
    standing = service.engine.standing(scene.profile.profile_id, title_id)
    playing = None if standing.play.title_id == title_id else _title_of(call)(standing.play.title_id)
    return Details.of(title, standing.episodes, standing, playing, scene)


def _opened(call: Call, title_id: str, scene: Scene) -> page.Opened | None:
    try:
        explanation = call.service.engine.explain(scene.profile.profile_id, title_id, _moment(call, scene))
        return page.Opened(_details(call, title_id, scene), explanation)
    except FrontrowError:
        return None
