"""The one way to change a workspace whose state is shared: a commit is answered once other servers are told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from frontrow.core.errors import WrongServer
from frontrow.events.log import Unit, Writer
from frontrow.events.sharing import Sharing
from frontrow.experiments.design.store import ControlStore, Stored

T = TypeVar("T")


class SettlingWriter:
    """Implements `Writer`."""

    def __init__(self, writer: Writer, sharing: Sharing) -> None:
        self._writer, self._sharing = writer, sharing

    def write(self, work: Callable[[Unit], T]) -> T:
        result = self._writer.write(work)
        self._sharing.settle()
        return result


class SettlingControls:
    """Implements `ControlStore`."""

    def __init__(self, store: ControlStore, sharing: Sharing) -> None:
        self._store, self._sharing = store, sharing

    def version(self) -> int:
        return self._store.version()

    def everything(self) -> dict[str, Stored]:
        return self._store.everything()

    def change(self, object_id: str, work: Callable[[Mapping[str, Stored]], bytes | None]) -> Stored | None:
        stored = self._store.change(object_id, work)
        self._sharing.settle()
        return stored


class NoWriter:
    """Implements `Writer` where another server ingests."""

    def write(self, work: Callable[[Unit], T]) -> T:
        raise WrongServer
