"""frontrow serve."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, workspace_path
from frontrow.cli.output import say_json

EXAMPLE = "frontrow serve --port 8080 --workers 2 --dev"


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65_535, help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option("--workers", metavar="N", min=1, max=256, help="Processes that answer.")] = 1,
    dev: Annotated[bool, typer.Option("--dev", help="Without keys, on this machine only.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve the HTTP API, until interrupted."""
    from frontrow.api.serve import serve

    serve(workspace_path(workspace), host, port, workers, dev, say=_say_line if as_json else None)


def _say_line(line: str) -> None:
    say_json({"message": line})
    sys.stdout.flush()
