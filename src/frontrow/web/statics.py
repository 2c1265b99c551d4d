"""The page's own files, read once: styles, modules, icon. The colours of posters are made from their table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from frontrow.web.palettes import palettes_css

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every page and part: nothing from elsewhere, no inline script or style."""

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}


class Static(NamedTuple):
    """One file as it is answered."""

    body: bytes
    content_type: str


@cache
def statics() -> Mapping[str, Static]:
    """All files by name."""
    files = {"palettes.css": Static(palettes_css().encode(), _TYPES["css"])}
    for entry in resources.files("frontrow.web").joinpath("static").iterdir():
        ending = entry.name.rpartition(".")[2]
        if ending in _TYPES:
            files[entry.name] = Static(entry.read_bytes(), _TYPES[ending])
    return files
