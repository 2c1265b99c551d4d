"""The lake of a workspace: taken on from the log, kept in few files, rid of what was erased or has grown old."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import polars as pl

from frontrow.core.clock import Clock, Micros
from frontrow.core.errors import FrontrowError
from frontrow.core.lock import FileLock
from frontrow.core.log import Log
from frontrow.events.lake import Compacted, LakeStatus
from frontrow.people.store import ErasedPlace
from frontrow.storage.database import Readers
from frontrow.storage.event_log import read_head
from frontrow.storage.lake.changes import LAKE, Change, done, pending
from frontrow.storage.lake.reading import LakedLog
from frontrow.storage.lake.rows import COUNT, DAY, read_part
from frontrow.storage.lake.table import LakeFile, LakeState, LakeTable
from frontrow.storage.meta import read_meta, write_meta
from frontrow.storage.writer import SqliteWriter

Progress = Callable[[float, str], None]

_log = Log("frontrow")

ROWS: Final = 500_000
"""Events taken over in one commit: some 200 MB of memory."""
SMALL: Final = 16 << 20
"""Bytes below which a file is joined with others of its day..."""
MANY: Final = 8
"""... once there are so many of them."""
GRACE_HOURS: Final = 1
"""How long a file that was replaced stays for those who are reading it; not after an erasure."""


class Lake:
    """One workspace's lake in `folder`. Any process may call; one at a time changes it, under a lock of the kernel."""

    def __init__(
        self, folder: Path, readers: Readers, writer: SqliteWriter, wall: Clock, default_consent: bool = True,
        rows: int = ROWS,
    ) -> None:  # fmt: skip
        self.table = LakeTable(folder, wall)
        self.log = LakedLog(self.table, readers, default_consent)
        self._folder, self._readers, self._writer, self._rows = folder, readers, writer, rows

    def compact(self, progress: Progress, before: Micros | None = None, anew: bool = False) -> Compacted:
        """Takes the lake on to the log's end; safe to be killed at any instruction and begun again.

        Days of arrival that end by `before` (microseconds UTC) are dropped. `anew` begins with an empty lake.
        """
        found = Compacted()
        with self._locked():
            found.made_anew = self._prepared("asked for" if anew else "")
            counts, found.deleted_files = self._settle(self.table.state())
            found.changed = sum(counts.values())
        with self._readers.one() as connection:
            target = read_head(connection).offset
        began = self.table.state().offset
        while True:
            with self._locked():
                rows, state = self._take()
            found.rows, found.offset = found.rows + rows, state.offset
            progress(min(1, (state.offset - began) / max(target - began, 1)), f"{found.rows:,} events")
            if state.offset >= target:
                break
        with self._locked():
            found.joined_files = self._tidy(self.table.state())
            found.dropped_days = self._drop(self.table.state(), before) if before is not None else 0
            found.deleted_files += self.table.sweep(GRACE_HOURS)
        return found

    def erase(self, number: int) -> ErasedPlace:
        """Rewrites the files that hold rows of an erased profile, and deletes those of before; what it came to.

        A lake that cannot be read or written does not stop an erasure: readers leave the rows out, and the next
        compaction carries it out.
        """
        if not self.table.exists:
            return ErasedPlace("lake", 0, "there is none")
        try:
            return self._erased(number)
        except FrontrowError as error:
            _log.error("an erasure did not reach the lake", error=error.message)
            note = "NOT rewritten: it cannot be read or written; nobody reads the rows, frontrow compact deletes them"
            return ErasedPlace("lake", 0, note)

    def _erased(self, number: int) -> ErasedPlace:
        with self._locked():
            state = self.table.state()
            with self._readers.one() as connection:
                mine = {change.profile for change in pending(connection) if change.erased and change.target == number}
            gone, deleted = self._settle(state)
            rows = sum(count for profile, count in gone.items() if profile in mine)
            left = {file.path for file in self.table.state().files}
        files = len({file.path for file in state.files} - left)
        return ErasedPlace("lake", rows, f"{files} files written anew without them, {deleted} files deleted")

    def status(self) -> LakeStatus | None:
        """How it stands; None where there is none."""
        if not self.table.exists:
            return None
        with self._locked():
            state = self.table.state()
            with self._readers.one() as connection:
                connection.execute("BEGIN")
                changes, head = pending(connection), read_head(connection)
                (held,) = connection.execute(COUNT, (state.offset,)).fetchone()
            erased = {change.profile for change in changes if change.erased}
            rows = sum(file.rows for file in state.files)
            going = sum(self._count(file, erased) for file in state.files) if erased else 0
        return LakeStatus(
            state.offset, head.offset - state.offset, rows, held - (rows - going), len(state.files),
            len({file.day for file in state.files}), sum(file.size for file in state.files), len(changes),
        )  # fmt: skip

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FileLock(self._folder.with_suffix(".lock"))  # beside the folder: a sweep deletes what is not the table's
        try:
            lock.acquire()
            yield
        except (OSError, pl.exceptions.PolarsError) as error:
            raise FrontrowError(
                f"The lake in {self._folder} cannot be read or written: {error}",
                "It stays as it was. Free some space, or, if a file is damaged, frontrow compact --anew",
            ) from None
        finally:
            lock.close()

    def _prepared(self, why: str) -> str:
        """Makes sure of a table that is this log's; why one was begun anew, or ""."""
        with self._readers.one() as connection:
            kept, head = read_meta(connection, LAKE), read_head(connection)
        if self.table.exists:
            try:
                state = self.table.state()
            except FrontrowError as error:
                why = why or error.message
            else:
                why = why or ("it is not this log's" if state.table_id != kept else "")
                why = why or ("it was ahead of the log" if state.offset > head.offset else "")
            if not why:
                return ""
            self.table.remove()
        state = self.table.create()
        # Before anything is read: from here on erasures and merges are noted for the lake.
        self._writer.transact(lambda connection: write_meta(connection, LAKE, state.table_id))
        return why

    def _take(self) -> tuple[int, LakeState]:
        """Takes over the next events, in one commit with the offset that it comes to."""
        state = self.table.state()
        with self._readers.one() as connection:
            connection.execute("BEGIN")
            part = read_part(connection, state.offset, self._rows, read_head(connection).offset)
        if part.upto == state.offset:
            return 0, state
        added = self._written(state, part.frame) if part.frame.height else []
        return part.frame.height, self.table.commit(state, added, [], part.upto, new_rows=True)

    def _settle(self, state: LakeState) -> tuple[dict[int, int], int]:
        """Carries out erasures and merges that the log has noted; how many rows of each profile changed, and how many
        files were deleted: those with erased rows are, before the erasure counts as carried out."""
        with self._readers.one() as connection:
            changes = pending(connection)
        if not changes:
            return {}, 0
        numbers, counts = [change.profile for change in changes], dict.fromkeys((c.profile for c in changes), 0)
        added, removed = [], []
        for file in state.files:
            profiles = self.table.read(file, ["profile"])["profile"]
            found = profiles.filter(profiles.is_in(numbers)).value_counts()
            if not found.height:
                continue
            for profile, count in found.rows():
                counts[profile] += count
            removed.append(file)
            kept = _changed(self.table.read(file), changes)
            if kept.height:
                added.append(self.table.write(state, kept, file.day))
        if removed:
            self.table.commit(state, added, removed, state.offset, new_rows=True)
        deleted = self.table.sweep(0) if any(change.erased for change in changes) else 0
        self._writer.transact(lambda connection: done(connection, changes))
        return counts, deleted

    def _tidy(self, state: LakeState) -> int:
        """Joins small files of days that have many; how many were joined."""
        added, removed = [], []
        for day, files in groupby(sorted(state.files, key=lambda file: file.day), key=lambda file: file.day):
            small = [file for file in files if file.size < SMALL]
            if len(small) >= MANY:
                whole = pl.concat([self.table.read(file) for file in small]).sort("offset")
                added.append(self.table.write(state, whole, day))
                removed += small
        if removed:
            self.table.commit(state, added, removed, state.offset, new_rows=False)
        return len(removed)

    def _drop(self, state: LakeState, before: Micros) -> int:
        """Drops days of arrival that end by a moment; how many."""
        old = [file for file in state.files if _micros(file) <= before]
        if old:
            self.table.commit(state, [], old, state.offset, new_rows=True)
        return len({file.day for file in old})

    def _written(self, state: LakeState, frame: pl.DataFrame) -> list[LakeFile]:
        days = frame.with_columns(pl.col("received_at").dt.date().alias(DAY)).partition_by(
            DAY, include_key=False, as_dict=True
        )
        return [self.table.write(state, rows, key[0]) for key, rows in days.items()]

    def _count(self, file: LakeFile, profiles: set[int]) -> int:
        return int(self.table.read(file, ["profile"])["profile"].is_in(list(profiles)).sum())


def _changed(rows: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    """Rows without those of erased profiles, and with merged ones under their profile of now."""
    gone = [change.profile for change in changes if change.erased]
    moved = [change for change in changes if not change.erased]
    rows = rows.filter(~pl.col("profile").is_in(gone))
    was = pl.col("profile")
    numbers = [change.profile for change in moved]
    return rows.with_columns(
        was.replace(numbers, [change.target for change in moved]).alias("profile"),
        pl.when(was.is_in(numbers))
        .then(was.replace(numbers, [change.joined for change in moved]))
        .otherwise(pl.col("joined"))
        .alias("joined"),
    )


def _micros(file: LakeFile) -> int:
    """When the file's day ends."""
    ends = file.day + timedelta(days=1)
    return (ends.toordinal() - 719_163) * 86_400_000_000
