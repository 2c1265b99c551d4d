"""Locks that the kernel frees when their holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType


class FileLock:
    """An exclusive `flock` on a file, which is created and stays. Not for two threads of one object at a time.

    The lock belongs to this object, not to the process: two objects on one file exclude each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def acquire(self) -> None:
        """Sleeps in the kernel until the lock is ours; a signal handler that raises ends the wait."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def try_acquire(self) -> bool:
        """Whether the lock was free and now is ours."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def write(self, text: str) -> None:
        """Replaces what the lock file says; for its holder."""
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def close(self) -> None:
        """Frees the lock, if held, and the file descriptor."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class TurnLock:
    """A FileLock taken in turns: whoever releases it cannot overtake a process that waits already.

    `flock` alone lets a busy process take the lock again before a sleeping waiter has woken. So a waiter holds the
    turn while it waits, and the next one queues for the turn.
    """

    def __init__(self, path: Path) -> None:
        self._turn = FileLock(path.with_suffix(path.suffix + ".turn"))
        self._lock = FileLock(path)

    def __enter__(self) -> None:
        self._turn.acquire()
        try:
            self._lock.acquire()
        finally:
            self._turn.release()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._lock.release()

    def close(self) -> None:
        self._turn.close()
        self._lock.close()
