"""frontrow simulate history."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from frontrow.cli.options import JsonOption
from frontrow.cli.output import say, say_json
from frontrow.cli.progress import ShownProgress

EXAMPLE_HISTORY = "frontrow simulate history --out my-tables --seed 7 --without drift"


def history(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the tables; made if need be.", show_default=False)
    ],
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Same seed, same files.")] = 1,
    titles: Annotated[int, typer.Option("--titles", metavar="N", help="Titles; episodes come beside.")] = 2_000,
    profiles: Annotated[int, typer.Option("--profiles", metavar="N", help="Profiles.")] = 5_000,
    days: Annotated[int, typer.Option("--days", metavar="N", help="Days of history.")] = 60,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="EFFECT",
            help="Leave out context, culture, content, sequence, session or drift. May be repeated.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a synthetic streaming service, as tables for frontrow import tables."""
    from frontrow.simulate.history import simulate_history
    from frontrow.simulate.settings import WorldSettings

    settings = WorldSettings(seed, titles, profiles, days, frozenset(without or ()))
    with ShownProgress() as progress:
        made = simulate_history(settings, out, progress)
    if as_json:
        say_json(made)
        return
    say(f"titles: {made.titles:,}, with {made.episodes:,} episodes beside")
    say(f"profiles: {made.profiles:,}")
    say(f"events: {made.events:,}, of them {made.plays:,} plays")
    say(f"Next: frontrow import tables {out}")
