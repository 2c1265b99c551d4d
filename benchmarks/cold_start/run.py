"""Cold starts on MovieLens-1M and on the demo's simulated service, against what is known without having learned.

    python benchmarks/cold_start/run.py [--only NAME] [--protocol new-profiles] [--seeds 501] [--profiles N]
                                        [--large FOLDER] [--out FILE]

`new-titles`: the whole over neighbours by TF-IDF; `new-profiles`, after one, two and three events: the whole over the
best of 7-day, 30-day and all-time popularity; as `frontrow evaluate` has both, NDCG@10. `ratio` is of the means,
`ahead` the paired difference with its 95 % interval. The gates: 1.2, and 1.3 after three events, of what comes within
the session, the request's time unknown. Beside that new profiles are asked for the month (days=30), and with the time
known. Results of other data and protocols in the file stay. Each look at MovieLens is appended to
benchmarks/accuracy/test-runs.jsonl.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import json
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from frontrow import Workspace
from frontrow.models.settings import ModelSettings
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "accuracy"))
from run import commit, log  # noqa: E402 - the accuracy benchmark's, which is not installed

LARGE = Path.home() / ".cache" / "frontrow" / "ml-1m"
POPULAR = ("popular 7 d", "popular 30 d", "popular ever")
PROFILES = {"": {}, ", time known": {"request_time": "known"}, ", days=30": {"horizon": "days=30"}}
"""How new profiles are asked."""


def main() -> None:
    """Runs what there is data for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", choices=["ml-1m", "simulated"])
    asked.add_argument("--protocol", choices=["new-titles", "new-profiles"])
    asked.add_argument("--seeds", default="501", help="of simulated services, none used in making them")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=2_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--large", type=Path, default=LARGE)
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    jobs: dict[str, Path | WorldSettings] = {}
    if options.only != "simulated" and options.large.is_dir():
        jobs["ml-1m"] = options.large
    if options.only != "ml-1m":
        for seed in map(int, options.seeds.split(",")):
            settings = WorldSettings(seed, options.titles, options.profiles, options.days)
            jobs[f"simulated, seed {seed}, {options.profiles} profiles"] = settings
    known = json.loads(options.out.read_text()) if options.out.exists() else {}
    for name, data in jobs.items():
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="frontrow-cold-") as folder:
            told = known.get(name, {}) | measured(data, Path(folder), options.protocol)
        told["seconds"] = round(time.monotonic() - started, 1)
        told["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        known[name] = told
        print(name, json.dumps(told, indent=1), flush=True)
        options.out.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def measured(data: Path | WorldSettings, folder: Path, protocol: str | None) -> dict[str, Any]:
    """Both protocols, or one, on one data set."""
    told: dict[str, Any] = {}
    with Workspace.init(folder / "workspace") as workspace:
        if isinstance(data, Path):
            workspace.import_movielens(data)
        else:
            simulate_history(data, folder / "tables", lambda share, text: None)
            assert not workspace.import_tables(folder / "tables", strict=True).rejected

        def asked(name: str, **how: Any) -> Any:
            report = workspace.evaluate(name, facets=False, **how)
            if isinstance(data, Path):
                log("ml-1m", msgspec.to_builtins(report), ModelSettings())
            return report

        if protocol in (None, "new-titles"):
            titles = asked("new-titles")
            told["new titles"] = {"asked": titles.users, "commit": commit()} | against(
                titles.rows, ["TF-IDF neighbours"]
            )
        for kind, how in PROFILES.items() if protocol in (None, "new-profiles") else ():
            for group in asked("new-profiles", **how).groups:
                found = {"asked": group.users, "commit": commit()} | against(group.rows, list(POPULAR))
                told[f"new profiles, {group.name}{kind}"] = found
    return told


def against(rows: list[Any], floors: list[str]) -> dict[str, Any]:
    """The whole against the best of some floors."""
    told = {row.system: row for row in rows}
    best = max((told[name] for name in floors), key=lambda row: row.metrics["ndcg@10"].value)
    whole, floor = told["frontrow"].metrics["ndcg@10"].value, best.metrics["ndcg@10"].value
    return {
        "floor": best.system,
        "ratio": round(whole / floor, 3) if floor else None,
        "ahead": msgspec.to_builtins(best.lead["ndcg@10"]),
        "ndcg@10": {name: round(row.metrics["ndcg@10"].value, 4) for name, row in told.items()},
    }


if __name__ == "__main__":
    main()
