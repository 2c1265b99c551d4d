"""Counts of popularity as one file of a workspace: a header, and arrays that readers map into memory and share.

It is written beside its place, synced, and renamed. An erasure deletes it: a profile's views stand in it by number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from frontrow.core.errors import FrontrowError
from frontrow.core.lock import FileLock
from frontrow.core.log import Log
from frontrow.events.log import Head
from frontrow.features.laid_counts import Laid
from frontrow.features.velocity import Velocity
from frontrow.people.store import ErasedPlace

VERSION: Final = 1
"""Of the meaning of what is counted, too: raise it with every change, and all is counted anew."""
_MAGIC: Final = b"frontrow counts\n"
_ALIGN: Final = 64
_log = Log("frontrow")


class _Array(msgspec.Struct, array_like=True):
    name: str
    kind: str
    shape: tuple[int, ...]
    first: int


class _Header(msgspec.Struct):
    """`bytes` is the whole file's length, without header."""

    version: int
    stamp: tuple[int, int, int]
    facts: dict[str, Any]
    arrays: list[_Array]
    bytes: int


_decode = msgspec.msgpack.Decoder(_Header).decode


class CountsFile:
    """Implements `LaidCounts` in `folder`. `head` gives the log's head now."""

    def __init__(self, folder: Path, head: Callable[[], Head]) -> None:
        self._folder, self._head = folder, head
        self.path = folder / "counts"

    @contextmanager
    def turn(self) -> Iterator[None]:
        try:
            lock = self._locked("turn.lock")
        except OSError:  # a full disk: whoever counts keeps nothing, and nobody waits for that
            yield
            return
        try:
            yield
        finally:
            lock.close()

    def load(self) -> Laid | None:
        try:
            whole: NDArray[np.uint8] = np.memmap(self.path, np.uint8, "r")
        except (OSError, ValueError):  # there is none, or an empty one
            return None
        try:
            return _read(whole)
        except (msgspec.MsgspecError, ValueError, LookupError, TypeError, AttributeError) as error:
            _log.error("counts of popularity that are damaged are counted anew", error=str(error)[:200])
            return None

    def keep(self, laid: Laid) -> bool:
        """Erasures delete the file under the same lock: none that came meanwhile is undone by an older count."""
        beside = self.path.with_suffix(".new")
        try:
            lock = self._locked("file.lock")
            try:
                head = self._head()
                if (head.recounts, head.rewrites) != (laid.recounts, laid.rewrites):
                    return False
                _write(beside, laid)
                beside.rename(self.path)
            finally:
                beside.unlink(missing_ok=True)
                lock.close()
        except OSError as error:
            _log.error("counts of popularity could not be kept", error=str(error))
            return False
        return True

    def erase(self) -> ErasedPlace:
        """Deletes the file; it is made again when somebody counts next. FrontrowError where it cannot be deleted."""
        name = "counts of popularity"
        if not self._folder.is_dir():
            return ErasedPlace(name, 0, "there are none on disk")
        try:
            lock = self._locked("file.lock")
            try:
                there = self.path.exists()
                for path in (self.path, self.path.with_suffix(".new")):
                    path.unlink(missing_ok=True)
            finally:
                lock.close()
        except OSError as error:
            raise FrontrowError(f"{self._folder} cannot be used: {error}", "It is derived: delete it.") from None
        return ErasedPlace(name, int(there), "the file, which is made again" if there else "there are none on disk")

    def _locked(self, name: str) -> FileLock:
        """A lock that is held; its `close` frees it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder / name)
        lock.acquire()
        return lock


def _read(whole: NDArray[np.uint8]) -> Laid | None:
    start = len(_MAGIC) + 4
    if whole[: len(_MAGIC)].tobytes() != _MAGIC:
        raise ValueError("it is no such file")
    size = int(np.frombuffer(whole[len(_MAGIC) : start].tobytes(), "<u4")[0])
    header = _decode(whole[start : start + size].tobytes())
    body = whole[_aligned(start + size) :]
    if header.version != VERSION:
        return None
    if len(body) != header.bytes:
        raise ValueError(f"{len(body)} bytes of {header.bytes}")
    arrays: dict[str, NDArray[Any]] = {}
    for each in header.arrays:
        kind = np.dtype(each.kind)
        last = each.first + int(np.prod(each.shape)) * kind.itemsize
        arrays[each.name] = np.asarray(body[each.first : last]).view(kind).reshape(each.shape)
    return Laid(Velocity.of_laid(header.facts, arrays), *header.stamp)


def _write(path: Path, laid: Laid) -> None:
    facts, arrays = laid.velocity.laid()
    told, end = [], 0
    for name, values in arrays.items():
        told.append(_Array(name, values.dtype.str, values.shape, end))
        end = _aligned(end + values.nbytes)
    header = msgspec.msgpack.encode(_Header(VERSION, laid[1:], facts, told, end))
    with path.open("wb") as file:
        file.write(_MAGIC + np.uint32(len(header)).astype("<u4").tobytes() + header)
        begin = _aligned(file.tell())
        for each, values in zip(told, arrays.values(), strict=True):
            file.seek(begin + each.first)
            values.tofile(file)
        file.truncate(begin + end)
        file.flush()
        os.fsync(file.fileno())


def _aligned(place: int) -> int:
    return -(-place // _ALIGN) * _ALIGN
