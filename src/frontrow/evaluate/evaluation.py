"""Evaluation: hold out, train as for publishing, ask everybody, and compare with the floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from frontrow.catalog.title import Title
from frontrow.core.horizon import parse_horizon
from frontrow.evaluate.bootstrap import interval, paired_difference, resampled_means
from frontrow.evaluate.floors import Floor, floors_of
from frontrow.evaluate.metrics import METRICS, metrics_of, ranks_of
from frontrow.evaluate.protocols import task_of
from frontrow.evaluate.report import Comparison, Group, Measured, Report, Row
from frontrow.evaluate.task import Question, Task
from frontrow.features.velocity import Velocity
from frontrow.models.content import ContentModel
from frontrow.models.names import FEATURES
from frontrow.models.settings import ModelSettings
from frontrow.models.train import Progress, fit_models
from frontrow.models.training_data import TrainingData
from frontrow.recommend.scoring import Scorer

WHOLE = "frontrow"
COMPARED = ("hr@10", "ndcg@10")
_TOLD_EVERY = 250

Values = dict[str, NDArray[np.float64]]


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
) -> Report:
    """Full-ranking metrics of the whole system (through the Scorer that serves), of each of its models and of the
    floors, with intervals over viewers. Models are trained anew on what the protocol leaves; nothing is published.

    `titles`, by number, give a floor by content; `horizon` is the protocol's own if None. UsageError for a protocol
    that does not exist.
    """
    task = task_of(protocol, data.interactions, data.rankable, request_time == "known")
    if horizon is not None:
        task = replace(task, horizon=parse_horizon(horizon))
    left = replace(data, interactions=task.fit)
    trained = fit_models(
        left, settings, seed, lambda share, text: progress(0.6 * share, text), content=content
    )  # fmt: skip
    velocity = Velocity.of_interactions(task.known, data.n_titles)
    leanings = data.leanings(trained.models.context)
    scorer = Scorer(trained.models, data.content, velocity, data.added_at, leanings)
    progress(0.6, "fitting the floors")
    floors = floors_of(task, data.n_titles, titles)
    values, kinds = _ask(task, scorer, floors, lambda share, text: progress(0.65 + 0.3 * share, text))
    progress(0.95, "intervals")
    everyone = _by_viewer(values, task.questions)
    progress(1.0, "done")
    return Report(
        protocol=protocol,
        horizon=task.horizon.text,
        request_time=request_time,
        users=len(everyone[WHOLE]),
        rows=_rows(everyone, kinds, seed),
        compared=_compared(everyone, kinds, seed),
        apart=task.apart,
        candidates=int(task.candidates.sum()),
        groups=_groups(values, kinds, task.questions, seed),
    )


def _by_viewer(values: Values, questions: list[Question]) -> Values:
    """float64[viewers, metrics] of each system: the mean over a viewer's questions, in the order they first came."""
    viewers = list(dict.fromkeys(question.viewer for question in questions))
    if len(viewers) == len(questions):
        return values
    number = {viewer: place for place, viewer in enumerate(viewers)}
    place = np.array([number[question.viewer] for question in questions])
    count = np.bincount(place)[:, None]
    means: Values = {}
    for system, told in values.items():
        means[system] = np.zeros((len(viewers), told.shape[1]))
        np.add.at(means[system], place, told)
        means[system] /= count
    return means


def _groups(values: Values, kinds: dict[str, str], questions: list[Question], seed: int) -> list[Group]:
    groups = []
    for name in dict.fromkeys(question.group for question in questions if question.group):
        inside = np.array([question.group == name for question in questions])
        part = {system: told[inside] for system, told in values.items()}
        groups.append(Group(name, int(inside.sum()), _rows(part, kinds, seed), _compared(part, kinds, seed)))
    return groups


def _ask(task: Task, scorer: Scorer, floors: dict[str, Floor], progress: Progress) -> tuple[Values, dict[str, str]]:
    """Metrics of each system, float64[questions, metrics] in the order of `task.questions`, and each system's kind."""
    kinds = {WHOLE: "whole"} | dict.fromkeys(FEATURES, "model") | dict.fromkeys(floors, "floor")
    values = {system: np.zeros((len(task.questions), len(METRICS))) for system in kinds}
    silent = set(FEATURES)
    # In order of time, because popularity of past moments is folded forward.
    order = np.argsort([question.query.now for question in task.questions], kind="stable")
    for done, place in enumerate(order.tolist()):
        if done % _TOLD_EVERY == 0:
            progress(done / len(order), f"asking viewers: {done:,} of {len(order):,}")
        question = task.questions[place]
        titles, relevant = _candidates(task, question)
        scored = scorer.score(question.query, (task.horizon,), task.candidates)
        silent -= {name for name in silent if scored.raw[name].any()}
        scores = {WHOLE: scored.blended[task.horizon]} | scored.raw
        scores |= {name: floor(question) for name, floor in floors.items()}
        for system, told in scores.items():
            values[system][place] = metrics_of(ranks_of(told[titles], relevant))
    for name in silent:  # a model that said nothing to anybody would only show how ties fall
        del values[name], kinds[name]
    return values, kinds


def _candidates(task: Task, question: Question) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Candidate titles of a question, and the places of the relevant ones among them."""
    open_titles = task.candidates.copy()
    open_titles[question.known] = False
    titles = np.flatnonzero(open_titles)
    return titles, np.searchsorted(titles, question.relevant)


def _rows(values: Values, kinds: dict[str, str], seed: int) -> list[Row]:
    rows = []
    for system, measured in values.items():
        means = resampled_means(measured, seed)
        metrics = {
            name: _rounded(interval(measured[:, column], means[:, column])) for column, name in enumerate(METRICS)
        }
        rows.append(Row(system, kinds[system], metrics))
    return rows


def _compared(values: Values, kinds: dict[str, str], seed: int) -> list[Comparison]:
    """The whole against the best floor of each metric."""
    compared = []
    floors = [system for system, kind in kinds.items() if kind == "floor"]
    for name in COMPARED:
        column = METRICS.index(name)
        if len(values[WHOLE]):
            best = max(floors, key=lambda system: float(values[system][:, column].mean()))
            difference = paired_difference(values[WHOLE][:, column], values[best][:, column], seed)
            compared.append(Comparison(name, best, _rounded(difference)))
    return compared


def _rounded(measured: tuple[float, float, float]) -> Measured:
    return Measured(*(round(number, 6) for number in measured))
