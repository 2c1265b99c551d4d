"""Titles, profiles and experiments as servers that read have them."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

from frontrow.catalog.catalogue import Catalogue
from frontrow.catalog.store import NumberedTitle
from frontrow.catalog.title import Title
from frontrow.core.errors import FrontrowError, NotFound, WrongServer
from frontrow.experiments.design.store import Stored
from frontrow.people.store import KnownProfile, Stranger
from frontrow.storage.valkey.courier import Wanted
from frontrow.storage.valkey.form import experiments_of, known_of, title_of
from frontrow.storage.valkey.reads import Reads

PART: Final = 1_000
REMEMBERED: Final = 50_000
"""Profiles whose records one process remembers for when Valkey cannot be asked."""


class ValkeyTitles:
    """Implements what views read of `TitleStore`."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def version(self) -> int:
        return self._reads.told().titles

    def changed_since(self, version: int) -> tuple[int, list[NumberedTitle]]:
        while True:
            found: list[NumberedTitle] = []
            now = None
            while True:
                told, rows = self._reads.read("titles", version, len(found), PART)
                if told.titles != (now := told.titles if now is None else now):
                    break  # changed while it was read: once more
                found += map(title_of, rows or ())
                if len(rows or ()) < PART:
                    return now, sorted(found, key=lambda each: each.number)


class ValkeyPeople:
    """Implements what pages read of `PeopleStore`; remembers what it was told."""

    def __init__(self, reads: Reads, remembered: int = REMEMBERED) -> None:
        self._reads, self._most = reads, remembered
        self._known: OrderedDict[str, KnownProfile] = OrderedDict()
        self._strangers: OrderedDict[bytes, str] = OrderedDict()
        self._secret = secrets.token_bytes(32)

    def find(self, profile_id: str) -> KnownProfile | None:
        try:
            known = self._found(profile_id)
        except FrontrowError:
            if profile_id not in self._known:
                raise
            return self._known[profile_id]
        self._known.pop(profile_id, None)
        if known is not None:
            self._known[profile_id] = known
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return known

    def numbered(self, number: int) -> KnownProfile | None:
        """Of those remembered; of others nothing tells their id here."""
        held = next((known for known in self._known.values() if known.number == number), None)
        found = None if held is None else self.find(held.profile.profile_id)
        return found if found is not None and found.number == number else None

    def stranger(self, profile_id: str) -> Stranger | None:
        if self.find(profile_id) is not None:
            return None
        digest = hashlib.blake2b(profile_id.encode(), digest_size=16, key=self._secret).digest()
        self._strangers[digest] = profile_id
        if len(self._strangers) > self._most:
            self._strangers.popitem(last=False)
        return Stranger(digest, 0)

    def met(self, stranger: Stranger) -> KnownProfile | None:
        """NotFound for a stranger whom another process met: who that is, nothing tells here."""
        if stranger.digest not in self._strangers:
            raise NotFound("there is no such page")
        return self.find(self._strangers[stranger.digest])

    def listing(self, after: int, limit: int) -> list[KnownProfile]:
        """Nobody: who there is, the server that ingests knows."""
        return []

    def drop(self, numbers: set[int]) -> None:
        """Remembers nothing of these profiles any more."""
        for profile_id in [key for key, known in self._known.items() if known.number in numbers]:
            del self._known[profile_id]

    def drop_all(self) -> None:
        """Remembers nobody any more."""
        self._known.clear()

    def _found(self, profile_id: str) -> KnownProfile | None:
        for _ in range(2):
            _, rows = self._reads.read("record", profile_id)
            if rows:
                return known_of(rows[1])
            if not self._reads.ask(lambda token: Wanted(token, "record", profile_id)):
                return None
        return None


class ValkeyExperiments:
    """Implements `ControlStore` for reading."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._version: int | None = None

    def version(self) -> int:
        try:
            self._version = self._reads.told().experiments
        except FrontrowError:
            if self._version is None:
                raise
        return self._version

    def everything(self) -> dict[str, Stored]:
        return experiments_of(self._reads.read("experiments", "")[1])

    def change(self, object_id: str, work: Callable[[Mapping[str, Stored]], bytes | None]) -> Stored | None:
        raise WrongServer


class LiveTitles:
    """Single titles and lists of them, from the catalogue that this process holds. `catalogue` brings it up to date."""

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def find(self, title_id: str) -> Title | None:
        catalogue = self._catalogue()
        number = catalogue.number.get(title_id)
        return None if number is None else catalogue.titles[number]

    def listing(self, after: int, limit: int) -> list[NumberedTitle]:
        catalogue, found = self._catalogue(), []
        for number in range(after + 1, catalogue.size):
            if (title := catalogue.titles[number]) is not None:
                found.append(NumberedTitle(number, catalogue.ids[number], title))
                if len(found) == limit:
                    break
        return found
