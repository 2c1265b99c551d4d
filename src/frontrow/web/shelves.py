"""What the templates draw, made of answers and records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from frontrow.catalog.title import Title
from frontrow.people.profile import Profile
from frontrow.recommend.answers import Evidence, Explanation, Item, Row
from frontrow.recommend.standing import Standing
from frontrow.web import words
from frontrow.web.poster import Poster, poster
from frontrow.web.scene import DEVICES, TIMES

TitleOf = Callable[[str], Title | None]
"""The record of a title, None where there is none."""

SHAPES = {"continue_watching": "wide", "top10": "ranked"}


@dataclass(frozen=True)
class Scene:
    """Who looks, on what, when. `when` is one of scene.TIMES, `device` one of scene.DEVICES."""

    profile: Profile
    device: str = "web"
    when: str = "now"

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, by the viewer's language."""
        return words.direction(self.profile.language)

    @property
    def country(self) -> str:
        """The viewer's country in words."""
        return words.country(self.profile.country)

    def href(self, **more: str) -> str:
        """The page's address with something more to say; what is as usual is left out."""
        usual = {"device": "web", "when": "now"}
        said = {"profile": self.profile.profile_id, "device": self.device, "when": self.when} | more
        return "/?" + urlencode({name: value for name, value in said.items() if usual.get(name) != value})

    @property
    def label(self) -> str:
        """The scene in two words."""
        return f"{DEVICES[self.device]} · {TIMES[self.when].split(',')[0]}"


@dataclass(frozen=True)
class Tile:
    """One title in a row."""

    title_id: str
    name: str
    href: str
    poster: Poster
    reason: str = ""
    column: int = 0
    credit: str = ""
    percent: int | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Shelf:
    """One row. `index` is its place on its page; `page_id` the page (or list) it came with."""

    page_id: str
    row_id: str
    index: int
    kind: str
    title: str
    tiles: list[Tile]
    shape: str = "tall"


@dataclass(frozen=True)
class Ground:
    """One line of evidence. `share` is 0..100 of the strongest."""

    source: str
    text: str
    share: int
    against: bool
    because: list[Tile] = field(default_factory=list)


def tile_of(title_id: str, name: str, title: Title | None, scene: Scene) -> Tile:
    """A tile outside a row."""
    return Tile(
        title_id=title_id, name=name, href=scene.href(title=title_id), poster=poster(title_id, name, title),
        credit=_credit(title),
    )  # fmt: skip


def tile_of_item(item: Item, title: Title | None, scene: Scene, tell_new: bool = True) -> Tile:
    """An item of a row or list. `tell_new` is off where all are new."""
    return Tile(
        title_id=item.title_id,
        name=item.name,
        href=scene.href(title=item.title_id),
        poster=poster(item.title_id, item.name, title),
        reason=item.reason.text if item.reason else "",
        column=item.column,
        credit=_credit(title),
        percent=round(item.resume.fraction * 100) if item.resume else None,
        fresh=bool(tell_new and item.reason and item.reason.code == "new"),
    )


def shelves(rows: Sequence[Row], first: int, page_id: str, scene: Scene, title_of: TitleOf) -> list[Shelf]:
    """Rows of a page, the first of them at place `first`."""
    return [
        Shelf(
            page_id=page_id,
            row_id=row.row_id,
            index=first + number,
            kind=row.kind,
            title=row.title,
            tiles=[
                tile_of_item(item, title_of(item.title_id), scene, tell_new=row.kind != "new_releases")
                for item in row.items
            ],
            shape=SHAPES.get(row.kind, "tall"),
        )
        for number, row in enumerate(rows)
    ]


@dataclass(frozen=True)
class Details:
    """Everything that is told about a title."""

    tile: Tile
    synopsis: str
    facts: list[str]
    genres: list[str]
    people: list[tuple[str, str]]
    standing: Standing
    minutes: float
    resumes: str

    @classmethod
    def of(cls, title: Title, episodes: int, standing: Standing, playing: Title | None, scene: Scene) -> Details:
        """From a title's record; `playing` is the record of what a press of play starts."""
        name, synopsis = told(title, scene.profile.language)
        known = playing or title
        resumes = ""
        if known.kind == "episode":
            resumes = f"S{known.season or 1} E{known.episode or 1} {told(known, scene.profile.language)[0]}"
        return cls(
            tile=tile_of(title.title_id, name, title, scene),
            synopsis=synopsis,
            facts=words.facts(title, episodes),
            genres=title.genres[:6],
            people=[(person.name, person.role or "") for person in title.people[:6]],
            standing=standing,
            minutes=known.runtime_minutes or title.runtime_minutes or 45.0,
            resumes=resumes,
        )


def told(title: Title, language: str | None) -> tuple[str, str]:
    """Name and synopsis in a viewer's language, as far as they are translated."""
    for tag in (language or "", (language or "").split("-")[0]):
        if (translation := title.translations.get(tag)) is not None:
            return translation.name or title.name, translation.synopsis or title.synopsis or ""
    return title.name, title.synopsis or ""


def grounds(explanation: Explanation, scene: Scene, title_of: TitleOf) -> list[Ground]:
    """The evidence for a title, strongest first."""
    most = max((abs(each.score) for each in explanation.evidence), default=0.0) or 1.0
    return [
        Ground(
            source=words.SOURCES.get(each.source, each.source.replace("_", " ")),
            text="Speaks against it" if each.score < 0 and each.source != "context" else each.text,
            share=max(1, round(100 * abs(each.score) / most)),
            against=each.score < 0,
            because=_because(each, scene, title_of),
        )
        for each in explanation.evidence
    ]


def _because(each: Evidence, scene: Scene, title_of: TitleOf) -> list[Tile]:
    known = [(title_id, title_of(title_id)) for title_id in each.because[:3]]
    return [tile_of(key, told(title, scene.profile.language)[0], title, scene) for key, title in known if title]


def _credit(title: Title | None) -> str:
    """Who made it, short enough for a poster's edge."""
    if title is None:
        return ""
    makers = [person.name for person in title.people if (person.role or "").lower() in ("director", "creator")]
    name = next(iter(makers or [person.name for person in title.people]), "")
    return name if len(name) <= 26 else ""
