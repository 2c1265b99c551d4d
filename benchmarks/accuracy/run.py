"""Accuracy on MovieLens, through the front door: import, train, evaluate, beside the published floors.

    python benchmarks/accuracy/run.py [--small FOLDER] [--large FOLDER] [--only ml-1m] [--without-train] [--facets]
                                      [--protocol time-split] [--without-sequence] [--quick] [--keep FOLDER]

ml-latest-small is imported without its tags: many were given after the events that are asked about, and the catalogue
is one of today. Each evaluation asks about test events, so each is appended to test-runs.jsonl (commit, settings,
figures): nothing may be chosen by looking at them. `last-event` is asked twice, the time of the question unknown and
known. result.json holds what was last measured of each, and at which commit, with the defaults (an hour and a half;
needs the training extra, for the sequence model); result-without-sequence.json without that model, result-quick.json
with --quick. With --keep the workspaces stay in a folder, and a run that was interrupted goes on where its training
stopped. Folders default to ../shared/data/ml-latest-small beside the checkout and ~/.cache/frontrow/ml-1m.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SMALL = ROOT.parent / "shared" / "data" / "ml-latest-small"
LARGE = Path.home() / ".cache" / "frontrow" / "ml-1m"

ANCHORS = {
    "ml-1m last-event": {"last-item Markov": 0.126, "EASE": 0.054, "EASE, history .9^age": 0.119,
                         "popular ever": 0.018},
    "ml-1m time-split": {"popular 7 d": 0.233, "popular 30 d": 0.222, "popular ever": 0.227, "EASE": 0.249,
                         "EASE, history .9^age": 0.177},
    "ml-latest-small last-event": {"popular 7 d": 0.012, "popular 30 d": 0.005, "popular ever": 0.020, "EASE": 0.039,
                                   "EASE, history .9^age": 0.066},
}  # fmt: skip
"""NDCG@10 of floors as measured elsewhere under the same protocol."""


def frontrow(*arguments: str | Path) -> tuple[Any, dict[str, float]]:
    """The JSON answer of a command, and what it took: wall and processor seconds, peak resident gigabytes."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as answer:
        child = subprocess.Popen([sys.executable, "-m", "frontrow", *map(str, arguments), "--json"], stdout=answer)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"frontrow {arguments[0]} failed with {child.returncode}")
        answer.seek(0)
        told = json.loads(answer.read())
    return told, {
        "seconds": round(time.perf_counter() - started, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_gb": round(used.ru_maxrss * 1024 / 1e9, 3),
    }


def measured(
    name: str, folder: Path, asked: list[tuple[str, str]], chosen: argparse.Namespace, told: dict[str, Any]
) -> Iterator[None]:
    """Everything about one data set, into `told`, one thing after another."""
    quick = ["--quick"] if chosen.quick else []
    with contextlib.ExitStack() as stack:
        place = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        workspace = place / name
        if not workspace.exists():
            told["import"] = imported(workspace, folder, without(chosen.without_sequence)) | {"commit": commit()}
        if not chosen.without_train:
            report, cost = frontrow("train", "--workspace", workspace, *quick)
            told["train"] = cost | {
                "validation": report["validation"], "counts": report["counts"], "commit": commit()
            }  # fmt: skip
            yield
        for protocol, time_known in asked:
            if chosen.protocol not in (None, protocol):
                continue
            report, cost = frontrow(
                "evaluate", "--protocol", protocol, "--request-time", time_known, "--workspace", workspace,
                "--facets" if chosen.facets else "--no-facets", *quick,
            )  # fmt: skip
            label = f"{protocol}, time known" if (protocol, time_known) == ("last-event", "known") else protocol
            told[label] = report | {
                "cost": cost, "anchors_ndcg@10": ANCHORS.get(f"{name} {label}", {}), "commit": commit()
            }  # fmt: skip
            log(name, report | {"quick": chosen.quick}, settings_of(chosen.without_sequence))
            show(name, told[label])
            yield


def without(sequence: bool) -> str:
    """A frontrow.toml that leaves the sequence model out, if so wanted."""
    return "[models.sequence]\nepochs = 0\n" if sequence else ""


def imported(workspace: Path, folder: Path, settings: str = "") -> dict[str, float]:
    """A new workspace with a data set in it and `settings` as its frontrow.toml, and what the import took."""
    workspace.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "frontrow", "init", workspace], check=True, stdout=subprocess.DEVNULL)
    if settings:
        (workspace / "frontrow.toml").write_text(settings, encoding="utf-8")
    with untagged(folder) as bare:
        return frontrow("import", "movielens", bare, "--workspace", workspace)[1]


