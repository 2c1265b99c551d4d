"""Version numbers in their order: 1.9.0 < 1.10.0, 2.0.0-beta < 2.0.0; after semver.org, lenient."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

VersionKey = tuple[tuple[int, int, str], ...]

_NOISE: Final = re.compile(r"^v|\+.*$", re.S)
_PARTS: Final = re.compile(r"[-.]")
_RELEASE: Final = (2, 0, "")
"""Stands after the third number of a full release, so that it sorts after each of its pre-releases."""


def version_key(version: Any) -> VersionKey:
    """A key that sorts as versions do. A number is read as text, anything else but text as version 0."""
    if isinstance(version, bool) or not isinstance(version, str | int | float):
        version = "0"
    return _key(str(version))


@lru_cache(maxsize=1024)
def _key(version: str) -> VersionKey:
    parts = [_part(each) for each in _PARTS.split(_NOISE.sub("", version))]
    if len(parts) == 3:
        parts.append(_RELEASE)
    return tuple(parts)


def _part(text: str) -> tuple[int, int, str]:
    if not (text.isascii() and text.isdigit()):
        return (1, 0, text)
    digits = text.lstrip("0")
    return (0, len(digits), digits)  # longer is larger; int() would refuse a thousands of digits long one
