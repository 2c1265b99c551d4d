"""Metric tables from the log: all of it in one pass, then one more day of it.

`python benchmarks/experiments/days.py` writes days.json beside itself. A simulated service (5,000 profiles, 90 days)
is imported less its last day, its tables are made; the last day is imported, and they are brought up to date. Baseline
in the same run: fetching the same rows from the database and doing nothing with them. Simulating and importing is not
timed. Each fold is a process of its own; its memory is what no file backs. Equality: tables made bit by bit are those
of one pass.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
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


def own_memory() -> int:
    """Bytes of this process that no file backs."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def fold(folder: Path) -> dict[str, float]:
    """Seconds to bring the tables up to date, bytes before, and the most while it was done."""
    with Workspace.open(folder) as opened:
        parts = opened._parts
        parts.engine.rooms.views.titles_now()
        before = most = own_memory()
        done = threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(0.02):
                most = max(most, own_memory())

        watching = threading.Thread(target=watch)
        watching.start()
        began = time.perf_counter()
        metric_tables(parts)
        spent = time.perf_counter() - began
        done.set()
        watching.join()
    return {"seconds": round(spent, 2), "before": before, "most": most}


def alone(folder: Path) -> dict[str, float]:
    """`fold` in a process of its own."""
    done = subprocess.run([sys.executable, __file__, str(folder)], check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def kept(folder: Path) -> MetricTables:
    """The tables as they lie in a workspace."""
    with Workspace.open(folder) as opened:
        return metric_tables(opened._parts)


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
        first = alone(folder / "w")
        with Workspace.open(folder / "w") as opened:
            opened.import_tables(everything)
            events = opened._parts.store.log.count()
            impressions = opened._parts.store.log.columns().type == TYPE_NUMBER["impression"]
        more = alone(folder / "w")
        bit_by_bit = kept(folder / "w")
        nothing = alone(folder / "w")
        shutil.rmtree(folder / "w" / "metrics")
        whole = alone(folder / "w")
        anew = kept(folder / "w")
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
                "one pass over all": whole["seconds"],
                "one pass over all but a day": first["seconds"],
                "one more day": more["seconds"],
                "nothing new": nothing["seconds"],
                "baseline: fetching the rows alone": round(bare, 2),
            },
            "events a second": round(events / whole["seconds"]),
            "GB of the process, before the fold and at most": {
                "one pass over all": [round(whole["before"] / 1e9, 2), round(whole["most"] / 1e9, 2)],
                "one more day": [round(more["before"] / 1e9, 2), round(more["most"] / 1e9, 2)],
            },
            "load": os.getloadavg(),
            "gates": {"bit by bit is the same as one pass": bool(bit_by_bit.days.equals(anew.days))},
        },
        began,
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(fold(Path(sys.argv[1]))))
    else:
        main()
