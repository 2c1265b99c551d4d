"""Metric tables from the log: all of it in one pass, then one more day of it.

`python benchmarks/experiments/days.py` writes days.json beside itself. A simulated service (5,000 profiles, 90 days)
is imported less its last day, its tables are made; the last day is imported, and they are brought up to date. Baseline
in the same run: fetching the same rows from the database and doing nothing with them. Simulating and importing is not
timed. Equality: the tables made bit by bit are those of one pass.
"""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

import polars as pl
from result import write

from frontrow import Workspace
from frontrow.events.event import TYPE_NUMBER
from frontrow.experiments.metrics.tables import MetricTables
from frontrow.readout import metric_tables
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings
from frontrow.storage.database import connect

PROFILES, DAYS, SEED = 5_000, 90, 3
FETCH = 65_536


def split(tables: Path, folder: Path) -> list[Path]:
    """The history less its last day, and all of it."""
    events = pl.read_parquet(tables / "events.parquet")
    last = events["at"].max()
    cut = last - (last - events["at"].min()) / DAYS
    parts = []
    for name, chosen in (("before", events.filter(pl.col("at") < cut)), ("all", events)):
        shutil.copytree(tables, folder / name)
        chosen.write_parquet(folder / name / "events.parquet")
        parts.append(folder / name)
    return parts


def fetched(path: Path) -> float:
    """Seconds to fetch what the fold reads."""
    connection = connect(path)
    began = time.perf_counter()
    cursor = connection.execute(
        "SELECT offset, at, profile, title, type, seconds, fraction, value, playback_id, rest FROM events"
    )
    while cursor.fetchmany(FETCH):
        pass
    spent = time.perf_counter() - began
    connection.close()
    return spent


def timed(opened: Workspace) -> tuple[float, MetricTables]:
    """Seconds to bring the tables up to date."""
    parts = opened._parts
    parts.engine.rooms.views.titles_now()
    began = time.perf_counter()
    tables = metric_tables(parts)
    return time.perf_counter() - began, tables


def main() -> None:
    """All figures, and their file."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = WorldSettings(seed=SEED, profiles=PROFILES, days=DAYS)
        simulate_history(settings, folder / "tables", lambda _fraction, _text: None)
        before, everything = split(folder / "tables", folder)
        Workspace.init(folder / "w").close()
        with Workspace.open(folder / "w") as opened:
            opened.import_tables(before)
            first, _ = timed(opened)
            opened.import_tables(everything)
            more, kept = timed(opened)
            nothing, _ = timed(opened)
            shutil.rmtree(folder / "w" / "metrics")
            whole, anew = timed(opened)
            events = opened._parts.store.log.count()
            impressions = opened._parts.store.log.columns().type == TYPE_NUMBER["impression"]
        bare = fetched(folder / "w" / "frontrow.db")
        sizes = sum(path.stat().st_size for path in (folder / "w" / "metrics").rglob("*.parquet"))
    write(
        __file__,
        {
            "events": events,
            "of which impressions": int(impressions.sum()),
            "profile-days": anew.days.height,
            "tables, bytes": sizes,
            "timed, seconds": {
                "one pass over all": round(whole, 2),
                "one pass over all but a day": round(first, 2),
                "one more day": round(more, 2),
                "nothing new": round(nothing, 2),
                "baseline: fetching the rows alone": round(bare, 2),
            },
            "events a second": round(events / whole),
            "peak resident GB, database file mapped": round(
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2
            ),
            "load": os.getloadavg(),
            "gates": {"bit by bit is the same as one pass": bool(kept.days.equals(anew.days))},
        },
        began,
    )


if __name__ == "__main__":
    main()
