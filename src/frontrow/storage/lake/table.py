"""The Delta table on disk: its files, and commits that add and remove some together with the log's offset.

A file is written and synced before a commit names it, and the commit is synced before it counts: Delta's own writers
leave both to the kernel. The offset is an application transaction of the same commit, so files and offset cannot part.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from frontrow.core.clock import Clock
from frontrow.core.errors import FrontrowError
from frontrow.storage.lake.rows import COLUMNS, DAY

if TYPE_CHECKING:
    from deltalake import DeltaTable, Schema

APP: Final = "frontrow-log"
"""The application whose transaction version is the log offset."""
_CONFIGURATION: Final = {
    # Files' least and largest values stand in commits, which outlive the files: of nothing but offsets.
    "delta.dataSkippingNumIndexedCols": "1",
    "delta.logRetentionDuration": "interval 7 days",
    "delta.checkpointInterval": "100",
}
MEND: Final = "The lake is made from the log: `frontrow compact --anew` makes it again."


class LakeFile(NamedTuple):
    """One file of the table: path below its folder, bytes, rows, day of arrival."""

    path: str
    size: int
    rows: int
    day: date


class LakeState(NamedTuple):
    """One version: `offset` is that of the log up to which its files hold all events; `table_id` is given at birth."""

    version: int
    offset: int
    table_id: str
    files: tuple[LakeFile, ...]


class LakeTable:
    """The table in `folder`. Whoever changes it holds the lake's lock. `wall` stamps what is removed."""

    def __init__(self, folder: Path, wall: Clock) -> None:
        self.folder, self._wall = folder, wall

    @property
    def exists(self) -> bool:
        """Whether there is one."""
        return (self.folder / "_delta_log").is_dir() and any((self.folder / "_delta_log").glob("*.json"))

    def create(self) -> LakeState:
        """Makes an empty table."""
        from deltalake import DeltaTable

        self.folder.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(str(self.folder), _delta_schema(), partition_by=[DAY], configuration=_CONFIGURATION)
        _sync(self.folder / "_delta_log", self.folder, self.folder.parent)
        return self.state()

    def state(self) -> LakeState:
        """The newest version; FrontrowError where it cannot be read."""
        table = self._opened()
        added: Any = table.get_add_actions(flatten=True)
        actions = pl.DataFrame(added)
        files = tuple(
            LakeFile(*row)
            for row in sorted(
                zip(
                    actions["path"].to_list(), actions["size_bytes"].to_list(), actions["num_records"].to_list(),
                    actions[f"partition.{DAY}"].to_list(), strict=True,
                )
            )
        ) if actions.height else ()  # fmt: skip
        return LakeState(table.version(), table.transaction_version(APP) or 0, str(table.metadata().id), files)

    def write(self, state: LakeState, frame: pl.DataFrame, day: date) -> LakeFile:
        """Writes and syncs a file for the version after `state`; nobody reads it until it is committed."""
        first, last = int(frame["offset"][0]), int(frame["offset"][-1])
        path = f"{DAY}={day.isoformat()}/v{state.version + 1}-{first}-{last}.parquet"
        whole = self.folder / path
        made = not whole.parent.exists()
        whole.parent.mkdir(exist_ok=True)
        frame.write_parquet(whole, compression="zstd", statistics=False)
        _sync(whole, whole.parent, *([self.folder] if made else []))
        return LakeFile(path, whole.stat().st_size, frame.height, day)

    def commit(
        self, state: LakeState, added: Sequence[LakeFile], removed: Sequence[LakeFile], offset: int, new_rows: bool
    ) -> LakeState:
        """One version after `state`: files come and go, and the lake stands at `offset`, all together or not at all."""
        from deltalake.exceptions import DeltaError
        from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

        stamp = self._wall() // 1000
        actions: list[AddAction | RemoveAction] = [
            AddAction(each.path, each.size, {DAY: each.day.isoformat()}, stamp, new_rows, _statistics(each))
            for each in added
        ]
        actions += [
            RemoveAction(
                path=each.path, partition_values={DAY: each.day.isoformat()}, data_change=new_rows,
                deletion_timestamp=stamp, size=each.size,
            )
            for each in removed
        ]  # fmt: skip
        told = CommitProperties(app_transactions=[Transaction(APP, offset)], max_commit_retries=0)
        try:
            self._opened().create_write_transaction(actions, "append", _delta_schema(), [DAY], commit_properties=told)
        except DeltaError as error:
            raise OSError(str(error)) from None
        log = self.folder / "_delta_log"
        _sync(log / f"{state.version + 1:020}.json", log)
        return self.state()

    def read(self, file: LakeFile, columns: list[str] | None = None) -> pl.DataFrame:
        """A file's rows. FileNotFoundError where a newer version has replaced it and it was swept."""
        return pl.read_parquet(self.folder / file.path, columns=columns, hive_partitioning=False)

    def sweep(self, hours: int) -> int:
        """Deletes files that no version of the last `hours` names, those of killed commits too; how many went."""
        gone = self._opened().vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        folders = {(self.folder / path).parent for path in gone}
        _sync(*(folder for folder in folders if folder.is_dir()))
        return len(gone)

    def remove(self) -> None:
        """Deletes the whole table; its commits first, so that a table half deleted is none."""
        shutil.rmtree(self.folder / "_delta_log", ignore_errors=True)
        for path in self.folder.glob(f"{DAY}=*"):
            shutil.rmtree(path, ignore_errors=True)

    def _opened(self) -> DeltaTable:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        try:
            return DeltaTable(str(self.folder))
        except (DeltaError, OSError) as error:
            raise FrontrowError(f"The lake in {self.folder} cannot be read ({error})", MEND) from None


def first_offset(file: LakeFile) -> int:
    """The least offset of a file's rows."""
    return int(Path(file.path).stem.split("-")[1])


def last_offset(file: LakeFile) -> int:
    """The largest offset of a file's rows."""
    return int(Path(file.path).stem.split("-")[2])


def _statistics(file: LakeFile) -> str:
    first, last = first_offset(file), last_offset(file)
    told = {"numRecords": file.rows, "minValues": {"offset": first}, "maxValues": {"offset": last}, "nullCount": {}}
    return json.dumps(told)


def _delta_schema() -> Schema:
    from deltalake import Field, Schema
    from deltalake.schema import PrimitiveType

    kinds = {name: kind for name, (_, kind) in COLUMNS.items()} | {DAY: "date"}
    return Schema([Field(name, PrimitiveType(kind)) for name, kind in kinds.items()])


def _sync(*paths: Path) -> None:
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
