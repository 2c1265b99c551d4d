"""frontrow: the command. What each does is in a file of its own; this one lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from frontrow import __version__
from frontrow.cli import (
    compact,
    demo,
    doctor,
    evaluate,
    experiment,
    experiment_explored,
    experiment_life,
    experiment_offpolicy,
    experiment_read,
    experiment_snapshots,
    explain,
    export_,
    forget,
    import_,
    init,
    keys,
    migrate,
    recommend,
    serve,
    show,
    similar,
    simulate,
    train,
    verify,
)
from frontrow.cli.command import register
from frontrow.cli.output import say

_STYLE = {"no_args_is_help": True, "add_completion": False, "pretty_exceptions_enable": False}

app = typer.Typer(help="A personalization engine for streaming services.", **_STYLE)  # type: ignore[arg-type]
imports = typer.Typer(help="Bring data in.", **_STYLE)  # type: ignore[arg-type]
exports = typer.Typer(help="Write data out.", **_STYLE)  # type: ignore[arg-type]
api_keys = typer.Typer(help="API keys of the HTTP service.", **_STYLE)  # type: ignore[arg-type]
simulations = typer.Typer(help="Make a synthetic service.", **_STYLE)  # type: ignore[arg-type]
experiments = typer.Typer(help="Plan, start, stop and read experiments.", **_STYLE)  # type: ignore[arg-type]

register(app, "init", init.init, init.EXAMPLE)
register(app, "demo", demo.demo, demo.EXAMPLE)
register(imports, "movielens", import_.movielens, import_.EXAMPLE_MOVIELENS)
register(imports, "tables", import_.tables, import_.EXAMPLE_TABLES)
app.add_typer(imports, name="import")
register(exports, "tables", export_.tables, export_.EXAMPLE_TABLES)
register(exports, "profile", export_.profile, export_.EXAMPLE_PROFILE)
app.add_typer(exports, name="export")
register(app, "train", train.train, train.EXAMPLE)
register(app, "recommend", recommend.recommend, recommend.EXAMPLE)
register(app, "similar", similar.similar, similar.EXAMPLE)
register(app, "explain", explain.explain, explain.EXAMPLE)
register(app, "evaluate", evaluate.evaluate, evaluate.EXAMPLE)
register(experiments, "plan", experiment_read.plan, experiment_read.EXAMPLE_PLAN)
register(experiments, "start", experiment_life.start, experiment_life.EXAMPLE_START)
register(experiments, "stop", experiment_life.stop, experiment_life.EXAMPLE_STOP)
register(experiments, "read", experiment_read.read, experiment_read.EXAMPLE_READ)
register(experiments, "explored", experiment_explored.explored, experiment_explored.EXAMPLE)
register(experiments, "offpolicy", experiment_offpolicy.offpolicy, experiment_offpolicy.EXAMPLE)
register(experiments, "analyze", experiment.analyze, experiment.EXAMPLE_ANALYZE)
register(experiments, "snapshots", experiment_snapshots.snapshots, experiment_snapshots.EXAMPLE)
app.add_typer(experiments, name="experiment")
register(app, "serve", serve.serve, serve.EXAMPLE)
register(simulations, "history", simulate.history, simulate.EXAMPLE_HISTORY)
app.add_typer(simulations, name="simulate")
register(api_keys, "create", keys.create, keys.EXAMPLE_CREATE)
register(api_keys, "list", keys.list_, keys.EXAMPLE_LIST)
register(api_keys, "revoke", keys.revoke, keys.EXAMPLE_REVOKE)
app.add_typer(api_keys, name="keys")
register(app, "forget", forget.forget, forget.EXAMPLE)
register(app, "doctor", doctor.doctor, doctor.EXAMPLE)
register(app, "compact", compact.compact, compact.EXAMPLE)
register(app, "verify", verify.verify, verify.EXAMPLE)
register(app, "migrate", migrate.migrate, migrate.EXAMPLE)
register(app, "show", show.show, show.EXAMPLE)


def _version(asked: bool) -> None:
    if asked:
        say(f"frontrow {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A personalization engine for streaming services."""


def main() -> None:
    """The entry point."""
    app(prog_name="frontrow")
