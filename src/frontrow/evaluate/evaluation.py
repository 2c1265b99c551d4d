"""Evaluation: hold out, train as for publishing, ask everybody, and compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from frontrow.catalog.title import Title
from frontrow.core.horizon import parse_horizon
from frontrow.evaluate.asking import Answers, ask
from frontrow.evaluate.comparison import compared, rows_of
from frontrow.evaluate.floors import Floor, floors_of
from frontrow.evaluate.forecasts import Forecasts
from frontrow.evaluate.lists import ListTraits
from frontrow.evaluate.protocols import task_of
from frontrow.evaluate.report import Group, Report
from frontrow.evaluate.task import Task
from frontrow.features.velocity import Velocity
from frontrow.models.cases.data import TrainingData
from frontrow.models.content import ContentModel
from frontrow.models.learning.fitting import Progress
from frontrow.models.learning.train import fit_models
from frontrow.models.names import FACETS
from frontrow.models.settings import ModelSettings
from frontrow.recommend.outcomes import Weights
from frontrow.recommend.scoring import Scorer


def evaluate(
    data: TrainingData,
    protocol: str,
    *,
    horizon: str | None = None,
    request_time: str = "unknown",
    seed: int = 0,
    settings: ModelSettings | None = None,
    progress: Progress = lambda share, text: None,
    content: ContentModel | None = None,
    titles: Sequence[Title | None] = (),
    facets: Mapping[str, Sequence[str]] = FACETS,
    quick: bool = False,
    weights: Weights = MappingProxyType({}),
    unfinished: Path | None = None,
    beside: Callable[[Task], Mapping[str, Floor]] = lambda task: {},
) -> Report:
    """Full-ranking metrics of the whole system (through the Scorer that serves), of each of its models, of the whole
    without each of its facets and of the floors, with intervals over viewers. Models are trained anew on what the
    protocol leaves; nothing is published.

    `titles`, by number, give a floor by content, and genres; `horizon` is the protocol's own if None; `facets` are sets
    of sources (names.FACETS); `quick` trains small models; `weights` join the outcomes (`tuning.outcome_weights`);
    `unfinished` is `fit_models`'; `beside` gives other systems, by name, that are asked the same as the floors are.
    UsageError for a protocol that does not exist.
    """
    wanted = None if horizon is None else parse_horizon(horizon)
    task = task_of(protocol, data.interactions, data.rankable, request_time == "known", wanted)
    placements = None if data.placements is None else data.placements.told_by(task.fit)
    left = replace(data, interactions=task.fit, placements=placements)
    trained = fit_models(
        left, settings, seed, lambda share, text: progress(0.6 * share, text), content=content,
        quick=quick, less=facets, unfinished=unfinished,
    )  # fmt: skip
    velocity = Velocity.of_interactions(task.known, data.n_titles)
    leanings = data.leanings(trained.models.context, trained.models.succession)
    scorer = Scorer(trained.models, data.content, velocity, data.added_at, leanings, data.rankable)
    without = {name: scorer.joining(each.blend, each.ranker, each.outcomes) for name, each in trained.less.items()}
    progress(0.6, "fitting the floors")
    floors = floors_of(task, data.n_titles, titles) | dict(beside(task))
    traits = ListTraits.of(task, data.content, titles)
    forecasts = Forecasts.of(task, trained.models.outcomes, data.past, weights)
    answers = ask(
        task, scorer, without, floors, traits, forecasts, lambda share, text: progress(0.65 + 0.3 * share, text)
    )
    progress(0.95, "intervals")
    users, rows = rows_of(answers, task.questions, task.candidates, seed)
    groups = _groups(answers, task, seed)
    progress(1.0, "done")
    return Report(
        protocol=protocol,
        horizon=task.horizon.text,
        request_time=request_time,
        users=users,
        rows=rows,
        compared=compared(rows, users),
        apart=task.apart,
        candidates=int(task.candidates.sum()),
        groups=groups,
        calibration=forecasts.calibration(seed),
        uncompared=task.uncompared,
        not_forecast=dict(forecasts.missing()),
        left_out=trained.left_out,
        failed=answers.failed,
    )


def _groups(answers: Answers, task: Task, seed: int) -> list[Group]:
    groups = []
    for name in dict.fromkeys(question.group for question in task.questions if question.group):
        inside = np.array([question.group == name for question in task.questions])
        questions = [question for question in task.questions if question.group == name]
        users, rows = rows_of(answers.take(inside), questions, task.candidates, seed)
        groups.append(Group(name, users, rows, compared(rows, users)))
    return groups
