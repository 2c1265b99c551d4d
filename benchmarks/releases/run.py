"""Whether the whole holds where most plays go to last week's releases, where popularity of the last days rules.

    python benchmarks/releases/run.py [--seeds 401,402,403] [--out FILE]

A log is made for each seed: a service that releases TITLES_A_DAY titles a day, each wanted for some days (a viewer
takes a title with odds exp(taste of its genres + fame + RELEASE * .5^(age / HALF_LIFE days)), none twice). It comes in
by `import tables` and is evaluated as `frontrow evaluate` does it, by `last-event` and `time-split`. For each: the
whole less popularity of the last 7 days and less the best of its own models, paired by viewer, 95 % intervals. The
gate: not significantly below either. Nothing was tuned on this log; its constants were set once, before the first run.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from frontrow import Workspace

HERE = Path(__file__).resolve().parent
VIEWERS, DAYS, PLAYS_A_DAY = 1_500, 60, 0.7
TITLES_A_DAY, BACK_CATALOGUE, GENRES = 10, 400, 12
TASTE, FAME, RELEASE, HALF_LIFE, FINISHED = 0.9, 0.8, 5.0, 2.5, 0.75
START = np.datetime64("2026-01-01T00:00:00", "us")
DAY_SECONDS = 86_400
PROTOCOLS = ("last-event", "time-split")


def main() -> None:
    """Runs all seeds; results of other seeds in the file stay."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="401,402,403")
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    known = json.loads(options.out.read_text())["runs"] if options.out.exists() else []
    for seed in map(int, options.seeds.split(",")):
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="frontrow-releases-") as folder:
            made = {"seed": seed} | run(seed, Path(folder))
        made["seconds"] = round(time.monotonic() - started, 1)
        print(json.dumps(made, indent=1), flush=True)
        known = sorted([made, *(each for each in known if each["seed"] != seed)], key=lambda each: int(each["seed"]))
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        options.out.write_text(json.dumps({"machine": machine, "runs": known}, indent=1) + "\n", encoding="utf-8")


def run(seed: int, folder: Path) -> dict[str, Any]:
    """One log, both protocols."""
    tables = folder / "tables"
    tables.mkdir()
    told: dict[str, Any] = write_log(seed, tables)
    with Workspace.init(folder / "workspace") as workspace:
        assert not workspace.import_tables(tables, strict=True).rejected
        for protocol in PROTOCOLS:
            told[protocol] = compared(workspace.evaluate(protocol, facets=False, seed=seed))
    return told


def write_log(seed: int, folder: Path) -> dict[str, Any]:
    """titles.parquet and events.parquet, and how fresh what was played is."""
    random = np.random.default_rng([seed, 5])
    released = np.concatenate([-random.uniform(30, 900, BACK_CATALOGUE), np.arange(DAYS * TITLES_A_DAY) / TITLES_A_DAY])
    first, second = random.integers(0, GENRES, (2, len(released)))
    fame = FAME * random.standard_normal(len(released))
    taste = TASTE * random.standard_normal((VIEWERS, GENRES))
    wants = taste[:, first] + 0.5 * taste[:, second] + fame
    viewer, title, at = [], [], []
    for day in range(DAYS):
        for who in np.flatnonzero(random.random(VIEWERS) < 1 - np.exp(-PLAYS_A_DAY)):
            for moment in np.sort(day + random.random(1 + int(random.poisson(PLAYS_A_DAY / 2)))):
                age = moment - released
                odds = wants[who] + RELEASE * 0.5 ** (np.maximum(age, 0) / HALF_LIFE)
                odds[age < 0] = -np.inf
                chosen = int(np.argmax(odds + random.gumbel(size=len(odds))))
                wants[who, chosen] = -np.inf
                viewer.append(who)
                title.append(chosen)
                at.append(moment)
    played = np.array(at) - released[title]
    fraction = np.where(random.random(len(at)) < FINISHED, 0.95, random.uniform(0.05, 0.6, len(at)))
    pl.DataFrame({
        "title_id": [f"t{number}" for number in range(len(released))],
        "name": [f"Release {number}" for number in range(len(released))],
        "genres": [[f"genre {one}", f"genre {two}"] for one, two in zip(first, second, strict=True)],
        "runtime_minutes": 60,
        "added_at": _times(released),
    }).write_parquet(folder / "titles.parquet")  # fmt: skip
    pl.DataFrame({
        "type": "stop",
        "profile_id": [f"v{number}" for number in viewer], "title_id": [f"t{number}" for number in title],
        "at": _times(np.array(at)), "seconds": np.rint(3_600 * fraction), "fraction": fraction,
    }).sort("at", maintain_order=True).write_parquet(folder / "events.parquet")  # fmt: skip
    return {
        "plays": len(at),
        "titles": len(released),
        "plays of titles up to 7 days old": round(float((played <= 7).mean()), 3),
    }


def _times(days: np.ndarray) -> pl.Series:
    micros = START + np.rint(days * DAY_SECONDS).astype("timedelta64[s]").astype("timedelta64[us]")
    return pl.Series(micros).dt.replace_time_zone("UTC")


def compared(report: Any) -> dict[str, Any]:
    """The whole against 7-day popularity and against the best of its models."""
    rows = {row.system: row for row in report.rows}
    best = max((row for row in report.rows if row.kind == "model"), key=lambda row: row.metrics["ndcg@10"].value)
    told: dict[str, Any] = {"asked": report.users, "ndcg@10": {
        name: round(row.metrics["ndcg@10"].value, 4) for name, row in rows.items()
    }}  # fmt: skip
    for row in (rows["popular 7 d"], best):
        told[f"ahead of {row.system}"] = msgspec.to_builtins(row.lead["ndcg@10"])
    told["holds"] = all(row.lead["ndcg@10"].high >= 0 for row in (rows["popular 7 d"], best))
    return told


if __name__ == "__main__":
    main()
