"""Logs of any size, made from a seed and brought in by `frontrow import tables`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from frontrow.workspace import Workspace

END = datetime(2026, 3, 20, 12, tzinfo=UTC)
GENRES = [f"Genre {n}" for n in range(16)]
COUNTRIES = ["SE", "DE", "FR", "US"]
AT_ONCE = 2_000_000


def fill(workspace: Path, profiles: int, events: int, titles: int = 4_000, days: int = 30, seed: int = 0) -> None:
    """A workspace with that many of each; events arrive evenly over `days`, and their clock is the data's."""
    add_people(workspace, profiles, titles)
    add_events(workspace, profiles, events, titles, days, seed)


def add_people(workspace: Path, profiles: int, titles: int = 4_000) -> None:
    """A new workspace with titles and profiles."""
    Workspace.init(workspace).close()
    (workspace / "frontrow.toml").write_text('clock = "data"\n')
    tables = _tables(workspace)
    pl.DataFrame([
        {"title_id": f"t{n}", "name": f"Title {n}", "genres": [GENRES[n % 16], GENRES[(n * 7 + 1) % 16]],
         "runtime_minutes": 100, "added_at": "2025-01-01T00:00:00Z"}
        for n in range(titles)
    ]).write_parquet(tables / "titles.parquet")  # fmt: skip
    everybody = np.arange(profiles)
    pl.DataFrame(
        {"profile_id": [f"p{n}" for n in range(profiles)], "country": np.array(COUNTRIES)[everybody % 4]}
    ).write_parquet(tables / "profiles.parquet")
    _events(0, 0, 1, profiles, titles, 1, np.random.default_rng(0)).write_parquet(tables / "events.parquet")
    with Workspace.open(workspace) as opened:
        opened.import_tables(tables)
    (tables / "profiles.parquet").unlink()


def add_events(workspace: Path, profiles: int, events: int, titles: int, days: int, seed: int = 0) -> None:
    """That many events more."""
    rng, tables = np.random.default_rng(seed), _tables(workspace)
    with Workspace.open(workspace) as opened:
        for first in range(0, events, AT_ONCE):
            last = min(first + AT_ONCE, events)
            _events(first, last, events, profiles, titles, days, rng).write_parquet(tables / "events.parquet")
            opened.import_tables(tables)


def _tables(workspace: Path) -> Path:
    tables = workspace.parent / f"{workspace.name}-tables"
    tables.mkdir(parents=True, exist_ok=True)
    return tables


def _events(
    first: int, last: int, events: int, profiles: int, titles: int, days: int, rng: np.random.Generator
) -> pl.DataFrame:
    popularity = 1 / np.arange(10, titles + 10) ** 0.9
    popularity /= popularity.sum()
    number = np.arange(first, last)
    at = END - timedelta(days=days) + pl.Series(number).cast(pl.Float64) / events * timedelta(days=days)
    fraction = rng.choice([0.3, 0.95, 1.0], len(number))
    return pl.DataFrame({
        "event_id": pl.Series(number).cast(pl.String) + "-4f1c8e2a9b3d4c56",
        "type": np.where(rng.random(len(number)) < 0.4, "impression", "stop"),
        "profile_id": "p" + pl.Series(rng.integers(0, profiles, len(number))).cast(pl.String),
        "title_id": "t" + pl.Series(rng.choice(titles, len(number), p=popularity)).cast(pl.String),
        "at": at, "received_at": at,
        "playback_id": "b" + pl.Series(number // 2).cast(pl.String),
        "session_id": "s" + pl.Series(number // 9).cast(pl.String),
        "page_id": "p0-" + pl.Series(number // 20).cast(pl.String), "row": number % 20, "column": number % 17,
        "device": "tv", "seconds": np.round(fraction * 6_000), "fraction": fraction,
    })  # fmt: skip
