"""API keys in the workspace's database."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from frontrow.core.clock import Micros
from frontrow.core.errors import NotFound
from frontrow.people.keys import KEY_BYTES, KeyInfo, Role, check_role, key_digest, key_text
from frontrow.storage.database import Readers
from frontrow.storage.writer import SqliteWriter


class SqliteKeys:
    """Implements `KeyStore`. `entropy(n)` gives n unguessable bytes."""

    def __init__(self, readers: Readers, writer: SqliteWriter, entropy: Callable[[int], bytes]) -> None:
        self._readers = readers
        self._writer = writer
        self._entropy = entropy

    def create(self, role: str, now: Micros) -> str:
        known = check_role(role)
        key = key_text(known, self._entropy(KEY_BYTES))
        row = (self._entropy(5).hex(), known, key_digest(key), now)
        self._writer.transact(lambda connection: connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?)", row))
        return key

    def all(self) -> list[KeyInfo]:
        with self._readers.one() as connection:
            rows = connection.execute("SELECT key_id, role, created_at FROM keys ORDER BY created_at, key_id")
            return [KeyInfo(key_id, check_role(role), Micros(at)) for key_id, role, at in rows]

    def revoke(self, key_id: str) -> None:
        gone = self._writer.transact(
            lambda connection: connection.execute("DELETE FROM keys WHERE key_id = ?", (key_id,)).rowcount
        )
        if not gone:
            raise NotFound(f"No key has the id {key_id[:40]}")

    def role_of(self, key: str) -> Role | None:
        # The index compares digests, not keys: its timing tells nothing that leads to a key.
        digest = key_digest(key)
        with self._readers.one() as connection:
            row = connection.execute("SELECT role, digest FROM keys WHERE digest = ?", (digest,)).fetchone()
        return check_role(row[0]) if row and hmac.compare_digest(row[1], digest) else None

    def count(self) -> int:
        with self._readers.one() as connection:
            return int(connection.execute("SELECT count(*) FROM keys").fetchone()[0])
