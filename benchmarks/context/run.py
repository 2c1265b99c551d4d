"""Whether pages follow the moment where the moment matters, and only there.

    python benchmarks/context/run.py [--seeds 301,302,303] [--titles N] [--profiles N] [--days N] [--out FILE]

For each seed a service is simulated twice, as it is and `--without context`, and imported up to the 0.8 quantile of its
events. In each copy:

* lift: viewers are asked for the last title that was new to them (`last-event`, request time known: hour and device of
  the question are told), of the whole and of the whole with a blend that was learned without the context model. The
  difference of NDCG@10 is paired by viewer, and stated as a share of the NDCG@10 without.
* crossed: two pages of one viewer, which differ in the hour asked (at least six hours apart) or in the device, are
  scored on what the viewer went on to watch in each of the two moments, after the cut; `difference` is what pages are
  worth in their own moment less what they are worth in the other's.

Intervals are 95 %, by bootstrap over viewers. Results of other seeds in the file stay. result-blend.json holds what it
gave before there was a ranker over the blend.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import argparse
import contextlib
import json
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from frontrow.core.clock import wall_clock
from frontrow.core.horizon import parse_horizon
from frontrow.evaluate.bootstrap import Interval, paired_difference
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of
from frontrow.evaluate.protocols import Task, task_of
from frontrow.features.velocity import Velocity
from frontrow.models.artifact import publish
from frontrow.models.cases.data import TrainingData
from frontrow.models.learning.train import Trained, fit_models
from frontrow.models.moment.context import SILENT
from frontrow.models.names import ROW
from frontrow.recommend.scoring import Scorer
from frontrow.simulate.history import simulate_history
from frontrow.simulate.settings import WorldSettings
from frontrow.training import training_data
from frontrow.wiring import MODELS_FOLDER, Parts, assemble
from frontrow.workspace import Workspace

HERE = Path(__file__).resolve().parent
CUT, APART = 0.8, 6
VIEWERS = 1_500
"""Viewers whose pages are compared, at most."""
NDCG = METRICS.index("ndcg@10")
HORIZONS = ("next", "session")


def main() -> None:
    """Runs all seeds, with the effect and without."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", default="301,302,303", help="seeds not used in making any of it")
    asked.add_argument("--effects", default="on,off", help="on: as the service is; off: simulated without context")
    asked.add_argument("--titles", type=int, default=2_000)
    asked.add_argument("--profiles", type=int, default=5_000)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--out", type=Path, default=HERE / "result.json")
    options = asked.parse_args()
    known = json.loads(options.out.read_text())["runs"] if options.out.exists() else []
    for seed in map(int, options.seeds.split(",")):
        for effect in options.effects.split(","):
            without = frozenset() if effect == "on" else frozenset({"context"})
            settings = WorldSettings(seed, options.titles, options.profiles, options.days, without)
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="frontrow-context-") as folder:
                made = {"seed": seed, "effect": effect, "profiles": options.profiles} | run(settings, Path(folder))
            made["seconds"] = round(time.monotonic() - started, 1)
            print(json.dumps(made, indent=1), flush=True)
            known = [each for each in known if (each["seed"], each["effect"]) != (seed, effect)] + [made]
            known.sort(key=lambda each: (each["seed"], each["effect"] == "off"))
            machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
            options.out.write_text(json.dumps({"machine": machine, "runs": known}, indent=1) + "\n")


def run(settings: WorldSettings, folder: Path) -> dict[str, Any]:
    """One service, both measures."""
    tables, past = folder / "tables", folder / "past"
    simulate_history(settings, tables, lambda share, text: None)
    events = pl.read_parquet(tables / "events.parquet")
    cut = events["at"].quantile(CUT, "nearest")
    past.mkdir()
    events.filter(pl.col("at") < cut).write_parquet(past / "events.parquet")
    for name in ("titles", "profiles"):
        (tables / f"{name}.parquet").rename(past / f"{name}.parquet")
    with Workspace.init(folder / "workspace") as workspace:
        assert not workspace.import_tables(past, strict=True).rejected
        with assembled(folder / "workspace") as parts:
            data, content = training_data(parts, None)
            task = task_of("last-event", data.interactions, data.rankable, True)
            trained = fit_models(replace(data, interactions=task.fit), content=content, less={"context": ["context"]})
        publish(folder / "workspace" / MODELS_FOLDER, trained.models, {"until": data.until}, wall_clock())
        workspace.engine.refresh()
        told: dict[str, Any] = {"lift": lift(data, task, trained)}
        return told | {"crossed": crossed(workspace, past, events.filter(pl.col("at") >= cut))}


@contextlib.contextmanager
def assembled(path: Path) -> Iterator[Parts]:
    """A workspace's parts."""
    parts = assemble(path)
    try:
        yield parts
    finally:
        parts.close()


