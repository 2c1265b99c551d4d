"""Errors that a user caused or can mend: one line of what is wrong, one of how to mend it."""

from __future__ import annotations


class FrontrowError(Exception):
    """Something that the caller can understand and mend. Commands print it and exit with `exit_code`.

    `message` says what is wrong and where; `mend` what to do about it ("" when the message says it all).
    """

    exit_code = 1
    brief = ""
    """What is wrong in a word or two that name nobody and no place, for answers that go on without the part."""

    def __init__(self, message: str, mend: str = "", brief: str = "") -> None:
        super().__init__(message if not mend else f"{message}. {mend}")
        self.message = message
        self.mend = mend
        self.brief = brief


class UsageError(FrontrowError):
    """The command or setting was called wrongly (exit code 2)."""

    exit_code = 2


class InvalidRecord(FrontrowError):
    """A title, profile, event or request that breaks the contract. `pointer` is an RFC 6901 JSON pointer into it."""

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class NotFound(FrontrowError):
    """A title, profile, page or route that does not exist."""


class Expired(FrontrowError):
    """Something that existed and is no longer served (HTTP 410)."""


class Unavailable(FrontrowError):
    """Cannot be done right now; trying again may help (HTTP 503)."""


class WrongServer(FrontrowError):
    """This server only reads (`state.role = "read"`); another one ingests (HTTP 421)."""

    def __init__(self) -> None:
        super().__init__(
            "This server only reads: another one takes events and changes, and has all that happened",
            'Send it there (here frontrow.toml says [state] role = "read")',
        )


class Refusal(FrontrowError):
    """Something that trying again does not mend: a wrong password, another service's data, another form of it."""


class Conflict(FrontrowError):
    """Somebody else changed it first (HTTP 412)."""
