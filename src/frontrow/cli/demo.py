"""frontrow demo: from nothing to a personalised home page."""

from __future__ import annotations

import os
import shutil
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from frontrow.cli.options import JsonOption, WorkspaceOption, workspace_path
from frontrow.cli.output import note, say_json
from frontrow.cli.progress import ShownProgress
from frontrow.core.errors import FrontrowError

if TYPE_CHECKING:
    from frontrow.settings import Settings
    from frontrow.workspace import Workspace

EXAMPLE = "frontrow demo --quick"
MARK: Final = "demo.json"
TABLES: Final = "demo-tables"
HOST: Final = "127.0.0.1"


class Made(msgspec.Struct, frozen=True):
    """How far a demo's workspace has been made. It lies there as demo.json, so that the next start goes on from it."""

    quick: bool
    imported: bool = False


def demo(
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65_535, help="Port to listen on.")] = 8080,
    quick: Annotated[bool, typer.Option("--quick", help="A smaller service, within a minute.")] = False,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve when all is made.")] = True,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser, where there is one.")
    ] = True,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a synthetic streaming service, train on it and serve its home page.

    Started again, it serves what is there; what an interruption left undone is completed.
    """
    path = workspace_path(workspace)
    if serve:
        from frontrow.api.serve import check_port

        try:
            check_port(HOST, HOST, port, wait=0.5)  # before a minute's work, not after
        except FrontrowError as error:
            other = port + 1 if port < 65_535 else 8080
            mend = f"Stop what listens there, or take another: frontrow demo --port {other}, make demo PORT={other}"
            raise FrontrowError(error.message, mend) from None
    tell = (lambda text: None) if as_json else note
    took = make(path, quick, tell)
    if as_json:
        say_json({"workspace": str(path), "seconds": took, "address": f"http://{HOST}:{port}/" if serve else None})
        sys.stdout.flush()
    if serve:
        _serve(path, port, browser, as_json)


def make(path: Path, quick: bool, tell: Callable[[str], None]) -> dict[str, float]:
    """Brings the demo's workspace to where it can be served; seconds by step, of those that were still to do.

    FrontrowError if the folder is the workspace of another service.
    """
    from frontrow.models.artifact import current_version
    from frontrow.wiring import MODELS_FOLDER, SETTINGS_FILE
    from frontrow.workspace import Workspace

    made = _begun(path, quick)
    if made.quick != quick:
        tell(f"{path} holds the {'quick' if made.quick else 'whole'} demo; for the other one: rm -r {path}")
    if not (path / SETTINGS_FILE).exists():
        Workspace.init(path, _settings()).close()
    took: dict[str, float] = {}
    if not made.imported:
        _step("simulate", "1/3 Simulating a streaming service", took, tell, lambda shown: _simulate(path, made, shown))
        with Workspace.open(path) as opened:
            _step("import", "2/3 Importing it", took, tell, lambda shown: _import(opened, path, shown))
        _write_mark(path, msgspec.structs.replace(made, imported=True))
    shutil.rmtree(path / TABLES, ignore_errors=True)
    if current_version(path / MODELS_FOLDER) is None:
        with Workspace.open(path) as opened:
            _step("train", "3/3 Training on it", took, tell, lambda shown: _train(opened, made, shown))
    return took


def _settings() -> Settings:
    """A demo is for looking, and soon: without the model that takes ten times as long to train as all others, and with
    half as many viewers asked how to join these."""
    from frontrow.models.sequence.settings import SequenceSettings
    from frontrow.models.settings import ModelSettings
    from frontrow.settings import Settings

    return Settings(models=ModelSettings(sequence=SequenceSettings(epochs=0), validation_viewers=800))


def _begun(path: Path, quick: bool) -> Made:
    """What demo.json says; it is written before anything else, so that a folder without it is not ours."""
    mark = path / MARK
    if mark.exists():
        try:
            return msgspec.json.decode(mark.read_bytes(), type=Made)
        except msgspec.DecodeError:
            raise FrontrowError(f"{mark} cannot be read", f"Start afresh: rm -r {path}") from None
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FrontrowError(
            f"{path} is there already and is no demo's", "Name another folder: frontrow demo --workspace DIR"
        )
    path.mkdir(parents=True, exist_ok=True)
    made = Made(quick)
    _write_mark(path, made)
    return made


def _write_mark(path: Path, made: Made) -> None:
    draft = path / f".{MARK}.part"
    draft.write_bytes(msgspec.json.encode(made))
    os.replace(draft, path / MARK)


def _step(
    name: str,
    title: str,
    took: dict[str, float],
    tell: Callable[[str], None],
    work: Callable[[ShownProgress], str],
) -> None:
    tell(f"{title} …")
    begun = time.monotonic()
    with ShownProgress() as shown:
        result = work(shown)
    took[name] = round(time.monotonic() - begun, 1)
    tell(f"{title}: {result}, {took[name]:.1f} s")


def _simulate(path: Path, made: Made, shown: ShownProgress) -> str:
    from frontrow.simulate.history import simulate_history
    from frontrow.simulate.settings import QUICK, WorldSettings

    tables = path / TABLES
    if (tables / "events.parquet").exists():  # written last, and whole or not at all
        return "was done before"
    done = simulate_history(QUICK if made.quick else WorldSettings(), tables, shown)
    return f"{done.titles:,} titles, {done.profiles:,} viewers, {done.events:,} events"


def _import(opened: Workspace, path: Path, shown: ShownProgress) -> str:
    report = opened.import_tables(path / TABLES, progress=shown)
    if report.rejected:
        raise FrontrowError(f"{report.rejected:,} records were rejected: {report.problems[0].message}")
    return f"{report.events.accepted + report.events.duplicates:,} events"


def _train(opened: Workspace, made: Made, shown: ShownProgress) -> str:
    return f"model {opened.train(quick=made.quick, progress=shown).version}"


def _serve(path: Path, port: int, browser: bool, as_json: bool) -> None:
    from frontrow.api.request_log import LEVEL
    from frontrow.api.serve import serve

    address = f"http://{HOST}:{port}/"
    os.environ.setdefault(LEVEL, "warning")  # a line for each request would carry the address away
    answers = False

    def say_line(line: str) -> None:
        nonlocal answers
        if as_json:
            say_json({"message": line})
            sys.stdout.flush()
        if answers:
            return
        answers = True  # the first line comes when the server answers
        if not as_json:
            note(f"\nOpen {address}\nCtrl-C ends it; started again it is there in seconds. It lies in {path.resolve()}")
        if browser and has_display():
            webbrowser.open(address)

    if not as_json:
        note("Starting the server …")
    serve(path, HOST, port, 1, True, say=say_line)


def has_display() -> bool:
    """Whether a browser's window could be seen."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