def lift(data: TrainingData, task: Task, trained: Trained) -> dict[str, Any]:
    """NDCG@10 with the context model and without, by horizon."""
    models = trained.models
    less = trained.less.get("context", models)  # where nothing was heard of it, both are one
    velocity = Velocity.of_interactions(task.known, data.n_titles)
    scorers = [
        Scorer(each, data.content, velocity, data.added_at, data.leanings(each.context, each.succession), data.rankable)
        for each in (replace(models, context=SILENT, blend=less.blend, ranker=less.ranker), models)
    ]
    horizons = [parse_horizon(each) for each in HORIZONS]
    found = np.zeros((len(scorers), len(horizons), len(task.questions)))
    for place in np.argsort([question.query.now for question in task.questions], kind="stable").tolist():
        question = task.questions[place]
        open_titles = task.candidates.copy()
        open_titles[question.known] = False
        titles = np.flatnonzero(open_titles)
        relevant = np.searchsorted(titles, question.relevant)
        for number, scorer in enumerate(scorers):
            scored = scorer.score(question.query, horizons, task.candidates)
            for column, horizon in enumerate(horizons):
                ranks = ranks_of(scored.blended[horizon][titles], relevant)
                found[number, column, place] = metrics_of(ranks)[NDCG]
    weight = {each.text: round(float(models.blend.weights(each)[ROW["context"]]), 3) for each in horizons}
    told: dict[str, Any] = {
        "asked": len(task.questions), "ridges": models.context.strength, "weight": weight,
        "ranker": models.ranker is not None,
    }  # fmt: skip
    for column, name in enumerate(HORIZONS):
        base, joined = found[0, column], found[1, column]
        gained = paired_difference(joined, base, 0)
        without = float(base.mean())
        told[name] = {
            "without": round(without, 5), "with": round(float(joined.mean()), 5),
            "difference": _rounded(gained), "share of without": _rounded([each / without for each in gained]),
        }  # fmt: skip
    return told


def crossed(workspace: Workspace, tables: Path, later: pl.DataFrame) -> dict[str, Any]:
    """Pages of one viewer for two hours, and for two devices, each on what was watched in both."""
    zones = dict(pl.read_parquet(tables / "profiles.parquet")["profile_id", "timezone"].iter_rows())
    events = later.filter((pl.col("type") == "play") & pl.col("profile_id").is_in(list(zones)))
    events = events.with_columns(
        title=pl.col("title_id").str.slice(0, 7),
        hour=(pl.col("at") + pl.duration(minutes="tz_offset_minutes")).dt.hour(),
    ).sort("profile_id", "at")
    first: Any = later["at"].min()
    start = first.astimezone(UTC).replace(minute=30, second=0, microsecond=0)
    values: dict[str, list[tuple[float, float]]] = {"hours": [], "devices": []}
    asked = sorted(set(events["profile_id"]))[:VIEWERS]
    events = events.filter(pl.col("profile_id").is_in(asked))
    for (profile,), mine in events.group_by(["profile_id"], maintain_order=True):
        plays = list(
            mine.unique("title", keep="first", maintain_order=True)[
                "title", "hour", "device", "tz_offset_minutes"
            ].iter_rows()
        )
        offset = plays[0][3]
        for name, pair in _two_moments(plays):
            worths = [
                _worths(workspace, str(profile), _at(start, hour, offset), device, [one for one, _ in pair])
                for hour, device in (pair[0][1], pair[1][1])
            ]
            (a_a, a_b), (b_a, b_b) = worths
            values[name].append(((a_a + b_b) / 2, (a_b + b_a) / 2))
    return {name: _compared(np.array(worth)) for name, worth in values.items()}


def _two_moments(
    plays: list[tuple[str, int, str, int]],
) -> Iterator[tuple[str, list[tuple[set[str], tuple[int, str]]]]]:
    """Which of the check's two kinds, and for each of two moments the titles watched in it and what is asked for."""
    first = plays[0]
    far = next((each for each in plays if _apart(each[1], first[1]) >= APART), None)
    if far is not None:
        sets = [{title for title, hour, _, _ in plays if _apart(hour, each[1]) <= 1} for each in (first, far)]
        yield "hours", [(sets[0], (first[1], first[2])), (sets[1], (far[1], first[2]))]
    other = next((each for each in plays if each[2] != first[2]), None)
    if other is not None:
        sets = [{title for title, _, device, _ in plays if device == each[2]} for each in (first, other)]
        yield "devices", [(sets[0], (first[1], first[2])), (sets[1], (first[1], other[2]))]


def _apart(one: int, other: int) -> int:
    return min((one - other) % 24, (other - one) % 24)


def _at(start: datetime, hour: int, offset: int) -> str:
    """The first moment after the log's end at which it is that hour there."""
    there = (start + timedelta(hours=1) + timedelta(minutes=offset)).hour
    return (start + timedelta(hours=1 + (hour - there) % 24)).isoformat().replace("+00:00", "Z")


def _worths(workspace: Workspace, profile: str, at: str, device: str, watched: list[set[str]]) -> list[float]:
    """What a page is worth on each set of titles: the mean of 1 / log2(2 + place in reading order)."""
    page = workspace.home(profile, at=at, device=device)
    order = dict.fromkeys(item.title_id for row in page.rows for item in row.items)
    place = {title: number for number, title in enumerate(order)}
    return [
        float(np.mean([1 / np.log2(2 + place[each]) if each in place else 0.0 for each in titles]))
        for titles in watched
    ]


def _compared(worth: np.ndarray) -> dict[str, Any]:
    """Of worths float[viewers, 2] of pages in their own moment and in the other's."""
    own, other = worth.mean(axis=0).tolist()
    difference = paired_difference(worth[:, 0], worth[:, 1], 0)
    return {"asked": len(worth), "own": round(own, 5), "other": round(other, 5), "difference": _rounded(difference)}


def _rounded(values: Interval | list[float]) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), (round(float(each), 5) for each in values), strict=True))


if __name__ == "__main__":
    main()
