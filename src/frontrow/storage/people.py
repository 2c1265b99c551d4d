"""Profiles as the people room reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from frontrow.people.profile import Profile
from frontrow.people.store import KnownProfile, Stranger
from frontrow.storage.database import Readers
from frontrow.storage.meta import id_digest, read_secret

SELECT_KNOWN: Final = "SELECT number, generation, record FROM profiles"
SELECT_AMONG: Final = " ".join((SELECT_KNOWN, "WHERE profile_id IN (SELECT value FROM json_each(?))"))
CHUNK: Final = 2_000

_decode = msgspec.json.Decoder(Profile).decode


def to_known(row: tuple[Any, ...]) -> KnownProfile:
    """A row of SELECT_KNOWN."""
    return KnownProfile(row[0], row[1], _decode(row[2]))


def find_profile(connection: sqlite3.Connection, profile_id: str) -> KnownProfile | None:
    """One profile by its id."""
    row = connection.execute(f"{SELECT_KNOWN} WHERE profile_id = ?", (profile_id,)).fetchone()
    return None if row is None else to_known(row)


class SqlitePeople:
    """Implements `PeopleStore`."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def find(self, profile_id: str) -> KnownProfile | None:
        with self._readers.one() as connection:
            return find_profile(connection, profile_id)

    def numbered(self, number: int) -> KnownProfile | None:
        """The profile with a number, or None if nobody has it (any more)."""
        with self._readers.one() as connection:
            row = connection.execute(f"{SELECT_KNOWN} WHERE number = ?", (int(number),)).fetchone()
        return None if row is None else to_known(row)

    def stranger(self, profile_id: str) -> Stranger | None:
        with self._readers.one() as connection:
            (newest,) = connection.execute("SELECT coalesce(max(number), 0) FROM profiles").fetchone()
            if find_profile(connection, profile_id) is not None:  # looked for last: who comes later has a higher number
                return None
            return Stranger(id_digest(read_secret(connection), profile_id), newest)

    def met(self, stranger: Stranger) -> KnownProfile | None:
        with self._readers.one() as connection:
            secret = read_secret(connection)
            for row in connection.execute(
                "SELECT number, profile_id FROM profiles WHERE number > ?", (stranger.newest,)
            ):
                if id_digest(secret, row[1]) == stranger.digest:
                    break
            else:
                return None
        return self.numbered(row[0])

    def digest(self, profile_id: str) -> bytes:
        """The keyed hash of an id, as in `Stranger`."""
        with self._readers.one() as connection:
            return id_digest(read_secret(connection), profile_id)

    def generation(self, number: int) -> int | None:
        with self._readers.one() as connection:
            row = connection.execute("SELECT generation FROM profiles WHERE number = ?", (int(number),)).fetchone()
        return None if row is None else int(row[0])

    def listing(self, after: int, limit: int) -> list[KnownProfile]:
        with self._readers.one() as connection:
            rows = connection.execute(f"{SELECT_KNOWN} WHERE number > ? ORDER BY number LIMIT ?", (after, limit))
            return [to_known(row) for row in rows]

    def everyone(self) -> Iterator[KnownProfile]:
        number = 0
        while part := self.listing(number, CHUNK):
            yield from part
            number = part[-1].number

    def count(self) -> int:
        with self._readers.one() as connection:
            return int(connection.execute("SELECT count(*) FROM profiles").fetchone()[0])
