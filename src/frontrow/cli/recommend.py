"""frontrow recommend."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, checked_horizon, checked_time, open_workspace
from frontrow.cli.output import note_strangers, say, say_json
from frontrow.cli.progress import ShownProgress
from frontrow.cli.requests import parse_context, read_requests
from frontrow.core.errors import FrontrowError, UsageError

if TYPE_CHECKING:
    import polars as pl

_OTHERS = {".csv", ".tsv", ".json", ".jsonl", ".txt", ".xlsx"}
EXAMPLE = "frontrow recommend --profiles all --n 10 --horizon next --out lists.parquet"


def recommend(
    profiles: Annotated[
        str,
        typer.Option(
            "--profiles",
            metavar="FILE|all",
            help="One id a line; or Parquet or CSV with profile_id and, if wanted, at, device, country and context.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.parquet", help="Where the lists go.", show_default=False)],
    n: Annotated[int, typer.Option("--n", metavar="N", min=1, help="Titles a list (at most 500).")] = 20,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="The moment asked about (RFC 3339). Else now.", show_default=False),
    ] = None,
    horizon: Annotated[
        str, typer.Option("--horizon", metavar="H", help="What the lists are for: next, session or days=N.")
    ] = "session",
    context: Annotated[
        list[str] | None, typer.Option("--context", metavar="K=V", help="Context; repeatable.", show_default=False)
    ] = None,
    include_seen: Annotated[bool, typer.Option("--include-seen", help="Watched titles too.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make lists for many profiles, into a Parquet file."""
    from frontrow.recommend.request import ListRequest

    template: dict[str, Any] = {
        "n": n, "horizon": checked_horizon(horizon), "include_seen": include_seen,
        "context": parse_context(context or []),
    }  # fmt: skip
    if checked_time(at, "--at"):
        template["at"] = at
    if out.suffix.lower() in _OTHERS:
        raise UsageError(f"--out {out.name}: lists are written as Parquet", "Name it FILE.parquet")
    if not out.absolute().parent.is_dir():
        raise FrontrowError(f"{out.absolute().parent} does not exist", "Make the folder, or choose another --out")
    asked = [] if profiles == "all" else read_requests(Path(profiles), template)
    with open_workspace(workspace) as opened, ShownProgress() as progress:
        if profiles == "all":
            asked = [ListRequest(profile_id=profile_id, **template) for profile_id in opened.profile_ids()]
        lists = opened.recommend(asked, progress=progress)
        note_strangers(opened.strangers(one.profile_id for one in asked))
    write_atomically(lists, out)
    if as_json:
        say_json({"requests": len(asked), "rows": len(lists), "out": str(out)})
    else:
        say(f"{len(lists):,} titles for {len(asked):,} requests in {out}")


def write_atomically(frame: pl.DataFrame, path: Path) -> None:
    """Parquet under its name only when it is whole."""
    making = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        frame.write_parquet(making)
        making.replace(path)
    except OSError as error:
        raise FrontrowError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        making.unlink(missing_ok=True)
