"""Whether forecasts of outcomes come true: collected as viewers are asked, then compared with what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import Horizon
from frontrow.evaluate.bootstrap import draws
from frontrow.evaluate.exposure import around
from frontrow.evaluate.metrics import CUT
from frontrow.evaluate.report import Calibration, Measured
from frontrow.evaluate.task import Question, Task
from frontrow.features.batch import Batch
from frontrow.features.history import History
from frontrow.features.outcomes import OUTCOMES
from frontrow.features.pairs import Pairs
from frontrow.features.signals import SIGNAL
from frontrow.models.cases.data import Past
from frontrow.models.outcomes.calibration import calibration_error
from frontrow.models.outcomes.model import PLAY, OutcomeModel
from frontrow.recommend.best import best_places
from frontrow.recommend.outcomes import Asked, ReadPairs, Weights
from frontrow.recommend.scoring import Scored

_RESAMPLES = 200


@dataclass
class Forecasts:
    """Forecasts and what came, by outcome: (viewer, forecast, what came).

    `play` of the CUT best candidates of each question: whether they were played within the horizon. The others of each
    title that was played then and was a candidate: what came of it. `weights` join them, as they do in serving.
    """

    model: OutcomeModel | None
    history: History | None
    past: Past | None
    weights: Weights
    told: dict[str, list[tuple[int, float, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: Task, model: OutcomeModel | None, past: Past | None, weights: Weights) -> Forecasts:
        """For a task's questions; what is read of the log is read here."""
        if model is None or not model.names or past is None:
            return cls(model, None, None, weights)
        viewers = sorted({question.viewer for question in task.questions})
        signals = np.concatenate([np.empty(0, SIGNAL), *map(past.signals_of, viewers)])
        if task.cut is not None:
            signals = signals[signals["at"] < task.cut]
        return cls(model, History(signals[np.argsort(signals["offset"], kind="stable")]), past, weights)

    def asked(self, question: Question, heard: int | None = None) -> Asked:
        """Who is asked about: with what the log told before the answer or, with `heard`, before the query's interaction
        at that place."""
        return Asked(self._pairs(question, -1 if heard is None else heard), self.weights)

    def _pairs(self, question: Question, place: int) -> ReadPairs:
        @cache  # every system asks
        def batch() -> Batch:
            assert self.history is not None, "without outcomes that are told from features, none are read"
            assert self.past is not None
            assert question.offset is not None
            as_of = question.offset[place] - 1
            viewer, offset, now = (np.array([each]) for each in (question.viewer, as_of, question.query.now))
            return Batch.as_of(self.history, viewer, offset, now, self.past.space)

        return lambda titles: Pairs(batch(), np.zeros(len(titles), np.int64), titles)

    def take(self, question: Question, scored: Scored, horizon: Horizon, candidates: NDArray[np.int64]) -> None:
        """Takes up what is forecast for a question, and what came."""
        if scored.forecast is None:
            return
        scores = scored.forecast.scores[scored.forecast.horizons.index(horizon)]
        chances = scored.forecast.chances(horizon)
        best = candidates[best_places(scores[candidates], CUT)]
        for title, chance in zip(best.tolist(), chances(best).tolist(), strict=True):
            self._add(PLAY, question.viewer, chance, title in question.then.title)
        outcomes = question.then.outcomes
        if outcomes is None:
            return
        titles, first = np.unique(question.then.title, return_index=True)
        for title, place in zip(titles.tolist(), first.tolist(), strict=True):
            came = outcomes[place]
            if np.isin(title, candidates) and not np.isnan(came).any():
                forecast = scored.forecast.of(title, horizon)
                for number, name in enumerate(OUTCOMES):
                    if name in forecast:
                        self._add(name, question.viewer, forecast[name], float(came[number]))

    def _add(self, name: str, viewer: int, forecast: float, came: float) -> None:
        self.told.setdefault(name, []).append((viewer, forecast, came))

    def calibration(self, seed: int) -> dict[str, Calibration]:
        """By outcome: the mean forecast and what came on average, and the error of calibration with its interval over
        viewers (normal around the value: viewers drawn twice would make every bin look worse)."""
        return {name: _calibration(rows, seed) for name, rows in self.told.items()}

    def missing(self) -> Mapping[str, str]:
        """Outcomes that are not forecast, with why."""
        return {} if self.model is None else self.model.missing


def _calibration(rows: list[tuple[int, float, float]], seed: int) -> Calibration:
    viewer, forecast, came = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    names, owner = np.unique(viewer, return_inverse=True)
    drawn = [
        calibration_error(forecast, came, count[owner].astype(np.float64))
        for some in draws(len(names), seed, _RESAMPLES)
        for count in some
    ]
    error = around(calibration_error(forecast, came), np.array(drawn))
    told = Measured(*(round(max(number, 0.0), 6) for number in error))
    return Calibration(len(rows), round(float(forecast.mean()), 6), round(float(came.mean()), 6), told)
