"""Which MovieLens layout a folder holds, and its files as rows of text with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from frontrow.core.errors import FrontrowError

Broken = Callable[[str, str], None]
"""Called with file:line and what is wrong with it."""


class Layout(NamedTuple):
    """File names of one layout, and how its rows are cut. `ratings` and `movies` must be there; others may."""

    name: str
    ratings: str
    movies: str
    separator: str
    users: str = ""
    tags: str = ""
    links: str = ""
    genres: str = ""


LAYOUTS = (
    Layout("100K", "u.data", "u.item", "\t", users="u.user", genres="u.genre"),
    Layout("1M and 10M", "ratings.dat", "movies.dat", "::", users="users.dat", tags="tags.dat"),
    Layout("latest", "ratings.csv", "movies.csv", ",", tags="tags.csv", links="links.csv"),
)


def find_layout(path: Path) -> tuple[Path, Layout]:
    """The folder that holds a MovieLens data set (`path`, or the one folder in it that does), and its layout."""
    if not path.exists():
        raise FrontrowError(f"{path} does not exist")
    if not path.is_dir():
        raise FrontrowError(f"{path} is not a folder", "Unpack the data set and name its folder")
    if layout := _layout_of(path):
        return path, layout
    found = [(below, layout) for below in sorted(path.iterdir()) if below.is_dir() and (layout := _layout_of(below))]
    if len(found) == 1:
        return found[0]
    wanted = ", or ".join(f"{layout.ratings} and {layout.movies}" for layout in LAYOUTS)
    if found:
        names = ", ".join(below.name for below, _ in found)
        raise FrontrowError(f"{path} holds several MovieLens folders: {names}", "Name one of them")
    raise FrontrowError(f"{path} is not a MovieLens folder: looked for {wanted}")


def _layout_of(folder: Path) -> Layout | None:
    for layout in LAYOUTS:
        if (folder / layout.ratings).is_file() and (folder / layout.movies).is_file():
            return layout
    return None


def read_text(path: Path) -> str:
    """A file's text: UTF-8, else (as the older sets are) latin-1."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FrontrowError(f"cannot read {path}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def rows_of(path: Path, separator: str, columns: int, broken: Broken) -> Iterator[tuple[str, list[str]]]:
    """Rows with their place (file:line), of at least `columns` cells; what has fewer goes to `broken`."""
    text = read_text(path)
    if separator == ",":
        yield from _csv_rows(path, text, columns, broken)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split(separator)
        if len(cells) < columns:
            broken(f"{path.name}:{number}", f"has {len(cells)} fields; {columns} were expected")
        else:
            yield f"{path.name}:{number}", cells


def _csv_rows(path: Path, text: str, columns: int, broken: Broken) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline="\n"))
    number = 1
    try:
        for index, cells in enumerate(reader):
            place, number = f"{path.name}:{number}", reader.line_num + 1
            if index == 0 or not cells:  # the heading, or an empty line
                continue
            if len(cells) < columns:
                broken(place, f"has {len(cells)} fields; {columns} were expected")
            else:
                yield place, cells
    except csv.Error as error:
        broken(f"{path.name}:{number}", f"is not CSV: {error}; the rest of the file was left out")
