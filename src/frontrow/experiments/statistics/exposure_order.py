"""Outcomes from before a unit was exposed: no effect can have caused them, so a table that holds them is refused."""

from __future__ import annotations

import polars as pl

from frontrow.core.errors import FrontrowError, UsageError


def check_exposure_order(frame: pl.DataFrame, *, unit: str, exposed: str, outcome: str) -> None:
    """FrontrowError where some unit's first `outcome` is earlier than its `exposed`.

    Both columns are times, numbers, or text in RFC 3339; a unit that lacks either is not judged. Equal times pass.
    """
    for name in (unit, exposed, outcome):
        if name not in frame.columns:
            raise UsageError(f"no column {name} in the table", f"Columns: {', '.join(frame.columns[:30])}")
    times = frame.select(
        pl.col(unit).cast(pl.String).alias("unit"),
        _moments(frame[exposed]).alias("exposed"),
        _moments(frame[outcome]).alias("outcome"),
    )
    if times["exposed"].dtype.is_numeric() != times["outcome"].dtype.is_numeric():
        raise FrontrowError(f"columns {exposed} and {outcome} cannot be compared", "Give both as times or as numbers")
    early = times.filter(pl.col("outcome") < pl.col("exposed"))
    if early.height:
        example = str(early["unit"].min())
        raise FrontrowError(
            f"{early.height} units have an outcome from before their exposure, for example {unit} {example}",
            "Count only what came after a unit was first exposed",
        )


def _moments(column: pl.Series) -> pl.Series:
    """Numbers as they are; all kinds of time as naive UTC, so that they compare."""
    if column.dtype.is_numeric():
        return column
    if column.dtype == pl.String:
        try:
            column = column.str.to_datetime(time_unit="us", time_zone="UTC")
        except pl.exceptions.PolarsError:
            raise FrontrowError(f"column {column.name} does not hold times", "Write them in RFC 3339") from None
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        return column.cast(pl.Datetime("us"))
    raise FrontrowError(f"column {column.name} holds {column.dtype}, not times")
