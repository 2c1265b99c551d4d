"""One SQLite file: opened, created where there is none, refused when another version wrote it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frontrow.core.errors import FrontrowError, Unavailable
from frontrow.storage.schema import ADDED, APPLICATION_ID, FORMAT, PRAGMAS, SCHEMA


def storage_error(error: sqlite3.Error, path: Path) -> FrontrowError:
    """What a failure of SQLite means to somebody who can mend it."""
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith("SQLITE_FULL"):
        return Unavailable(
            f"The disk that holds {path} is full", "Free some space and try again; nothing was lost.", "disk full"
        )
    if name.startswith("SQLITE_IOERR_WRITE"):  # a quota, a limit of file sizes, or a disk that fails
        mend = "Check quota and disk; what was accepted is kept."
        return Unavailable(f"{path} cannot be written now ({name})", mend, "disk cannot be written")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return FrontrowError(f"{path} is damaged or no Frontrow database ({error})", "Restore it from a backup.")
    if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return FrontrowError(f"{path} cannot be opened for writing ({error})", "Check the folder and its permissions.")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Unavailable(f"{path} is held by another program ({error})", "Try again.")
    return FrontrowError(f"{path}: {error} ({name})")


def connect(path: Path, pragmas: tuple[str, ...] = PRAGMAS) -> sqlite3.Connection:
    """A connection in autocommit mode (transactions are explicit) that any one thread at a time may use."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite3.Error as error:
        connection.close()
        raise storage_error(error, path) from error
    return connection


def prepare(path: Path) -> None:
    """Creates the tables in a new file; refuses a file of another format or another program.

    The caller holds the write lock, so that two processes do not create at once.
    """
    connection = connect(path)
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            connection.executescript(
                f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
                f"PRAGMA user_version = {FORMAT}; COMMIT;"
            )
        else:
            _check_format(path, application, version)
        connection.executescript(f"BEGIN IMMEDIATE; {ADDED} COMMIT;")
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    finally:
        connection.close()


def _check_format(path: Path, application: int, version: int) -> None:
    if application != APPLICATION_ID:
        raise FrontrowError(f"{path} is not a Frontrow database", "Choose another workspace.")
    if version > FORMAT:
        raise FrontrowError(
            f"The workspace {path.parent} has format {version}; this Frontrow reads format {FORMAT}",
            f"A newer Frontrow wrote it: install that one, or run its `frontrow migrate --to {FORMAT}` if it has one.",
        )
    if version < FORMAT:
        raise FrontrowError(
            f"The workspace {path.parent} has format {version}; this Frontrow reads format {FORMAT}",
            f"`frontrow migrate` is the command for that, but no release ever wrote format {version}, so there is "
            "nothing it could migrate from: create a workspace with `frontrow init` and import again.",
        )


class Readers:
    """Connections for reading, lent to one thread at a time; as many as threads read at once.

    A statement outside a transaction sees every commit that came before it, from any process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """A connection, back in the pool afterwards."""
        with self._lock:
            if self._closed:
                raise FrontrowError(f"The workspace {self._path.parent} is closed")
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = connect(self._path, (*PRAGMAS, "PRAGMA query_only = ON"))
        try:
            yield connection
        except sqlite3.Error as error:
            raise storage_error(error, self._path) from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._take_back(connection)

    def _take_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def close(self) -> None:
        """Closes those that are idle now, and the others when they come back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
