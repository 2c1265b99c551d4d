"""Entity tags and the conditions on them (RFC 9110, 13.1) of operators' objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def tag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"v{version}"'


def condition(headers: Mapping[str, str]) -> Callable[[int | None], bool]:
    """Whether a change may be made over a stored version (None: there is no object), as the request's `If-Match` and
    `If-None-Match` say; without either it may."""
    match, none_match = headers.get("if-match"), headers.get("if-none-match")

    def holds(version: int | None) -> bool:
        own = None if version is None else tag(version)
        if match is not None and not _names(match, own):
            return False
        return none_match is None or not _names(none_match, own)

    return holds


def _names(header: str, own: str | None) -> bool:
    given = [each.strip() for each in header.split(",")]
    return own is not None and (given == ["*"] or own in given)
