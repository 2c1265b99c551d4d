"""The one way to change the database: units in turn, one sync for all that wait (group commit)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from frontrow.core.errors import FrontrowError, Unavailable
from frontrow.core.lock import TurnLock
from frontrow.events.log import Unit
from frontrow.storage.database import connect, storage_error
from frontrow.storage.schema import BUSY_MS
from frontrow.storage.unit import SqliteUnit

T = TypeVar("T")

MOST_WAITING = 256
"""Units of one process that may wait for their turn; more are refused (HTTP 503)."""


class _Job(Generic[T]):
    """One unit that waits for its turn, and what came of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self.work = work
        self.done = False
        self.result: T | None = None
        self.error: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        self.done, self.result, self.error = True, None, error


class SqliteWriter:
    """Any process may write: a unit waits for the lock of the workspace (in the kernel, without polling; freed when
    its holder dies), runs in one transaction and is synced. Of the threads of one process, the first to get its turn
    runs what all have queued, each unit in a savepoint of its own, under one sync. A unit must not write again."""

    def __init__(self, path: Path, lock: TurnLock, most_waiting: int = MOST_WAITING) -> None:
        self._path = path
        self._lock = lock
        self._most_waiting = most_waiting
        self._connection = connect(path)
        self._queue: list[_Job[Any]] = []
        self._queue_lock = threading.Lock()
        self._turn = threading.Lock()
        self._closed = False

    def write(self, work: Callable[[Unit], T]) -> T:
        """Runs `work` as one atomic, durable unit and returns its result; what it raises undoes it alone.

        Raises Unavailable when too many units wait, or the disk is full.
        """
        return self.transact(lambda connection: work(SqliteUnit(connection)))

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`write` for the storage room itself: the unit gets the connection."""
        job = _Job(work)
        with self._queue_lock:
            if self._closed:
                raise FrontrowError(f"The workspace {self._path.parent} is closed")
            if len(self._queue) >= self._most_waiting:
                raise Unavailable(f"{self._most_waiting} writes wait already", "Try again in a moment.")
            self._queue.append(job)
        with self._turn:
            if not job.done:
                with self._queue_lock:
                    jobs, self._queue = self._queue, []
                self._commit(jobs)
        if job.error is not None:
            raise job.error
        return cast(T, job.result)

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        try:
            with self._lock:
                self._transaction(jobs)
        except BaseException as error:
            for job in jobs:
                if not job.done:
                    job.fail(error if isinstance(error, FrontrowError) else _interrupted(error, self._path))
            if not isinstance(error, FrontrowError):
                raise

    def _transaction(self, jobs: list[_Job[Any]]) -> None:
        connection = self._connection
        begun = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            begun = True
            for job in jobs:
                self._savepoint(job)
            connection.execute("COMMIT")
            _finish(jobs)
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            elif begun and not isinstance(error, Exception):
                _finish(jobs)  # Ctrl-C came after COMMIT: the units are on disk
            if isinstance(error, sqlite3.Error):
                raise storage_error(error, self._path) from error
            raise

    def _savepoint(self, job: _Job[Any]) -> None:
        connection = self._connection
        connection.execute("SAVEPOINT unit")
        try:
            job.result = job.work(connection)
        except Exception as error:
            if not connection.in_transaction:  # a full disk or a failing one has undone the units of all
                cause = error if isinstance(error, sqlite3.Error) else sqlite3.OperationalError(str(error))
                raise storage_error(cause, self._path) from error
            connection.execute("ROLLBACK TO unit")
            job.error = storage_error(error, self._path) if isinstance(error, sqlite3.Error) else error
        connection.execute("RELEASE unit")

    def checkpoint(self, wait_ms: int) -> bool:
        """Moves the write-ahead log into the database and empties its file. False if readers held it for `wait_ms`."""
        with self._turn, self._lock:
            self._connection.execute(f"PRAGMA busy_timeout = {wait_ms:d}")
            try:
                busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as error:
                raise storage_error(error, self._path) from error
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {BUSY_MS:d}")
        return not busy

    def close(self) -> None:
        """Waits for the unit that runs, then refuses all others."""
        with self._queue_lock:
            self._closed = True
        with self._turn:
            self._connection.close()


def _finish(jobs: list[_Job[Any]]) -> None:
    for job in jobs:
        job.done = True


def _interrupted(error: BaseException, path: Path) -> FrontrowError:
    return Unavailable(f"A write to {path} was interrupted ({type(error).__name__}); nothing of it was kept")
