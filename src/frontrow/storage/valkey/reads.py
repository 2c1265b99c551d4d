"""The side of the servers that only read: every read brings along where the state stands and whether its lease runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from frontrow.core.errors import FrontrowError, Refusal, Unavailable
from frontrow.storage.valkey.courier import HERE, Wanted
from frontrow.storage.valkey.form import Told, encode
from frontrow.storage.valkey.publisher import check_form
from frontrow.storage.valkey.scripts import READ, WANT

if TYPE_CHECKING:
    from frontrow.storage.valkey.link import Link

STICKS: Final = 2.0
"""Seconds for which answers go on saying that they may be old: longer than any answer takes."""
PAUSE: Final = 1.0
"""Seconds without asking after something was not brought: pages wait in turn."""
MOST_WAITING: Final = 1_000
UNHEARD: Final = "state: the server that ingests is not heard"


class Reads:
    """Not for two threads at once. `known` is the workspace whose state this server reads ("": the first that it meets,
    which `meet` is told). `wait` is how many seconds a fold may take to be brought."""

    def __init__(
        self, link: Link, life_ms: int, wait: float, token: Callable[[], str], known: str, meet: Callable[[str], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._link, self._life_ms, self._wait, self._token = link, life_ms, wait, token
        self.known, self._meet, self._monotonic = known, meet, monotonic
        self._trouble: str | None = "state: nothing is read yet"
        self._until = float("inf")
        self._leased, self._not_before = False, 0.0

    def told(self) -> Told:
        """Where the state stands now."""
        return self.read("head", "")[0]

    def read(self, kind: str, what: str | int, first: int = 0, many: int = 0) -> tuple[Told, Any]:
        """Where the state stands, and what was asked as of the same moment. Unavailable if Valkey cannot be asked or
        holds nothing, Refusal if it holds what this server must not read."""
        try:
            head, leased, _, found = self._link.run(READ, kind, what, self._life_ms, first, many)
            if head is None:
                raise Unavailable("Valkey holds no state", "Start the server that ingests.", "valkey holds no state")
            told = self._checked(check_form(head))
        except FrontrowError as error:
            self.note(f"state: {error.brief}")
            raise
        self._leased = bool(leased)
        if not leased:
            self.note(UNHEARD)
        elif self._monotonic() >= self._until or self._until == float("inf"):
            self._trouble = None
        return told, found

    def ask(self, wanted_of: Callable[[str], Wanted]) -> bool:
        """Has something brought by the server that ingests; False if it knows nobody of whom. Unavailable, at once
        where it is not heard or did not answer a moment ago, else after `wait`."""
        if not self._leased or self._monotonic() < self._not_before:
            raise self._unanswered("the server that ingests is not heard")
        wanted = wanted_of(self._token())
        if not self._link.run(WANT, encode(wanted), MOST_WAITING):
            raise self._unanswered("too many wait for the server that ingests")
        until = self._monotonic() + self._wait
        while (left := until - self._monotonic()) > 0:
            answer = self._link.pop(f"frontrow:answer:{wanted.token}", min(left, 1.0))
            if answer is not None:
                return answer == HERE
        self._not_before = self._monotonic() + PAUSE
        raise self._unanswered("the server that ingests does not answer")

    def note(self, trouble: str) -> None:
        """Answers of now may be older than what was acknowledged."""
        self._trouble, self._until = trouble, self._monotonic() + STICKS

    def problem(self) -> str | None:
        """What `note` was told last, unless that is over."""
        return self._trouble

    def _unanswered(self, why: str) -> Unavailable:
        self.note(f"state: {why}")
        return Unavailable(why.capitalize(), "See whether it runs.", why)

    def _checked(self, told: Told) -> Told:
        if not self.known:
            self._meet(told.workspace)
            self.known = told.workspace
        if told.workspace != self.known:
            raise Refusal(
                "The database that state.url names holds the state of another workspace than the one read before",
                "Correct state.url, or serve from a new folder (frontrow init).",
                "valkey holds another workspace",
            )
        return told
