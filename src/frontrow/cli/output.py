"""What commands print: answers on stdout, for people or as JSON; the rest on stderr."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_WIDE = 10_000


def say(text: str = "") -> None:
    """A line of an answer."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A line beside the answer."""
    sys.stderr.write(f"{text}\n")


def note_strangers(profile_ids: Sequence[str]) -> None:
    """That some are asked about of whom nothing is known, if so: a misspelt id looks like anybody new."""
    if profile_ids:
        named = ", ".join(profile_ids[:3]) + (", ..." if len(profile_ids) > 3 else "")
        note(f"no profile has the id {named}: answered as for somebody new" if len(profile_ids) == 1 else
             f"no profiles have {len(profile_ids):,} of the ids ({named}): answered as for somebody new")  # fmt: skip


def say_json(value: object) -> None:
    """An answer for machines, on one line."""
    import msgspec

    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def say_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """A table for people. Into a pipe it is as wide as it needs to be."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    console = Console(file=sys.stdout)
    if console.is_terminal:
        console.print(table)
        return
    piped = Console(file=io.StringIO(), width=_WIDE)
    with piped.capture() as captured:
        piped.print(table)
    for line in captured.get().splitlines():
        if line.strip():
            say(line.rstrip())


def say_records(records: Sequence[dict[str, Any]], empty: str) -> None:
    """A table of objects with the same keys, or what it means that there are none."""
    if not records:
        say(empty)
        return
    headings = list(dict.fromkeys(name for record in records for name in record))
    say_table(headings, [[record.get(name) for name in headings] for record in records])


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    if isinstance(cell, list | tuple):
        return ", ".join(map(_shown, cell))
    if isinstance(cell, dict):
        return ", ".join(f"{name}: {_shown(value)}" for name, value in cell.items())
    return str(cell)
