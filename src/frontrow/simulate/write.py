"""Tables on disk, as `frontrow import tables` reads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from frontrow.core.errors import FrontrowError

_JSON: Final = frozenset({"translations", "tags", "people", "windows", "attributes", "consent"})
TABLES: Final = ("titles", "profiles", "events")


def table_of(records: list[dict[str, Any]]) -> pl.DataFrame:
    """Records as a frame; nested fields as JSON text, empty ones left out."""
    names = list(dict.fromkeys(name for record in records for name in record))
    return pl.DataFrame({name: [_cell(name, record.get(name)) for record in records] for name in names})


def _cell(name: str, value: Any) -> Any:
    if name not in _JSON or value is None:
        return value
    return msgspec.json.encode(value).decode() if value else None


def prepare(folder: Path) -> None:
    """Makes the folder; FrontrowError where it cannot be, or holds tables of another kind that an import would take."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path.name for table in TABLES for path in folder.glob(f"{table}.*") if path.suffix != ".parquet"]
    except OSError as error:
        raise FrontrowError(f"{folder} cannot be made: {error.strerror}", "Choose another folder.") from None
    if others:
        raise FrontrowError(f"{folder} holds {', '.join(sorted(others))}", "Choose another folder.")


def write_table(frame: pl.DataFrame, folder: Path, table: str) -> None:
    """Writes one table; a reader sees it whole or not at all."""
    draft = folder / f".{table}.parquet.part"
    frame.write_parquet(draft, compression="zstd", compression_level=3, statistics=False)
    os.replace(draft, folder / f"{table}.parquet")
