"""The page and its parts, drawn: one function for each template."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from frontrow import __version__
from frontrow.core.clock import Micros, format_time, parse_time
from frontrow.core.errors import FrontrowError
from frontrow.people.profile import Profile
from frontrow.recommend.answers import Explanation, Page, Row, Slate
from frontrow.web import words
from frontrow.web.poster import Poster, portrait
from frontrow.web.render import render
from frontrow.web.scene import local_time, offset_minutes
from frontrow.web.shelves import Details, Scene, Shelf, Tile, TitleOf, grounds, shelves, tile_of_item

MORE_ROWS = 8
MAX_ROWS = 40


@dataclass(frozen=True)
class Face:
    """One profile to choose."""

    name: str
    href: str
    picture: Poster
    country: str
    kids: bool
    limit: int | None
    account: str


class Opened(NamedTuple):
    """A title that stands open, with its evidence."""

    details: Details
    explanation: Explanation


def chooser(profiles: Sequence[Profile], more: str | None, back: bool, trouble: str) -> bytes:
    """Who is watching? `more` is the cursor of the next part."""
    return render(
        "chooser.html",
        direction="ltr",
        faces=[_face(profile) for profile in profiles],
        more="/?" + urlencode({"after": more}) if more else None,
        back=back,
        trouble=trouble,
    )


def home(
    answer: Page, scene: Scene, title_of: TitleOf, now: Micros, asked: int, *,
    lead: Callable[[str], Details], opened: Opened | None, found: Slate | None, query: str,
) -> bytes:  # fmt: skip
    """A viewer's home with its first rows. `lead` tells about the title that is shown large, `asked` is how many rows
    were asked for."""
    shown = shelves(answer.rows, 0, answer.page_id, scene, title_of)
    first, hero = _hero(shown, lead) if not opened and found is None else (None, None)
    return render(
        "home.html",
        direction=scene.direction,
        scene=scene,
        person=name_of(scene.profile),
        picture=portrait(scene.profile.profile_id, scene.profile.kids),
        page=answer,
        now=format_time(now),
        offset=offset_minutes(now, scene.profile.timezone),
        local=local_time(parse_time(answer.generated_at), scene.profile.timezone),
        shelves=shown,
        hero=hero,
        lead=first,
        hero_column=first.tiles[0].column if first else 0,
        hero_reason=first.tiles[0].reason if first else "",
        opened=opened.details if opened else None,
        explanation=opened.explanation if opened else None,
        grounds=grounds(opened.explanation, scene, title_of) if opened else [],
        query=query if found is not None else "",
        results=_found(found, scene, title_of) if found is not None else None,
        more=scene.href(rows=str(min(MAX_ROWS, asked + MORE_ROWS))) if asked <= len(shown) < MAX_ROWS else None,
        version=__version__,
    )


def rows(
    found: Sequence[Row], first: int, page_id: str, scene: Scene, title_of: TitleOf, now: Micros,
    generated_at: str | None = None,
) -> bytes:  # fmt: skip
    """Rows alone."""
    at = now if generated_at is None else parse_time(generated_at)
    return render(
        "rows.html",
        shelves=shelves(found, first, page_id, scene, title_of),
        page_id=page_id,
        now=format_time(now),
        local=local_time(at, scene.profile.timezone),
        label=scene.label,
    )


def results(found: Slate, query: str, scene: Scene, title_of: TitleOf) -> bytes:
    """What a search found."""
    return render("results.html", results=_found(found, scene, title_of), query=query)


def details(told: Details) -> bytes:
    """All about a title."""
    return render("details.html", details=told)


def why(explanation: Explanation, scene: Scene, title_of: TitleOf) -> bytes:
    """The evidence for a title."""
    return render("why.html", explanation=explanation, grounds=grounds(explanation, scene, title_of))


def name_of(profile: Profile) -> str:
    """What a viewer goes by: the attribute `name`, else the id."""
    name = profile.attributes.get("name")
    return name[:80] if isinstance(name, str) and name.strip() else profile.profile_id


def _face(profile: Profile) -> Face:
    return Face(
        name=name_of(profile),
        href="/?" + urlencode({"profile": profile.profile_id}),
        picture=portrait(profile.profile_id, profile.kids),
        country=words.country(profile.country),
        kids=profile.kids,
        limit=profile.limit,
        account=profile.account_id or "",
    )


class Found(NamedTuple):
    """Search results as tiles."""

    page_id: str
    tiles: list[Tile]


def _found(slate: Slate, scene: Scene, title_of: TitleOf) -> Found:
    return Found(slate.list_id, [tile_of_item(item, title_of(item.title_id), scene) for item in slate.items])


def _hero(shown: Sequence[Shelf], lead: Callable[[str], Details]) -> tuple[Shelf | None, Details | None]:
    """The first title of the first row that is chosen for the viewer."""
    for shelf in shown:
        if shelf.kind not in ("continue_watching", "my_list", "watch_again"):
            try:
                return shelf, lead(shelf.tiles[0].title_id)
            except FrontrowError:
                break
    return None, None
