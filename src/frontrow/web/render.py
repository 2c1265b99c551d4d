"""From records to HTML. Everything that comes from outside passes the templates' escaping; nothing else writes HTML."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from frontrow.recommend.outcomes import in_words
from frontrow.web import scene, words


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("frontrow.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(DEVICES=scene.DEVICES, TIMES=scene.TIMES, DROPS=words.DROPS, country=words.country)
    environment.globals.update(in_words=in_words)
    return environment


def render(template: str, **values: Any) -> bytes:
    """One of `templates/`, as UTF-8. Lone surrogates, which JSON can smuggle into a name, become a question mark."""
    return _environment().get_template(template).render(**values).encode("utf-8", "replace")
