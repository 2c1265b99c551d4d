"""How much the seed matters: MovieLens-1M's last event, by the setting for studies of many seeds (docs/recipes.md).

    python benchmarks/accuracy/seeds.py [--seeds 1,2,3] [--without-train] [--large FOLDER] [--out FILE]

Each seed trains by itself (what that took is the cost of such a study), and is then trained on what is not held out and
asked for the last event, the time of the question unknown and known. Told are the whole and the best single model of
each seed, the lead with its paired interval, and over the seeds the mean and the standard deviation. Results of other
seeds in the file stay, each with its commit. Each look at test events is appended to test-runs.jsonl. Needs the
training extra; 25 minutes a seed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from run import HERE, LARGE, commit, frontrow, imported, log

from frontrow.models.sequence.settings import SequenceSettings
from frontrow.models.settings import ModelSettings

EPOCHS = 4
METRICS = ("hr@10", "ndcg@10")


def main() -> None:
    """Runs every seed, and sums up all that the file holds."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="1,2,3")
    asked.add_argument("--without-train", action="store_true", help="do not measure training by itself")
    asked.add_argument("--large", type=Path, default=LARGE)
    asked.add_argument("--out", type=Path, default=HERE / "seeds.json")
    options = asked.parse_args()
    known: dict[str, Any] = json.loads(options.out.read_text())["seeds"] if options.out.exists() else {}
    with tempfile.TemporaryDirectory(prefix="frontrow-seeds-") as folder:
        workspace = Path(folder) / "workspace"
        imported(workspace, options.large, f"[models.sequence]\nepochs = {EPOCHS}\n")
        for seed in options.seeds.split(","):
            told = known.setdefault(seed, {})
            if not options.without_train:
                _, cost = frontrow("train", "--workspace", workspace, "--seed", seed)
                told["train"] = cost | {"commit": commit()}
            for time_known in ("unknown", "known"):
                report, cost = frontrow(
                    "evaluate", "--protocol", "last-event", "--request-time", time_known, "--seed", seed,
                    "--no-facets", "--workspace", workspace,
                )  # fmt: skip
                log("ml-1m", report, ModelSettings(sequence=SequenceSettings(epochs=EPOCHS)), int(seed))
                told[f"time {time_known}"] = summary(report) | {"cost": cost, "commit": commit()}
                print(seed, time_known, json.dumps(told[f"time {time_known}"]), flush=True)
                result = {"epochs": EPOCHS, "over_seeds": over(known), "seeds": known}
                options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def summary(report: dict[str, Any]) -> dict[str, Any]:
    """The whole, and what it has ahead of the best single model."""
    rows = {row["system"]: row for row in report["rows"]}
    models = [row for row in rows.values() if row["kind"] == "model"]
    best = max(models, key=lambda row: row["metrics"]["ndcg@10"]["value"])
    return {
        "whole": {metric: rows["frontrow"]["metrics"][metric] for metric in METRICS},
        "best_model": best["system"],
        "best": {metric: best["metrics"][metric] for metric in METRICS},
        "ahead": {metric: best["lead"][metric] for metric in METRICS},
    }


def over(seeds: dict[str, Any]) -> dict[str, Any]:
    """Mean and standard deviation of each figure over the seeds that have it."""
    told: dict[str, Any] = {}
    for asked in ("time unknown", "time known"):
        some = [each[asked] for each in seeds.values() if asked in each]
        for metric in METRICS if some else ():
            values = [each["whole"][metric]["value"] for each in some]
            spread = statistics.stdev(values) if len(values) > 1 else None
            told.setdefault(asked, {"seeds": len(values)})[metric] = {
                "mean": round(statistics.mean(values), 4), "deviation": None if spread is None else round(spread, 4)
            }  # fmt: skip
    minutes = sorted(each["train"]["seconds"] / 60 for each in seeds.values() if "train" in each)
    return told | {"train_minutes": {"median": round(statistics.median(minutes), 1), "most": round(minutes[-1], 1)}}


if __name__ == "__main__":
    main()
