"""Whether forecasts of outcomes come true in the simulated service, and what ordering by them is worth.

    python benchmarks/outcomes/run.py [--seeds 711,712,713] [--weights FILE.json] [--profiles N] [--out FILE]

For each seed a service is simulated and evaluated on the time split (`days=30`, request time unknown) and on the last
event (`next`, time known), models trained once for each. Told are, for every outcome, the error of calibration (as
`frontrow evaluate` measures it) and, for every set of weights (`tuning.outcome_weights`), against the order by what is
played alone: NDCG@10; the minutes that were watched of the ten titles, each by 1 / log2(place + 1); how many of the
ten were finished; and, on the time split, what the simulator's viewers truly expect of the ten: minutes as a share of
the best ten's. Differences are paired by viewer; 95 % intervals. Results of other seeds in the file stay.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from frontrow import Workspace
from frontrow.core.clock import SECOND
from frontrow.evaluate.bootstrap import paired_difference
from frontrow.evaluate.forecasts import Forecasts
from frontrow.evaluate.metrics import CUT, METRICS, metrics_of, ranks_of
from frontrow.evaluate.protocols import task_of
from frontrow.evaluate.task import Question, Task
from frontrow.features.outcomes import OUTCOMES
from frontrow.features.velocity import Velocity
from frontrow.models.learning.train import fit_models
from frontrow.recommend.best import best_places
from frontrow.recommend.outcomes import Asked
from frontrow.recommend.scoring import Scorer
from frontrow.simulate.history import play_through, simulate_history
from frontrow.simulate.profiles import profile_id
from frontrow.simulate.settings import END, WorldSettings
from frontrow.simulate.titles import title_id
from frontrow.simulate.truth import expected, leaning_of
from frontrow.simulate.world import make_world
from frontrow.training import training_data
from frontrow.wiring import assemble

HERE = Path(__file__).resolve().parent
PLAYED = "what is played"
WEIGHTS: dict[str, dict[str, float]] = {
    PLAYED: {},
    "minutes half": {"minutes": 0.5},
    "minutes twice": {"minutes": 2},
    "minutes alone": {"play": 0, "minutes": 1},
    "finish": {"finish": 1},
    "abandon": {"abandon": -1},
    "thumbs": {"thumbs_up": 4},
}
"""Sets of weights that are compared; what a file given with --weights has comes beside them."""
MEASURES = ("ndcg@10", "minutes@10", "finished@10", "true minutes@10")
FINISHED_SHARE, LEFT_SHARE = 0.96, 0.311
"""What the simulator's viewers watch of a title on average, if they finish it and if they do not."""
MOMENTS = (0.1, 0.5, 0.9)
PROTOCOLS = (("time-split", False), ("last-event", True))


