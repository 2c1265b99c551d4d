"""Beside a server that ingests: keeps the lease, and brings what servers that read ask for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from frontrow.core.errors import FrontrowError
from frontrow.core.log import Log
from frontrow.features.state import Rest, rest
from frontrow.people.store import KnownProfile
from frontrow.storage.people import SqlitePeople
from frontrow.storage.valkey.committed import Committed
from frontrow.storage.valkey.form import Header, encode, known_bytes
from frontrow.storage.valkey.scripts import ANSWER, KEEP

if TYPE_CHECKING:
    from frontrow.storage.valkey.link import Link
    from frontrow.storage.valkey.publisher import Publisher

BEATS: Final = 4
"""Renewals a lease."""
TRIES: Final = 8
WANTED: Final = "frontrow:wanted"
HERE, NOBODY = b"here", b"nobody"

_log = Log("frontrow")


class Folds(Protocol):
    """Folds made from the log; a long one calls `rest` now and then. What was made may be remembered until `forget`."""

    def viewer(self, known: KnownProfile, rest: Rest) -> tuple[Header, bytes]: ...

    def trail(self, known: KnownProfile, rest: Rest) -> tuple[Header, bytes]: ...

    def forget(self) -> None: ...


class Wanted(msgspec.Struct, array_like=True, frozen=True):
    """What a server that reads asks for: a profile's record by `profile_id`, or a fold by `number`."""

    token: str
    kind: str
    profile_id: str = ""
    number: int = 0


decode_wanted: Final = msgspec.msgpack.Decoder(Wanted).decode


class Courier:
    """A thread of a worker; several workers share the work. It ends with `close`, and the process does not wait for
    it."""

    def __init__(
        self, workspace: str, publisher: Publisher, committed: Committed, people: SqlitePeople, folds: Folds,
        link: Link, lease: float, life_ms: int, most_keys: int, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._workspace, self._publisher, self._committed = workspace, publisher, committed
        self._people, self._folds, self._link = people, folds, link
        self._beat, self._life_ms, self._most_keys = lease / BEATS, life_ms, most_keys
        self._monotonic = monotonic
        self._due = monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="state-courier", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, within a second or two."""
        self._ended.set()
        self._thread.join(5)

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                self._keep_lease()  # where that fails, what is asked for there is not for us either
                request = self._link.pop(WANTED, max(0.01, min(self._beat, self._due - self._monotonic())))
                if request is not None:
                    self.bring(decode_wanted(request))
            except FrontrowError:
                self._ended.wait(self._beat / 2)  # the publisher has said it
            except Exception as error:  # noqa: BLE001 - the thread must outlive whatever it is asked for
                _log.error("a state could not be brought", error=type(error).__name__)
            finally:
                self._folds.forget()

    def _keep_lease(self) -> None:
        if self._monotonic() >= self._due:
            self._publisher.beat()
            self._due = self._monotonic() + self._beat

    def _rest(self) -> None:
        """In a long fold: others' turn, and the lease's."""
        rest()
        try:
            self._keep_lease()
        except FrontrowError:
            self._due = self._monotonic() + self._beat

    def bring(self, wanted: Wanted) -> None:
        """Puts what is wanted where it is looked for, and says so."""
        answer = NOBODY
        for _ in range(TRIES):
            offset, change = self._committed.stand()
            known = self._people.find(wanted.profile_id) if wanted.profile_id else self._people.numbered(wanted.number)
            if known is None:
                break
            if wanted.kind == "record":
                value, data = known_bytes(known), wanted.profile_id.encode()
            else:
                fold = self._folds.viewer if wanted.kind == "viewer" else self._folds.trail
                header, data = fold(known, self._rest)
                value = encode(header)
            answer = HERE
            if self._link.run(
                KEEP, self._workspace, offset, change, self._life_ms, self._most_keys, wanted.kind, known.number, value,
                data,
            ):  # fmt: skip
                break
        self._link.run(ANSWER, wanted.token, answer)
