"""Reading the file that `experiment analyze` is given."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from frontrow.core.errors import FrontrowError, UsageError


def read_unit_table(path: Path) -> pl.DataFrame:
    """A per-unit table from `.parquet` or `.csv`; FrontrowError where it is absent or not of that form."""
    kind = path.suffix.lower()
    if kind not in (".parquet", ".csv"):
        raise UsageError(f"{path} is neither .csv nor .parquet", "Convert it first")
    if not path.is_file():
        raise FrontrowError(f"{path} does not exist")
    try:
        # all rows decide a CSV column's type: a text in row one million must not fail a read that began with numbers
        return pl.read_parquet(path) if kind == ".parquet" else pl.read_csv(path, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FrontrowError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
