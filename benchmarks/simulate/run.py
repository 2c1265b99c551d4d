"""Whether the engine learns what there is to learn in the simulated service.

    python benchmarks/simulate/run.py [--seeds 101,102,103] [--titles N] [--profiles N] [--days N] [--viewers 400]

For each seed: simulate, import, evaluate on the time split (the whole system and its floors, as `frontrow evaluate`
tells them), the simulator's own preferences as the ceiling on the same split, then train until the cut and lay pages as
of then. A viewer's page and another's (of the same country and age limit) are scored on what the viewer went on to
watch; a page for nobody in a country, and one for nobody in another, on what that country's viewers went on to watch.
Intervals are bootstraps over viewers, 95 %. Adds to result.json beside this file,
in place of what it holds of the same seed.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from split import Split, make_split, mean_interval, ndcg, popularity

from frontrow.core.clock import SECOND, format_time
from frontrow.simulate.history import play_through, simulate_history
from frontrow.simulate.places import CODES
from frontrow.simulate.profiles import profile_id
from frontrow.simulate.settings import END, WorldSettings
from frontrow.simulate.truth import expected, leaning_of
from frontrow.simulate.world import World, make_world
from frontrow.workspace import Workspace

HERE = Path(__file__).resolve().parent
T = TypeVar("T")
MOMENTS = (0.1, 0.5, 0.9)
"""Places in the held-out days at which wants are asked for the ceiling."""


def main() -> None:
    """Runs all seeds and prints what each showed."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="101,102,103", help="seeds not used in making the service")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=5_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--viewers", type=int, default=400, help="viewers whose pages are compared")
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    known = json.loads(options.out.read_text())["runs"] if options.out.exists() else []
    for seed in map(int, options.seeds.split(",")):
        settings = WorldSettings(seed, options.titles, options.profiles, options.days)
        with tempfile.TemporaryDirectory(prefix="frontrow-simulate-") as folder:
            made = run(settings, Path(folder), options.viewers)
        print(json.dumps(made, indent=1), flush=True)
        known = sorted([made, *(each for each in known if each["seed"] != seed)], key=lambda each: int(each["seed"]))
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        options.out.write_text(json.dumps({"machine": machine, "runs": known}, indent=1) + "\n")


def run(settings: WorldSettings, folder: Path, viewers: int) -> dict[str, Any]:
    """One seed, all measures."""
    took: dict[str, float] = {}
    tables = folder / "tables"
    made = timed(took, "simulate", lambda: simulate_history(settings, tables, silent))
    with Workspace.init(folder / "workspace") as workspace:
        report = timed(took, "import", lambda: workspace.import_tables(tables, strict=True))
        told = timed(took, "evaluate", lambda: workspace.evaluate("time-split"))
        systems = {row.system: _interval(row.metrics["ndcg@10"]) for row in told.rows if row.kind != "model"}
        split = make_split(tables, settings.titles)
        world = make_world(settings)
        best = timed(took, "ceiling", lambda: ndcg(split, ceiling(world, split)))
        timed(took, "train", lambda: workspace.train(until=format_time(split.cut)))
        pages = timed(took, "pages", lambda: compare_pages(workspace, world, split, viewers))
    whole, week, month = (systems[name]["value"] for name in ("frontrow", "popular 7 d", "popular 30 d"))
    assert report.rejected == 0
    return {
        "seed": settings.seed,
        "titles": made.titles,
        "profiles": made.profiles,
        "days": settings.days,
        "events": made.events,
        "plays": made.plays,
        "asked": told.users,
        "ndcg@10": systems | {"ceiling": mean_interval(best)},
        "check of popular 7 d": mean_interval(ndcg(split, popularity(split, 7))),
        "whole / better popularity": round(whole / max(week, month), 3),
        "popular 7 d / ceiling": round(week / float(best.mean()), 3),
        "whole / ceiling": round(whole / float(best.mean()), 3),
        "pages": pages,
        "seconds": took,
    }


def ceiling(world: World, split: Split) -> np.ndarray:
    """float[asked, titles]: the probability of what the simulator's viewers begin and finish in the held-out days,
    knowing what they had watched, found and finished by the cut."""
    settings = world.settings
    _, plays = play_through(world, silent)
    cut, end = ((moment - settings.start) // SECOND for moment in (split.cut, END))
    moments = [int(cut + (end - cut) * place) for place in MOMENTS]
    return expected(world, split.asked, moments, leaning_of(world, plays, cut)[split.asked], finished=True)


def compare_pages(workspace: Workspace, world: World, split: Split, viewers: int) -> dict[str, Any]:
    """What a page is worth to whom it is for, and to whom it is not."""
    at = format_time(split.cut)
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(split.asked))[:viewers])
    group = world.viewers.country * 100 + world.viewers.limit
    own, other = [], []
    laid: dict[int, list[int]] = {}
    for place in chosen.tolist():
        viewer = int(split.asked[place])
        alike = split.asked[(group[split.asked] == group[viewer]) & (split.asked != viewer)]
        if len(alike):
            stranger = int(rng.choice(alike))
            for each in (viewer, stranger):
                if each not in laid:
                    laid[each] = titles_of(workspace, profile_id(each), at)
            own.append(worth(laid[viewer], split, place))
            other.append(worth(laid[stranger], split, place))
    here, elsewhere = [], []
    by_country = {code: titles_of(workspace, "nobody-yet", at, country=code) for code in CODES}
    for place in range(len(split.asked)):
        code = str(split.country[place])
        values = {name: worth(page, split, place) for name, page in by_country.items()}
        here.append(values[code])
        elsewhere.append(float(np.mean([value for name, value in values.items() if name != code])))
    return {"viewers": _compared(own, other), "countries": _compared(here, elsewhere)}


def titles_of(workspace: Workspace, profile: str, at: str, **asked: Any) -> list[int]:
    """Numbers of the titles of a page in reading order, each once."""
    page = workspace.home(profile, at=at, **asked)
    return list(dict.fromkeys(int(item.title_id[2:7]) for row in page.rows for item in row.items))


def worth(page: list[int], split: Split, place: int) -> float:
    """Discounted share of what a viewer went on to watch: each relevant title counts 1 / log2(2 + its place among the
    titles that the viewer had not seen)."""
    new = [title for title in page if not split.history[place, title]]
    hits = split.relevant[place, new]
    return float((hits / np.log2(2 + np.arange(len(new)))).sum() / split.relevant[place].sum())


def _compared(one: list[float], other: list[float]) -> dict[str, Any]:
    mine, theirs = np.array(one), np.array(other)
    return {
        "asked": len(mine),
        "own": mean_interval(mine),
        "other": mean_interval(theirs),
        "difference": mean_interval(mine - theirs),
    }


def _interval(measured: Any) -> dict[str, float]:
    return {"value": measured.value, "low": measured.low, "high": measured.high}


def timed(took: dict[str, float], name: str, work: Callable[[], T]) -> T:
    """Does it, and notes the seconds."""
    begun = time.monotonic()
    result = work()
    took[name] = round(time.monotonic() - begun, 1)
    return result


def silent(fraction: float, text: str) -> None:
    """Progress for nobody."""


if __name__ == "__main__":
    main()
