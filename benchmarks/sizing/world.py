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
    rng = np.random.default_rng(seed)
    Workspace.init(workspace).close()
    (workspace / "frontrow.toml").write_text('clock = "data"\n')
    tables = workspace.parent / f"{workspace.name}-tables"
    tables.mkdir(parents=True)
    with Workspace.open(workspace) as opened:
        pl.DataFrame([
            {"title_id": f"t{n}", "name": f"Title {n}", "genres": [GENRES[n % 16], GENRES[(n * 7 + 1) % 16]],
             "runtime_minutes": 100, "added_at": "2025-01-01T00:00:00Z"}
            for n in range(titles)
        ]).write_parquet(tables / "titles.parquet")  # fmt: skip
        everybody = np.arange(profiles)
        pl.DataFrame(
            {"profile_id": [f"p{n}" for n in range(profiles)], "country": np.array(COUNTRIES)[everybody % 4]}
        ).write_parquet(tables / "profiles.parquet")
        popularity = 1 / np.arange(10, titles + 10) ** 0.9
        popularity /= popularity.sum()
        for first in range(0, max(events, 1), AT_ONCE):
            number = np.arange(first, min(first + AT_ONCE, events))
            at = END - timedelta(days=days) + pl.Series(number).cast(pl.Float64) / max(events, 1) * timedelta(days=days)
            fraction = rng.choice([0.3, 0.95, 1.0], len(number))
            pl.DataFrame({
                "event_id": pl.Series(number).cast(pl.String) + "-4f1c8e2a9b3d4c56",
                "type": np.where(rng.random(len(number)) < 0.4, "impression", "stop"),
                "profile_id": "p" + pl.Series(rng.integers(0, profiles, len(number))).cast(pl.String),
                "title_id": "t" + pl.Series(rng.choice(titles, len(number), p=popularity)).cast(pl.String),
                "at": at, "received_at": at,
                "playback_id": "b" + pl.Series(number // 2).cast(pl.String),
                "session_id": "s" + pl.Series(number // 9).cast(pl.String),
                "page_id": "p0-" + pl.Series(number // 20).cast(pl.String), "row": number % 20, "column": number % 17,
                "device": "tv", "seconds": np.round(fraction * 6_000), "fraction": fraction,
            }).write_parquet(tables / "events.parquet")  # fmt: skip
            opened.import_tables(tables)
            (tables / "profiles.parquet").unlink(missing_ok=True)
