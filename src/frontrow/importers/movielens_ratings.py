"""MovieLens ratings as one frame, oldest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from frontrow.core.clock import SECOND
from frontrow.core.errors import FrontrowError
from frontrow.importers.movielens_files import Broken, Layout

BLOCK_BYTES = 1 << 25
_LAST_SECOND = 253_402_300_799  # 9999-12-31
_LAYOUTS_WITH_HEADING = {","}


def read_ratings(path: Path, layout: Layout, broken: Broken, progress: Callable[[float], None]) -> pl.DataFrame:
    """profile_id, title_id, value, at (microseconds), line; sorted by at, ties in file order.

    Blocks bound the memory: text is an order of magnitude larger than what is kept of it.
    """
    frames = [_parse(block, layout.separator, first, path.name, broken)
              for first, block in _blocks(path, layout.separator in _LAYOUTS_WITH_HEADING, progress)]  # fmt: skip
    ratings = pl.concat(frames) if frames else _parse([], layout.separator, 1, path.name, broken)
    return ratings.sort("at", maintain_order=True)


def _blocks(path: Path, heading: bool, progress: Callable[[float], None]) -> Iterator[tuple[int, list[str]]]:
    """Lines by the block, with the number of each block's first line."""
    first = 1
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as file:
            if heading:
                file.readline()
                first = 2
            while block := file.read(BLOCK_BYTES):
                block += file.readline()
                lines = block.decode("latin-1").split("\n")
                if not lines[-1]:
                    lines.pop()
                yield first, lines
                first += len(lines)
                progress(file.tell() / size)
    except OSError as error:
        raise FrontrowError(f"cannot read {path}: {error.strerror}") from None


def _parse(lines: list[str], separator: str, first: int, file: str, broken: Broken) -> pl.DataFrame:
    cells = (
        pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)})
        .with_columns(cell=pl.col("line").str.strip_chars_end("\r").str.split_exact(separator, 4))
        .with_columns(pl.col("cell").struct.unnest())
        .select(
            pl.col("line"),
            number=pl.int_range(first, pl.len() + first, dtype=pl.Int32),
            profile_id=_id(pl.col("field_0")),
            title_id=_id(pl.col("field_1")),
            value=pl.col("field_2").str.strip_chars().cast(pl.Float64, strict=False),
            at=pl.col("field_3").str.strip_chars().cast(pl.Int64, strict=False),
            surplus=pl.col("field_4").is_not_null(),
        )
    )
    sound = (
        pl.col("profile_id").is_not_null() & pl.col("title_id").is_not_null() & ~pl.col("surplus")
        & pl.col("value").is_between(0.5, 5).fill_null(False)
        & pl.col("at").is_between(-_LAST_SECOND // 10, _LAST_SECOND).fill_null(False)
    )  # fmt: skip
    for number, line in cells.filter(~sound & (pl.col("line").str.strip_chars() != "")).select("number", "line").rows():
        broken(f"{file}:{number}", f"is not a rating: {line.strip()[:80]!r}")
    return cells.filter(sound).select("profile_id", "title_id", "value", at=pl.col("at") * SECOND, line="number")


def _id(cell: pl.Expr) -> pl.Expr:
    cell = cell.str.strip_chars()
    return pl.when(cell.str.contains(r"^[!-~]{1,128}$")).then(cell)
