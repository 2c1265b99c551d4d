"""frontrow keys create, list, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import note, say, say_json, say_records

EXAMPLE_CREATE = "frontrow keys create --role app"
EXAMPLE_LIST = "frontrow keys list"
EXAMPLE_REVOKE = "frontrow keys revoke k1"


def create(
    role: Annotated[
        str,
        typer.Option("--role", metavar="ROLE", help="app, analyst, support, operator or admin.", show_default=False),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an API key and print it, this once: only its hash is kept."""
    with open_workspace(workspace) as opened:
        key = opened.keys.create(role)
    if as_json:
        say_json({"key": key, "role": role})
    else:
        say(key)


def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the keys there are: ids and roles, never the keys."""
    with open_workspace(workspace) as opened:
        keys = opened.keys.list()
    if as_json:
        say_json({"keys": keys})
    else:
        say_records(keys, "there are no keys; frontrow keys create --role ROLE makes one")


def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a key at once."""
    with open_workspace(workspace) as opened:
        opened.keys.revoke(key_id)
    if as_json:
        say_json({"revoked": key_id})
    else:
        note(f"{key_id} is revoked")
