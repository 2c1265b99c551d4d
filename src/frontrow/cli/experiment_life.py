"""frontrow experiment start and stop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, open_workspace
from frontrow.cli.output import say, say_json
from frontrow.core.errors import FrontrowError, InvalidRecord, UsageError

if TYPE_CHECKING:
    from frontrow.experiments.design.design import Design

EXAMPLE_START = "frontrow experiment start design.json"
EXAMPLE_STOP = "frontrow experiment stop fewer-rows"


def start(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE.json|ID", help="A design (docs/experiments.md), or the id of a draft.", show_default=False
        ),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start an experiment. From now on nothing of it can be changed but that it stops."""
    with open_workspace(workspace) as opened:
        path = Path(what)
        stated = path.suffix.lower() == ".json" or path.is_file()
        raw = _read(path) if stated else _body(opened.register.find(what)[1])
        if not isinstance(raw.get("experiment_id"), str):
            raise UsageError(f"{what} states no experiment_id", "It is the name of the experiment")
        try:
            _, design = opened.register.put(raw["experiment_id"], raw | {"state": "running"}, lambda _: True)
        except InvalidRecord as error:
            raise FrontrowError(f"{what}: {error.pointer or '/'}: {error.message}") from None
    _say(design, as_json)


def stop(
    experiment_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop an experiment: every viewer has the control from the next page on. It cannot be started again."""
    with open_workspace(workspace) as opened:
        version, design = opened.register.find(experiment_id)
        raw = _body(design) | {"state": "stopped"}
        _, design = opened.register.put(experiment_id, raw, lambda now: now == version)
    _say(design, as_json)


def _body(design: Design) -> dict[str, Any]:
    import msgspec

    body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(design))
    return body


def _read(path: Path) -> dict[str, Any]:
    import msgspec

    try:
        raw = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise FrontrowError(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FrontrowError(f"{path} is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise FrontrowError(f"{path} holds no JSON object", "docs/experiments.md shows a design")
    return raw


def _say(design: Design, as_json: bool) -> None:
    if as_json:
        say_json(design)
        return
    arms = ", ".join(f"{arm.key} {arm.weight:.0%}" for arm in design.arms)
    since = f"stopped {design.stopped_at}" if design.stopped_at else f"running since {design.started_at}"
    say(f"{design.experiment_id}: {since} ({arms}; by {design.unit}; primary {design.primary})")
