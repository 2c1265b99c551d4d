"""Requests for lists, from a file: one id a line, or a table with a request a row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontrow.core.errors import FrontrowError, InvalidRecord, UsageError
from frontrow.core.ids import check_id

if TYPE_CHECKING:
    import polars as pl

    from frontrow.recommend.request import ListRequest

FIELDS = ("at", "device", "country")


def read_requests(path: Path, template: dict[str, Any]) -> list[ListRequest]:
    """One request a row, in file order; `template` holds what all have in common, which a row's own cells overrule.

    `.parquet` and `.csv` need a column `profile_id` and may have `at`, `device`, `country`; other columns are context.
    Any other file is one id a line. FrontrowError names the file and the row of what is wrong.
    """
    from frontrow.core.clock import parse_time
    from frontrow.core.decode import convert
    from frontrow.recommend.request import ListRequest

    requests = []
    for place, raw in _rows(path):
        try:
            check_id(raw.get("profile_id"), "/profile_id")
            if "at" in raw:
                parse_time(raw["at"], "/at")
            context = template.get("context", {}) | raw.pop("context", {})
            requests.append(convert(template | raw | {"context": context}, ListRequest))
        except InvalidRecord as error:
            raise FrontrowError(f"{place}: {error.message}") from None
    return requests


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not path.is_file():
        raise FrontrowError(f"{path} does not exist" if not path.exists() else f"{path} is not a file")
    if path.suffix.lower() not in (".parquet", ".csv"):
        yield from _lines(path)
        return
    frame = _frame(path)
    if "profile_id" not in frame.columns:
        raise FrontrowError(f"{path} has no column profile_id", f"Its columns: {', '.join(frame.columns[:40])}")
    kind = "row " if path.suffix.lower() == ".parquet" else "data row "
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        stated = {name: value for name, value in row.items() if value not in (None, "")}
        raw = {name: stated.pop(name) for name in ("profile_id", *FIELDS) if name in stated}
        yield f"{path.name}:{kind}{number}", raw | {"context": stated}


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise FrontrowError(f"{path} is not UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path.name}:{number}", {"profile_id": line.rstrip("\r")}


def _frame(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        if path.suffix.lower() == ".csv":
            return pl.read_csv(path, infer_schema=False)
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FrontrowError(f"{path} cannot be read: {str(error).partition(chr(10))[0][:200]}") from None
    return frame.with_columns(_as_json(name, dtype, path) for name, dtype in frame.schema.items())


def _as_json(name: str, dtype: pl.DataType, path: Path) -> pl.Expr:
    import polars as pl

    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None and name == "at":
            raise FrontrowError(f"{path}: column at holds times without offset", "Write them with a timezone")
        shown = "%Y-%m-%dT%H:%M:%S%.6fZ" if dtype.time_zone else "%Y-%m-%dT%H:%M:%S%.6f"
        column = pl.col(name).dt.convert_time_zone("UTC") if dtype.time_zone else pl.col(name)
        return column.dt.strftime(shown)
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Date | pl.Time) or (name == "profile_id" and dtype.is_integer()):
        return pl.col(name).cast(pl.String)
    return pl.col(name)


def parse_context(pairs: list[str]) -> dict[str, str]:
    """`k=v` options; UsageError for one without `=` or given twice."""
    context: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--context {pair} is not of the form name=value")
        if name in context:
            raise UsageError(f"--context {name} is given twice")
        context[name] = value
    return context
