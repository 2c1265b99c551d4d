"""What experiments ask of storage: versioned control data, changed one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol


class Stored(NamedTuple):
    """An object as it is kept: `version` rises with every change of any object and is never given twice."""

    version: int
    record: bytes


class ControlStore(Protocol):
    """Operators' objects of one kind, by id. Every read sees every change that was answered before it."""

    def version(self) -> int:
        """Rises with every change; one small read."""
        ...

    def everything(self) -> dict[str, Stored]:
        """All objects, in order of id."""
        ...

    def change(self, object_id: str, work: Callable[[Mapping[str, Stored]], bytes | None]) -> Stored | None:
        """Gives `work` all objects as they are, and puts what it returns in the place of `object_id` (None: nothing),
        in one durable unit; what it raises changes nothing."""
        ...