@contextlib.contextmanager
def untagged(folder: Path) -> Iterator[Path]:
    """The data set without tags.csv: tags carry words of users from after the test events."""
    if not (folder / "tags.csv").exists():
        yield folder
        return
    with tempfile.TemporaryDirectory() as place:
        for path in folder.iterdir():
            if path.name != "tags.csv":
                (Path(place) / path.name).symlink_to(path.resolve())
        yield Path(place)


def log(name: str, report: dict[str, Any], settings: ModelSettings, seed: int = 0) -> None:
    """One line for each look at test events."""
    systems = {
        row["system"]: {metric: row["metrics"][metric]["value"] for metric in ("hr@10", "ndcg@10")}
        for row in report["rows"]
    }
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(), "data": name,
        "protocol": report["protocol"], "request_time": report["request_time"], "horizon": report["horizon"],
        "users": report["users"], "quick": report.get("quick", False), "seed": seed,
        "settings": msgspec.to_builtins(settings), "figures": systems,
    }  # fmt: skip
    with (HERE / "test-runs.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def show(name: str, report: dict[str, Any]) -> None:
    """A table: HR@10, NDCG@10 with its interval, and the floors' published NDCG@10."""
    print(
        f"\n{name}, {report['protocol']}, time {report['request_time']}, horizon {report['horizon']}: "
        f"{report['users']:,} viewers"
    )
    for row in report["rows"]:
        hit, gain = row["metrics"]["hr@10"], row["metrics"]["ndcg@10"]
        known = report["anchors_ndcg@10"].get(row["system"]) if row["kind"] == "floor" else None
        print(
            f"  {row['kind']:<6} {row['system']:<22} HR@10 {hit['value']:.4f}  NDCG@10 {gain['value']:.4f} "
            f"({gain['low']:.4f} to {gain['high']:.4f})" + (f"  elsewhere {known:.3f}" if known else "")
        )
    for each in report["compared"]:
        lead = each["difference"]
        print(
            f"  {each['metric']}: {lead['value']:+.4f} ({lead['low']:+.4f} to {lead['high']:+.4f}) to {each['floor']}"
        )


def settings_of(without_sequence: bool) -> ModelSettings:
    """The defaults, without the sequence model if so wanted."""
    return ModelSettings(sequence=SequenceSettings(epochs=0)) if without_sequence else ModelSettings()


def commit() -> str:
    """The commit that ran, with a + where the tree was changed."""
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def main() -> None:
    """Runs what there is data for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--small", type=Path, default=SMALL)
    options.add_argument("--large", type=Path, default=LARGE)
    options.add_argument("--only", choices=("ml-latest-small", "ml-1m"), help="this data set alone")
    options.add_argument("--protocol", choices=("last-event", "time-split"), help="this protocol alone")
    options.add_argument("--facets", action="store_true", help="evaluate without each facet too")
    options.add_argument("--keep", type=Path, help="folder of the workspaces, which stay")
    options.add_argument("--without-train", action="store_true", help="do not measure training by itself")
    options.add_argument("--quick", action="store_true", help="small models, as frontrow train --quick makes them")
    options.add_argument("--without-sequence", action="store_true", help="leave the sequence model out")
    chosen = options.parse_args()
    kind = "-quick" if chosen.quick else "-without-sequence" if chosen.without_sequence else ""
    written = HERE / f"result{kind}.json"
    result: dict[str, Any] = json.loads(written.read_text()) if written.exists() else {}
    result["settings"] = msgspec.to_builtins(settings_of(chosen.without_sequence))
    last_event = [("last-event", "unknown"), ("last-event", "known")]
    jobs = [
        ("ml-latest-small", chosen.small, last_event),
        ("ml-1m", chosen.large, [*last_event, ("time-split", "unknown")]),
    ]
    for name, folder, asked in jobs:
        if chosen.only in (None, name) and folder.is_dir():
            for _ in measured(name, folder, asked, chosen, result.setdefault(name, {})):
                written.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        else:
            print(f"{name}: left out" + ("" if folder.is_dir() else f", no {folder}"))


if __name__ == "__main__":
    main()
