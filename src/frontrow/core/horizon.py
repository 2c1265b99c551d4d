"""What a list is for: the very next play, this session, or the coming days."""

from __future__ import annotations

import re
from typing import NamedTuple

from frontrow.core.errors import InvalidRecord

_DAYS = re.compile(r"days=([1-9]\d{0,3})")


class Horizon(NamedTuple):
    """`name` is next, session or days; `days` is N of `days=N`, else 0."""

    name: str
    days: int = 0

    @property
    def text(self) -> str:
        """As requests write it."""
        return f"days={self.days}" if self.name == "days" else self.name


NEXT = Horizon("next")
SESSION = Horizon("session")
MONTH = Horizon("days", 30)


def parse_horizon(text: str) -> Horizon:
    """`next`, `session` or `days=N` with N from 1 to 9999; InvalidRecord otherwise."""
    if text in ("next", "session"):
        return Horizon(text)
    if match := _DAYS.fullmatch(text):
        return Horizon("days", int(match[1]))
    raise InvalidRecord("horizon must be next, session or days=N, N from 1 to 9999", "/horizon")
