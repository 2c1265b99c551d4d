"""MovieLens films and viewers as titles and profiles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from frontrow.catalog.title import Title, parse_title
from frontrow.core.clock import Micros
from frontrow.core.errors import InvalidRecord
from frontrow.importers.movielens_files import Broken, Layout, rows_of
from frontrow.importers.movielens_names import split_name
from frontrow.importers.movielens_tags import tags_by_title
from frontrow.people.profile import Profile, parse_profile

R = TypeVar("R", Title, Profile)
_NO_TIME = Micros(0)
_NO_GENRES = frozenset({"(no genres listed)", "unknown", ""})
_USER_FIELDS = {"100K": ("age", "gender", "occupation", "zip"), "1M and 10M": ("gender", "age", "occupation", "zip")}
_GENRES_100K = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip


def read_titles(folder: Path, layout: Layout, broken: Broken) -> list[tuple[str, Title]]:
    """Films with their places in file order. `added_at` is None: the sets do not say it."""
    tags = tags_by_title(folder / layout.tags, layout.separator, broken) if layout.tags else {}
    links = _links(folder / layout.links, layout.separator, broken) if layout.links else {}
    film = _film_100k(_genre_names(folder, layout, broken)) if layout.name == "100K" else _film
    titles: list[tuple[str, Title]] = []
    columns, separator = (5, "|") if layout.name == "100K" else (3, layout.separator)
    for place, cells in rows_of(folder / layout.movies, separator, columns, broken):
        raw = film(cells)
        name, year = split_name(raw["name"])
        raw |= {"name": name, "tags": tags.get(raw["title_id"], {})} | ({} if year is None else {"year": year})
        raw["attributes"] = raw.get("attributes", {}) | links.get(raw["title_id"], {})
        if title := _parsed(parse_title, raw, place, broken):
            titles.append((place, msgspec.structs.replace(title, added_at=None)))
    return titles


def read_profiles(folder: Path, layout: Layout, broken: Broken) -> list[tuple[str, Profile]]:
    """Viewers with their places in file order, if the set has them; `created_at` is None: it does not say."""
    path = folder / layout.users
    if not layout.users or not path.is_file():
        return []
    names = _USER_FIELDS[layout.name]
    profiles: list[tuple[str, Profile]] = []
    for place, cells in rows_of(path, "|" if layout.name == "100K" else layout.separator, 5, broken):
        told = zip(names, cells[1:], strict=False)
        attributes = {name: _number(cell) if name == "age" else cell for name, cell in told}
        if profile := _parsed(parse_profile, {"profile_id": cells[0].strip(), "attributes": attributes}, place, broken):
            profiles.append((place, msgspec.structs.replace(profile, created_at=None)))
    return profiles


def _parsed(parse: Callable[[object, Micros], R], raw: dict[str, Any], place: str, broken: Broken) -> R | None:
    try:
        return parse(raw, _NO_TIME)
    except InvalidRecord as error:
        broken(place, error.message)
        return None


def _film(cells: list[str]) -> dict[str, Any]:
    # a name may hold the separator of .dat files; an id and genres never do
    title_id, *name, genres = cells
    kept = [genre.strip() for genre in genres.split("|") if genre.strip() not in _NO_GENRES]
    return {"title_id": title_id.strip(), "name": "::".join(name), "genres": kept}


def _film_100k(genre_names: tuple[str, ...]) -> Callable[[list[str]], dict[str, Any]]:
    def film(cells: list[str]) -> dict[str, Any]:
        title_id, name, released, _, url, *flags = cells
        genres = [genre for genre, flag in zip(genre_names, flags, strict=False) if flag.strip() == "1"]
        attributes = {"release_date": _date(released), "imdb_url": url.strip()}
        return {
            "title_id": title_id.strip(),
            "name": name,
            "genres": [genre for genre in genres if genre not in _NO_GENRES],
            "attributes": {key: value for key, value in attributes.items() if value},
        }

    return film


def _genre_names(folder: Path, layout: Layout, broken: Broken) -> tuple[str, ...]:
    path = folder / layout.genres
    if not path.is_file():
        return _GENRES_100K
    numbered = [(cells[1].strip(), cells[0]) for _, cells in rows_of(path, "|", 2, broken)]
    return tuple(name for number, name in sorted(numbered, key=lambda pair: int(pair[0]) if pair[0].isdigit() else 0))


def _links(path: Path, separator: str, broken: Broken) -> dict[str, dict[str, str]]:
    """imdb_id (as IMDb writes it, tt0114709) and tmdb_id by title."""
    links: dict[str, dict[str, str]] = {}
    if not path.is_file():
        return links
    for _, cells in rows_of(path, separator, 2, broken):
        imdb, tmdb = cells[1].strip(), cells[2].strip() if len(cells) > 2 else ""
        found = {"imdb_id": f"tt{imdb}" if imdb.isdigit() else imdb, "tmdb_id": tmdb}
        links[cells[0].strip()] = {name: value for name, value in found.items() if value}
    return links


def _date(text: str) -> str | None:
    try:
        return datetime.strptime(text.strip(), "%d-%b-%Y").date().isoformat()
    except ValueError:
        return None


def _number(cell: str) -> int | str:
    return int(cell) if cell.strip().isdigit() else cell
