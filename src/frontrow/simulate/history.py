"""A whole history, from settings to tables: the story of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl

from frontrow.simulate.events import EventTable, session_times
from frontrow.simulate.pages import browse, finding
from frontrow.simulate.plays import GROUP, Player, Plays
from frontrow.simulate.profiles import profile_records
from frontrow.simulate.sessions import Sessions, make_sessions
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.titles import TitleWriter
from frontrow.simulate.world import World, make_world
from frontrow.simulate.write import prepare, table_of, write_table

Progress = Callable[[float, str], None]


class Simulated(msgspec.Struct, frozen=True):
    """What was written: rows by table, and where."""

    folder: str
    titles: int
    episodes: int
    profiles: int
    events: int
    plays: int


def play_through(world: World, progress: Progress) -> tuple[Sessions, Plays]:
    """All sessions, and the plays that took place in them."""
    sessions = make_sessions(world.settings, world.viewers)
    player = Player(world, sessions)
    for first in range(0, len(world.viewers), GROUP):
        progress(first / len(world.viewers), f"{first:,} of {len(world.viewers):,} viewers")
        player.group(first)
    return sessions, player.plays.happened()


def events_of(world: World, sessions: Sessions, plays: Plays, names: list[str]) -> pl.DataFrame:
    """The table of all events."""
    settings = world.settings
    end = settings.days * 86_400
    start, last, taken = session_times(sessions, plays, end)
    day = start.clip(0, end - 1) // 86_400
    shown = browse(settings, world.traits, world.utilities, world.viewers, sessions.viewer, day, world.open)
    table = EventTable(settings, world.traits, world.viewers, sessions, plays, names)
    return table.make(shown, finding(settings, plays), start, last, taken)


def simulate_history(settings: WorldSettings, folder: Path, progress: Progress) -> Simulated:
    """Writes `titles.parquet`, `profiles.parquet` and `events.parquet`; the same settings write the same bytes."""
    prepare(folder)
    progress(0.0, "making titles and viewers")
    world = make_world(settings)
    titles = TitleWriter(settings, world.traits, world.cast, world.offers)
    records = titles.records()
    write_table(table_of(records), folder, "titles")
    write_table(table_of(profile_records(settings, world.viewers)), folder, "profiles")
    sessions, plays = play_through(world, lambda part, text: progress(0.1 + 0.7 * part, text))
    progress(0.8, "writing events")
    events = events_of(world, sessions, plays, titles.names())
    write_table(events, folder, "events")
    progress(1.0, f"{len(events):,} events")
    return Simulated(
        str(folder), settings.titles, len(records) - settings.titles, settings.profiles, len(events), len(plays.at)
    )
