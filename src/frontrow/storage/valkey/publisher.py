"""The side of the server that ingests: what is committed on its disk is told to Valkey, in order, by one process at a
time, and a lease says that it is all there.

Everything to tell is read from the database, never from the request that made it: so a process may die anywhere, and
what Valkey missed while it was away is told by the same steps afterwards. Telling again changes nothing: a part goes in
only if Valkey stands where the part begins.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import structs

from frontrow.core.errors import FrontrowError, Refusal, Unavailable
from frontrow.core.lock import TurnLock
from frontrow.core.log import Log
from frontrow.people.store import ErasedPlace
from frontrow.storage.state_changes import Change
from frontrow.storage.valkey.committed import Committed
from frontrow.storage.valkey.form import FORM, Told, decode_told, encode, feed_changed, place_of
from frontrow.storage.valkey.scripts import PUBLISH, READ

if TYPE_CHECKING:
    from frontrow.storage.valkey.link import Link

PARTS: Final = 64
"""Parts after a fold that a list holds; with more it goes, and the fold is made anew when it is asked for."""
PAUSE: Final = 0.02
ATTEMPTS: Final = 10_000
"""Parts told in one go, some million events."""

_TIMES: Final = struct.Struct("<dd")
_NEVER: Final = (float("-inf"), float("-inf"))

_log = Log("frontrow")


class Publisher:
    """Implements `Sharing`. Any thread of any process of the workspace may call.

    `lease` is in seconds. `settle` without Valkey returns once the lease that was last set has run out, whoever set it:
    from then on other servers say that they may be behind, and nobody waits any more.
    """

    def __init__(
        self, folder: Path, workspace: str, clock: Callable[[], str], committed: Committed, link: Link, lease: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._workspace, self._clock, self._committed, self._link = workspace, clock, committed, link
        self._lease, self._monotonic = lease, monotonic
        self._thread = threading.Lock()
        self._process = TurnLock(folder / "state.lock")
        self._renewed = os.open(folder / "state.renewed", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._said: str | None = None

    def settle(self) -> None:
        self._settled()

    def erased(self) -> list[ErasedPlace]:
        if self._settled():
            note = "record, folds and events there; servers that read were told, and erase their pages within seconds"
        else:
            note = "NOT reached: told as soon as it is; what it holds of the profile ends by itself (state.keep_hours)"
        return [ErasedPlace("valkey", 0, note)]

    def beat(self) -> None:
        """`tell`, now and then; what keeps it is said once."""
        try:
            self.tell()
        except FrontrowError as error:
            self._say(error)
            raise

    def tell(self, since: float | None = None, enough: Callable[[], bool] | None = None) -> bool:
        """Tells all that is committed and renews the lease; nothing, if another has done so after `since` (this
        machine's monotonic clock). False where `enough` ended it between two parts. Unavailable or Refusal where Valkey
        cannot be told."""
        for _ in range(ATTEMPTS):
            with self._thread, self._process:  # let go between parts: one that catches up holds up nobody
                if since is not None and self._last_renewed()[0] >= since:
                    return True
                if self._part():
                    return True
            if enough is not None and enough():
                return False
        raise Unavailable("Valkey's state is changed by somebody else all the time", "Look who else writes to it.")

    def _settled(self) -> bool:
        """Whether all was told; else it is sure that servers that read say that they may be behind."""
        entered = self._monotonic()
        while True:
            try:
                return self.tell(entered, self._lapsed)
            except FrontrowError as error:
                self._say(error)
            if self._last_renewed()[0] >= entered:
                return True
            if self._lapsed():
                return False
            time.sleep(PAUSE)

    def _lapsed(self) -> bool:
        """Whether the lease has run out, even if a call that was given up arrived as late as it may."""
        return self._monotonic() >= self._last_renewed()[1] + self._lease + 2 * self._link.timeout

    def _part(self) -> bool:
        """Tells the next part; whether that was all."""
        begun = self._monotonic()
        before, told, fresh, until = self._stands()
        stands, work, done = self._committed.after(told, fresh)
        work.feed += self._rewritten(work.rewriting)
        lease = int(self._lease * 1_000) if done else 0
        put = self._link.run(PUBLISH, before, encode(stands), lease, until, PARTS, *work.arguments())
        if put < 0:
            raise Unavailable("Valkey does not answer in time", "See whether it is overloaded.")
        if put and done:
            self._renew(begun)
            return True
        return False

    def close(self) -> None:
        """Closes what it holds."""
        self._process.close()
        if self._renewed >= 0:
            os.close(self._renewed)
            self._renewed = -1

    def _stands(self) -> tuple[bytes, Told, bool, int]:
        """Where Valkey stands, as it is written and as it is meant; whether it holds nothing that could be taken on;
        until when, by Valkey's clock, what follows may be done. Refusal if it is another workspace's, or of another
        form."""
        asked = self._monotonic()
        head, _, now, _ = self._link.run(READ, "head", "", 0)
        until = int(now + 1_000 * (2 * self._link.timeout - (self._monotonic() - asked)))
        clock = self._clock()
        if head is None:
            return b"", Told(self._workspace, FORM, clock, ""), True, until
        told = check_form(head)
        if told.workspace != self._workspace:
            raise Refusal(
                "The database that state.url names holds the state of another workspace",
                "Name another database (redis://HOST:PORT/1), or empty this one if nobody uses it (FLUSHDB).",
                "valkey holds another workspace",
            )
        return head, structs.replace(told, clock=clock), told.clock != clock, until

    def _rewritten(self, changes: list[Change]) -> list[tuple[int, bytes]]:
        """Parts of the feed as merges and erasures leave them."""
        if not changes:
            return []
        *_, parts = self._link.run(READ, "feed", "-inf", 0)
        changed: dict[int, bytes] = {}
        for part in parts or ():
            now = part
            for change in changes:
                target = change.numbers[1] if change.kind == "merge" else None
                now = feed_changed(now, change.numbers[0], target)
            if now != part:
                changed[place_of(part)] = now
        return list(changed.items())

    def _renew(self, begun: float) -> None:
        os.pwrite(self._renewed, _TIMES.pack(begun, self._monotonic()), 0)
        if self._said is not None:
            _log.info("state is shared again")
            self._said = None

    def _last_renewed(self) -> tuple[float, float]:
        """When any process of this machine last began to renew the lease, and had; long ago where nobody knows."""
        data = os.pread(self._renewed, _TIMES.size, 0)
        begun, ended = _TIMES.unpack(data) if len(data) == _TIMES.size else _NEVER
        return (begun, ended) if ended <= self._monotonic() else _NEVER  # written before the machine started anew

    def _say(self, error: FrontrowError) -> None:
        if self._said != error.message:
            self._said = error.message
            _log.error("state cannot be shared", error=error.message, mend=error.mend)


def check_form(head: bytes) -> Told:
    """Where the state stands; Refusal if another version of Frontrow wrote it."""
    told = None
    with suppress(ValueError):
        told = decode_told(head)
    if told is None or told.form != FORM:
        raise Refusal(
            "The database that state.url names holds the state of another version of Frontrow",
            "Run one version on all servers; then empty the database (FLUSHDB): nothing is lost, it is told anew.",
            "valkey holds another version's state",
        )
    return told