def main() -> None:
    """Runs all seeds."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="711,712,713", help="seeds not used in choosing anything")
    asked.add_argument("--weights", type=Path, help="JSON: sets of weights by name")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=2_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--protocols", default=",".join(name for name, _ in PROTOCOLS))
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    sets = WEIGHTS | (json.loads(options.weights.read_text()) if options.weights else {})
    for seed in map(int, options.seeds.split(",")):
        settings = WorldSettings(seed, options.titles, options.profiles, options.days)
        known = json.loads(options.out.read_text())["runs"] if options.out.exists() else []
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="frontrow-outcomes-") as folder:
            made = run(settings, Path(folder), sets, options.protocols.split(","))
        made = {"seed": seed, "profiles": options.profiles} | made | {"seconds": round(time.monotonic() - started, 1)}
        print(json.dumps(made, indent=1), flush=True)
        known = sorted([made, *(each for each in known if each["seed"] != seed)], key=lambda each: int(each["seed"]))
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        options.out.write_text(json.dumps({"machine": machine, "runs": known}, indent=1) + "\n", encoding="utf-8")


def run(settings: WorldSettings, folder: Path, sets: dict[str, dict[str, float]], protocols: list[str]) -> Any:
    """One service, all protocols."""
    simulate_history(settings, folder / "tables", lambda share, text: None)
    with Workspace.init(folder / "workspace") as workspace:
        assert not workspace.import_tables(folder / "tables", strict=True).rejected
    parts = assemble(folder / "workspace")
    data, content = training_data(parts, None)
    ids = parts.engine.rooms.views.titles_now().ids
    known = (parts.people.find(profile_id(number)) for number in range(settings.profiles))
    truth = Truth(settings, ids, {each.number: place for place, each in enumerate(known) if each})
    told = {}
    for protocol, time_known in PROTOCOLS:
        if protocol in protocols:
            task = task_of(protocol, data.interactions, data.rankable, time_known)
            trained = fit_models(replace(data, interactions=task.fit), content=content)
            velocity = Velocity.of_interactions(task.known, data.n_titles)
            leanings = data.leanings(trained.models.context, trained.models.succession)
            scorer = Scorer(trained.models, data.content, velocity, data.added_at, leanings, data.rankable)
            assert trained.models.outcomes is not None
            forecasts = Forecasts.of(task, trained.models.outcomes, data.past, {})
            told[protocol] = measured(task, scorer, forecasts, sets, truth if protocol == "time-split" else None)
    parts.close()
    return told


class Truth:
    """What the simulator's viewers expect of titles. `ids` are titles' by number in the log, `viewer_of` viewers'
    numbers in the world by profile number."""

    def __init__(self, settings: WorldSettings, ids: list[str], viewer_of: dict[int, int]) -> None:
        self.world, self.viewer_of = make_world(settings), viewer_of
        self.plays = play_through(self.world, lambda share, text: None)[1]
        place = {title_id(number): number for number in range(len(self.world.traits))}
        self.title_of = np.array([place.get(name, -1) for name in ids])

    def minutes(self, cut: int) -> NDArray[np.float64]:
        """float64[viewers, titles of the world]: minutes of each title, as its part of the next play from `cut` on."""
        world = self.world
        start = (cut - world.settings.start) // SECOND
        end = (END - world.settings.start) // SECOND
        moments = [int(start + (end - start) * place) for place in MOMENTS]
        leaning = leaning_of(world, self.plays, start)
        viewers = np.arange(len(world.viewers))
        begun = expected(world, viewers, moments, leaning)
        finished = expected(world, viewers, moments, leaning, finished=True)
        return (FINISHED_SHARE * finished + LEFT_SHARE * (begun - finished)) * world.traits.runtime[None, :]


def measured(
    task: Task, scorer: Scorer, forecasts: Forecasts, sets: dict[str, dict[str, float]], truth: Truth | None
) -> dict[str, Any]:
    """Calibration, and each set of weights against what is played."""
    questions = sorted(task.questions, key=lambda each: each.query.now)
    value = truth.minutes(questions[0].query.now) if truth else None
    discount = 1 / np.log2(np.arange(CUT) + 2)
    table = {name: np.zeros((len(questions), len(MEASURES))) for name in sets}
    for place, question in enumerate(questions):
        query = question.query
        reading = scorer.sources.read(query, len(task.candidates))
        pairs = forecasts.asked(question).pairs
        open_titles = task.candidates.copy()
        open_titles[question.known] = False
        titles = np.flatnonzero(open_titles)
        for name, weights in sets.items():
            scored = scorer.join(reading, (task.horizon,), task.candidates, asked=Asked(pairs, weights))
            assert not scored.failed, scored.failed
            scores = scored.blended[task.horizon][titles]
            best = titles[best_places(scores, CUT)]
            relevant = np.searchsorted(titles, question.relevant)
            ndcg = metrics_of(ranks_of(scores, relevant))[METRICS.index("ndcg@10")]
            share = 0.0
            if truth is not None and value is not None:
                own = value[truth.viewer_of[question.viewer]]
                ideal = np.sort(own[truth.title_of[titles]])[::-1][:CUT]
                share = float(own[truth.title_of[best]] @ discount / (ideal @ discount))
            table[name][place] = [ndcg, *watched(question, best), share]
            if name == PLAYED:
                forecasts.take(question, scored, task.horizon, titles)
    calibration = {
        name: {"forecasts": each.forecasts, "forecast": each.forecast, "came": each.came,
               "error": [each.error.value, each.error.low, each.error.high]}
        for name, each in forecasts.calibration(0).items()
    }  # fmt: skip
    return {
        "asked": len(questions),
        "calibration": calibration,
        "weights": {name: told(sets[name], table[name], table[PLAYED]) for name in sets},
    }


def watched(question: Question, best: NDArray[np.int64]) -> tuple[float, float]:
    """Minutes that were watched of the ten, each by 1 / log2(place + 1); and how many were finished."""
    outcomes = question.then.outcomes
    assert outcomes is not None
    minutes, finished = 0.0, 0.0
    for rank, title in enumerate(best.tolist()):
        plays = outcomes[question.then.title == title]
        plays = plays[~np.isnan(plays).any(axis=1)]
        minutes += float(plays[:, OUTCOMES.index("minutes")].sum()) / np.log2(rank + 2)
        finished += float(plays[:, OUTCOMES.index("finish")].any()) if len(plays) else 0.0
    return minutes, finished


def told(weights: dict[str, float], own: NDArray[np.float64], base: NDArray[np.float64]) -> dict[str, Any]:
    """Each measure, and how far it is from that of what is played."""
    found: dict[str, Any] = {"weights": weights}
    for column, name in enumerate(MEASURES):
        if own[:, column].any():
            lead = paired_difference(own[:, column], base[:, column], 0)
            found[name] = {"value": round(float(own[:, column].mean()), 5), "lead": [round(each, 5) for each in lead]}
    return found


if __name__ == "__main__":
    main()
