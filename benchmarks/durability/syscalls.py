"""What a disk would hold after a power cut: a trace of a server's system calls, replayed up to any of its lines.

A write counts for nothing until a sync of its file that began after it has returned; a name (a file made or removed)
until a sync of its folder. What was not synced may have reached the disk or not, whole or by sectors of 512 bytes: a
cut draws which. The model is the one of Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014), for one
folder, with names kept in the order that they were made in.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TRACED = "openat,pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync,ftruncate,unlink,rename,fallocate"
STRACE = ["strace", "-f", "-y", "-xx", "-s", "200000", "-e", f"trace={TRACED}", "-e", "signal=none"]
SECTOR = 512
NAMES = ("frontrow.db", "frontrow.db-wal")
_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>(.*)|(\w+)\((.*))$")
_FD = re.compile(r"-?\w+<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_SENDS = {"write", "writev", "sendto", "sendmsg"}


@dataclass(frozen=True)
class Call:
    """One end of a system call. `returned` is None where it begins."""

    name: str
    arguments: str
    number: int
    returned: int | None


def _text(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def calls(trace: Path) -> Iterator[Call]:
    """Beginnings and ends of the calls, in the order that they happened in; `number` names a call."""
    open_calls: dict[str, tuple[str, str, int]] = {}
    with trace.open() as lines:
        for number, line in enumerate(lines):
            found = _LINE.match(line.rstrip("\n"))
            if not found:
                continue
            thread, resumed, rest, name, arguments = found.groups()
            if resumed:
                if thread not in open_calls:
                    continue
                name, first, began = open_calls.pop(thread)
                yield Call(name, first, began, _returned(rest))
            elif arguments.endswith("<unfinished ...>"):
                open_calls[thread] = (name, arguments, number)
                yield Call(name, arguments, number, None)
            else:
                yield Call(name, arguments, number, None)
                yield Call(name, arguments, number, _returned(arguments))


def _returned(rest: str) -> int:
    found = re.search(r"= (-?\d+)[^=]*$", rest)
    return int(found.group(1)) if found else -1


@dataclass
class File:
    """What is surely on disk, and what was done since, as (call, offset, bytes or None for a truncation)."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, int, bytes | None]] = field(default_factory=list)

    def sync(self, done: list[int]) -> None:
        """The writes that had returned when the sync began are on disk."""
        reached = set(done)
        for change in self.since:
            if change[0] in reached:
                apply(self.synced, change[1], change[2])
        self.since = [change for change in self.since if change[0] not in reached]


def apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset : offset + len(data)] = data


class Disk:
    """The database's files as calls leave them."""

    def __init__(self, workspace: Path) -> None:
        self.folder = str(workspace.resolve())
        self.names = {name: File(bytearray(path.read_bytes())) for name in NAMES if (path := workspace / name).exists()}
        self.on_disk = dict(self.names)
        self.renamed: list[tuple[str, File | None]] = []
        self.syncing: dict[int, tuple[File | None, list[int]]] = {}
        self.syncs = self.checkpointed = 0

    def take(self, call: Call) -> bytes | None:
        """What begins to be sent over a socket, if this is that; else the call is done to the files."""
        if call.name in _SENDS and call.returned is None:
            path = _fd(call.arguments)
            if path.startswith("socket:") or path.startswith("TCP"):
                return b"".join(_text(each) for each in _TEXT.findall(call.arguments))
        if call.name in {"fsync", "fdatasync"}:
            self._sync(call)
        elif call.returned is not None and call.returned >= 0:
            self._change(call)
        return None

    def _sync(self, call: Call) -> None:
        path = _fd(call.arguments)
        if call.returned is None:
            file = self._file(path)
            if file is not None:
                self.syncing[call.number] = file, [change[0] for change in file.since]
            elif path == self.folder:
                self.syncing[call.number] = None, list(range(len(self.renamed)))
        elif call.number in self.syncing:
            file, done = self.syncing.pop(call.number)
            if call.returned < 0:
                return
            self.syncs += 1
            if file is not None:
                file.sync(done)
            else:
                for name, linked in self.renamed[: len(done)]:
                    self._link(self.on_disk, name, linked)
                del self.renamed[: len(done)]

    def _change(self, call: Call) -> None:
        if call.name in {"openat", "unlink"}:
            path = _TEXT.search(call.arguments)
            name = self._name(_text(path.group(1)).decode()) if path else None
            if name and call.name == "unlink":
                self._name_change(name, None)
            elif name and "O_CREAT" in call.arguments and name not in self.names:
                self._name_change(name, File())
            return
        file = self._file(_fd(call.arguments))
        if file is None:
            return
        if call.name == "ftruncate":
            file.since.append((call.number, int(call.arguments.split(", ")[1].split(")")[0]), None))
        elif call.name == "pwrite64":
            data = _TEXT.search(call.arguments)
            assert data
            assert call.returned is not None
            offset = int(call.arguments[data.end() :].split(", ")[2].split(")")[0].split(" ")[0])
            self.checkpointed += file is self.names.get(NAMES[0])
            file.since.append((call.number, offset, _text(data.group(1))[: call.returned]))
        else:
            raise AssertionError(f"the model does not know {call.name} on a database's file")

    def _name_change(self, name: str, linked: File | None) -> None:
        self._link(self.names, name, linked)
        self.renamed.append((name, linked))

    def _name(self, path: str) -> str | None:
        name = path.rpartition("/")[2]
        return name if name in NAMES and path == f"{self.folder}/{name}" else None

    def _file(self, path: str) -> File | None:
        name = self._name(path)
        return self.names.get(name) if name else None

    @staticmethod
    def _link(names: dict[str, File], name: str, linked: File | None) -> None:
        if linked is None:
            names.pop(name, None)
        else:
            names[name] = linked

    def cut(self, into: Path, rng: random.Random | None) -> None:
        """Writes what the disk holds if the power goes now: with `rng` what was not synced got there by chance."""
        names = dict(self.on_disk)
        for name, linked in self.renamed[: rng.randint(0, len(self.renamed)) if rng else 0]:
            self._link(names, name, linked)
        for name, file in names.items():
            content = bytearray(file.synced)
            for _, offset, data in file.since if rng else ():
                assert rng
                fate = rng.random()
                if fate < 0.4:
                    apply(content, offset, data)
                elif fate < 0.6 and data is not None:
                    torn = rng.randrange(len(data) // SECTOR + 1) * SECTOR
                    apply(content, offset, data[:torn])
            (into / name).write_bytes(content)


def _fd(arguments: str) -> str:
    found = _FD.match(arguments)
    return _text(found.group(1)).decode() if found and found.group(1).startswith("\\x") else ""
