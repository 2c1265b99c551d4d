"""API keys: who may call what. A key is `fr_<role>_<43 url-safe characters>`, 256 random bits, shown once.

Kept is the SHA-256 of a key. A slow hash protects guessable passwords; nobody guesses 256 bits, and a slow one would be
paid on every request.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final, Literal, NamedTuple, Protocol, get_args

from frontrow.core.clock import Clock, Micros, format_time
from frontrow.core.errors import UsageError

Role = Literal["app", "analyst", "support", "operator", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
KEY_BYTES: Final = 32


class KeyInfo(NamedTuple):
    """What is known of a key, which is everything but the key. `created_at` is microseconds UTC."""

    key_id: str
    role: Role
    created_at: Micros


class KeyStore(Protocol):
    """Keeps keys. Every read sees every change that was answered before it, from any process."""

    def create(self, role: str, now: Micros) -> str:
        """A new key: the only time that its text is seen. UsageError for an unknown role."""
        ...

    def all(self) -> list[KeyInfo]:
        """All keys, oldest first."""
        ...

    def revoke(self, key_id: str) -> None:
        """Ends a key at once. NotFound if there is none of this id."""
        ...

    def role_of(self, key: str) -> Role | None:
        """The role that a key gives, or None for what is no key."""
        ...

    def count(self) -> int: ...


class Keys:
    """API keys of a workspace, for people: times in words."""

    def __init__(self, store: KeyStore, wall: Clock) -> None:
        self._store, self._wall = store, wall

    def create(self, role: str) -> str:
        """A new key of a role: the only time that its text is seen. UsageError for an unknown role."""
        return self._store.create(role, self._wall())

    def list(self) -> list[dict[str, str]]:
        """All keys, oldest first, without their text."""
        keys = self._store.all()
        return [{"key_id": k.key_id, "role": k.role, "created_at": format_time(k.created_at)} for k in keys]

    def revoke(self, key_id: str) -> None:
        """Ends a key at once; NotFound if there is none of this id."""
        self._store.revoke(key_id)

    def role_of(self, key: str) -> str | None:
        """The role of a live key, else None."""
        return self._store.role_of(key)

    def count(self) -> int:
        """How many keys there are."""
        return self._store.count()


def key_text(role: Role, secret: bytes) -> str:
    """The key of a role and 32 unguessable bytes."""
    return f"fr_{role}_{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


def key_digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def check_role(role: str) -> Role:
    """The role, or UsageError that names those there are."""
    for known in ROLES:
        if role == known:
            return known
    raise UsageError(f"Unknown role {role[:40]}", f"Roles: {', '.join(ROLES)}.")
