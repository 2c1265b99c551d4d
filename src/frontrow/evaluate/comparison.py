"""From answers to rows: means with their intervals, and by how much the whole is ahead, viewer by viewer."""

from __future__ import annotations

from itertools import islice

import numpy as np
from numpy.typing import NDArray

from frontrow.evaluate.asking import BY_VIEWER, WHOLE, Answers
from frontrow.evaluate.bootstrap import Interval, draws, interval, resampled_means
from frontrow.evaluate.exposure import EXPOSURE_METRICS, around, exposure_of
from frontrow.evaluate.report import Comparison, Measured, Row
from frontrow.evaluate.task import Question

COMPARED = ("hr@10", "ndcg@10")
_EXPOSURE_RESAMPLES = 200


def rows_of(
    answers: Answers, questions: list[Question], candidates: NDArray[np.bool_], seed: int
) -> tuple[int, list[Row]]:
    """How many viewers were asked, and a row for each system; a viewer with several questions counts once."""
    viewers, viewer = np.unique([question.viewer for question in questions], return_inverse=True)
    told = _by_viewer(answers, viewer, len(viewers))
    # All columns of all systems side by side: every mean is over the same draws of viewers, so differences are paired.
    means = resampled_means(np.concatenate(list(told.values()), axis=1), seed)
    resampled = dict(zip(told, np.split(means, len(told), axis=1), strict=True))
    few = [row for some in islice(draws(len(viewers), seed, _EXPOSURE_RESAMPLES), 2) for row in some]
    drawn = np.array(few, np.int64).reshape(len(few), len(viewers))
    exposed = {system: exposure_of(lists, viewer, candidates, drawn) for system, lists in answers.lists.items()}
    rows = []
    for system, values in told.items():
        metrics, lead = {}, {}
        for column, name in enumerate(BY_VIEWER):
            metrics[name] = interval(values[:, column], resampled[system][:, column])
            ahead = told[WHOLE][:, column] - values[:, column]
            lead[name] = interval(ahead, resampled[WHOLE][:, column] - resampled[system][:, column])
        own, whole = exposed[system], exposed[WHOLE]
        for column, name in enumerate(EXPOSURE_METRICS):
            metrics[name] = around(float(own.value[column]), own.resampled[:, column])
            ahead = whole.resampled[:, column] - own.resampled[:, column]
            lead[name] = around(float(whole.value[column] - own.value[column]), ahead)
        rows.append(Row(system, answers.kinds[system], _measured(metrics), {} if system == WHOLE else _measured(lead)))
    return len(viewers), rows


def compared(rows: list[Row], users: int) -> list[Comparison]:
    """The whole against the best floor of each metric."""
    floors = [row for row in rows if row.kind == "floor"]
    if not users or not floors:
        return []
    best = {name: max(floors, key=lambda row: row.metrics[name].value) for name in COMPARED}
    return [Comparison(name, floor.system, floor.lead[name]) for name, floor in best.items()]


def _by_viewer(answers: Answers, viewer: NDArray[np.int64], viewers: int) -> dict[str, NDArray[np.float64]]:
    """float64[viewers, len(BY_VIEWER)] of each system: the mean over a viewer's questions."""
    count = np.bincount(viewer, minlength=viewers)[:, None]
    means = {}
    for system, values in answers.values.items():
        means[system] = np.zeros((viewers, values.shape[1]))
        np.add.at(means[system], viewer, values)
        means[system] /= count
    return means


def _measured(intervals: dict[str, Interval]) -> dict[str, Measured]:
    return {name: Measured(*(round(number, 6) for number in each)) for name, each in intervals.items()}
