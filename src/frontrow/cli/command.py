"""What every command keeps: examples in its help, exit codes, no traceback for a user's mistake."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import typer

from frontrow.cli.output import note, say_json
from frontrow.core.errors import FrontrowError

F = TypeVar("F", bound=Callable[..., Any])

FAILED = 1


def register(app: typer.Typer, name: str, function: Callable[..., Any], example: str) -> None:
    """Adds a command whose help ends with an example."""
    app.command(name, epilog=f"Example: {example}")(_guarded(function))


def _guarded(function: F) -> F:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
            sys.stdout.flush()
        except FrontrowError as error:
            report_error(error.message, error.mend, bool(kwargs.get("as_json")))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            note("interrupted")
            raise typer.Exit(FAILED) from None
        except BrokenPipeError:
            # Who read our answer has gone; the interpreter's own flush at the end must not fail too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            report_error(f"{where}{error.strerror or error}", "", bool(kwargs.get("as_json")))
            raise typer.Exit(FAILED) from None

    return run  # type: ignore[return-value]  # wraps keeps the signature that typer reads


def report_error(message: str, mend: str, as_json: bool) -> None:
    """On stderr in words, or on stdout as JSON."""
    if as_json:
        say_json({"error": message, "mend": mend} if mend else {"error": message})
        return
    note(f"error: {message}")
    if mend:
        note(f"  {mend}")
