"""Who may call what: keys and roles, and the loopback rules of a server without keys."""

from __future__ import annotations

import ipaddress
from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from starlette.datastructures import Headers

from frontrow.api.problems import Refused
from frontrow.api.service import Keys
from frontrow.core.errors import UsageError

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY_TIME = frozenset({"operator", "admin"})
"""Roles that may ask for another moment than now."""
STAFF = frozenset({"support", "operator", "admin"})
"""Roles of people who run the service: a page that they ask for is no viewer's."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_mode(host: str, dev: bool, has_keys: bool) -> None:
    """UsageError for a server that would answer strangers."""
    if dev and not is_loopback(host):
        raise UsageError(
            f"--dev answers without keys and so only on a loopback address, not on {host}",
            "Leave --host out, or create keys and serve without --dev",
        )
    if not dev and not has_keys:
        raise UsageError(
            "this workspace has no API key", "Create one with `frontrow keys create --role app`, or try it with --dev"
        )


@dataclass(frozen=True)
class Door:
    """Decides whether a request comes in, and as whom.

    With `dev`, a request without a key counts as admin's, so Host and Origin are checked: a page of another site that
    a developer visits can reach a loopback server (DNS rebinding, cross-site requests).
    """

    keys: Keys
    dev: bool
    host: str
    port: int

    def check_origin(self, headers: Headers) -> None:
        """Refuses foreign Host and Origin headers; does nothing without `dev`."""
        if not self.dev:
            return
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            raise Refused(403, f"Host must be localhost or 127.0.0.1 with port {self.port} on a server without keys")
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{host}":
            raise Refused(403, "Requests from pages of another origin are refused by a server without keys")

    @cached_property
    def _hosts(self) -> Set[str]:
        own = f"[{self.host}]" if ":" in self.host else self.host
        return {name + port for name in (*LOOPBACK_NAMES, own.lower()) for port in ("", f":{self.port}")}

    def role(self, headers: Headers, allowed: Set[str]) -> str:
        """The caller's role, one of `allowed`; 401 without a valid key, 403 outside the role."""
        stated = headers.get("authorization")
        if stated is None:
            if self.dev:
                return "admin"
            raise _unknown_caller("This call needs a key: send Authorization: Bearer KEY", None)
        scheme, _, key = stated.partition(" ")
        key = key.strip()
        role = self.keys.role_of(key) if scheme.lower() == "bearer" and key and key.isascii() else None
        if role is None:
            told = "The key is not valid" if scheme.lower() == "bearer" else "Send the key as Authorization: Bearer KEY"
            raise _unknown_caller(told, "invalid_token")
        if role not in allowed:
            raise Refused(403, f"The role {role} may not make this call; {', '.join(sorted(allowed))} may")
        return role

    def is_staff(self, role: str, headers: Headers) -> bool:
        """Whether somebody looks at what viewers see. With `dev`, who has no key is a viewer who tries the page."""
        return role in STAFF and headers.get("authorization") is not None

    def check_moment(self, role: str) -> None:
        """Whether `at` may be said."""
        if not self.dev and role not in ANY_TIME:
            raise Refused(403, f"The role {role} may not set `at`; operator and admin may", "/at")


def _unknown_caller(detail: str, error: str | None) -> Refused:
    challenge = 'Bearer realm="frontrow"' + (f', error="{error}"' if error else "")
    return Refused(401, detail, headers={"WWW-Authenticate": challenge})
