"""One process's connection to Valkey: every call is bounded in time, and one that fails keeps the next from waiting."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from frontrow.core.errors import FrontrowError, Refusal, Unavailable

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 1.0
"""Seconds without a call after one that failed, doubled with each that fails again."""

_SCHEMES: Final = re.compile(r"valkey(s?)://")
_WHY: Final = (
    ("OOM", "valkey is full", "Give it more memory (maxmemory), or let volatile keys go (maxmemory-policy)."),
    ("LOADING", "valkey is loading its data", "It comes by itself."),
    ("READONLY", "valkey is a replica that takes no writes", "Name the primary in state.url."),
    ("NOAUTH", "valkey refuses the password", "Set user and password in state.url."),
    ("WRONGPASS", "valkey refuses the password", "Set user and password in state.url."),
    ("NOPERM", "valkey does not allow the user a command", "Give the user rights to all commands on frontrow:*."),
)


class Link:
    """Any thread may call. `url` is redis://, rediss://, valkey://, valkeys:// or unix://; `timeout` seconds bound one
    try, of which a call makes two at most (a connection that the server closed is noticed by using it)."""

    def __init__(self, url: str, timeout: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.timeout = timeout
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._pause, self._not_before = 0.0, 0.0
        self._last: FrontrowError | None = None
        try:
            self._client = self._connect(url, timeout)
            self._waiting = self._connect(url, timeout + 1)
        except ValueError as error:
            raise Refusal(f"state.url is no address of a Valkey server: {error}", "Write redis://HOST:PORT/0") from None

    @staticmethod
    def _connect(url: str, timeout: float) -> redis.Redis:
        return redis.Redis.from_url(
            _SCHEMES.sub(r"redis\1://", url),
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1, (redis.exceptions.ConnectionError,)),
            client_name="frontrow",
        )

    def run(self, script: str, *arguments: bytes | str | int) -> Any:
        """What a script returns. Unavailable where Valkey cannot be asked now, Refusal where it will not be."""
        digest = _digest(script)
        return self._guarded(lambda: self._evaluated(script, digest, arguments))

    def pop(self, key: str, seconds: float) -> bytes | None:
        """Takes the oldest entry of a list, waiting for one up to `seconds` (at most 1)."""
        found = self._guarded(lambda: self._waiting.brpop([key], timeout=seconds))
        return found[1] if found else None

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()
        self._waiting.close()

    def _evaluated(self, script: str, digest: str, arguments: tuple[bytes | str | int, ...]) -> Any:
        try:
            return self._client.evalsha(digest, 0, *arguments)
        except redis.exceptions.NoScriptError:
            return self._client.eval(script, 0, *arguments)

    def _guarded(self, call: Callable[[], Any]) -> Any:
        if self._last is not None and self._monotonic() < self._not_before:
            last = self._last  # a new one each time: a traceback would grow with every raise
            raise type(last)(last.message, last.mend, last.brief)
        try:
            answer = call()
        except (redis.exceptions.RedisError, OSError) as error:
            raise self._failed(error) from error
        if self._last is not None:
            with self._lock:
                self._last, self._pause = None, 0.0
        return answer

    def _failed(self, error: Exception) -> FrontrowError:
        told = _told(error)
        with self._lock:
            self._pause = min(max(FIRST_PAUSE, 2 * self._pause), LONGEST_PAUSE)
            self._not_before = self._monotonic() + self._pause
            self._last = told
        return told


def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()  # what EVALSHA asks for


def _told(error: Exception) -> FrontrowError:
    """What a failure means to somebody who can mend it. Never the URL: it may hold a password."""
    text = str(error)
    for sign, brief, mend in _WHY:
        if sign in text or (sign == "WRONGPASS" and isinstance(error, redis.exceptions.AuthenticationError)):
            kind = Refusal if "password" in brief or "allow" in brief else Unavailable
            return kind(brief.capitalize(), mend, brief)
    if isinstance(error, redis.exceptions.TimeoutError):
        return Unavailable("Valkey does not answer in time", "See whether it is overloaded.", "valkey is slow")
    if isinstance(error, (redis.exceptions.ConnectionError, OSError)):
        return Unavailable("Valkey cannot be reached", "Start it, or correct state.url.", "valkey cannot be reached")
    return Unavailable(f"Valkey refused a call: {text[:200]}", "See its log.", "valkey refused a call")
