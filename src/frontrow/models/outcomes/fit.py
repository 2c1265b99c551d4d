"""Learning outcomes: from what viewers who were asked went on to play, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.optimize
import scipy.special
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.features.outcomes import OUTCOMES
from frontrow.models.blend import HORIZONS
from frontrow.models.outcomes.calibration import Line, calibration_error, log_line, platt
from frontrow.models.outcomes.cases import Offered, Rows
from frontrow.models.outcomes.columns import COLUMNS
from frontrow.models.outcomes.model import ALL, INPUTS, MINUTES, PLAY, OutcomeModel, log_sum, standard
from frontrow.models.outcomes.rates import TitleRates
from frontrow.models.ranker.fit import Ranking

LEAST_ROWS: Final = 200
LEAST_OF_EACH: Final = 25
"""Plays that an outcome is learned from at least, and of which it happened, or did not, at least."""
LEAST_OFFERED: Final = 100
_FOLDS: Final = 3
_RIDGE: Final = 0.03
"""Of the mean play's loss; columns have deviation 1."""
_USUAL: Final = np.array([[1.0, 0.0]] * len(HORIZONS))


@dataclass(frozen=True)
class Learned:
    """Outcomes, and errors of calibration by outcome, on viewers whom the forecasts had not learned from."""

    model: OutcomeModel
    errors: dict[str, float]


def fit_outcomes(
    rows: Rows, offered: Sequence[Offered], weights: Sequence[NDArray[np.float32]], ranking: Ranking | None,
    rates: TitleRates, seed: int,
) -> Learned | None:  # fmt: skip
    """What may come of a title, from plays (`rows`) and from what was put forward (`offered`), scored as serving does
    by the blend's `weights` of each horizon and the ranker. `rates` are kept with it.

    An outcome that too few plays tell of, or that always came or never, is missing, by name and reason. None where not
    even plays can be forecast. The same data and seed give the same model.
    """
    play, errors = _fit_play(offered, weights, ranking)
    if play is None:
        return None
    table = rows.table
    mean, deviation = _mean(table), table.std(axis=0) if len(table) else np.zeros(len(COLUMNS), np.float32)
    scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 1e-4)
    entering = np.concatenate(
        [standard(table, mean, scale), np.eye(len(HORIZONS), dtype=np.float32)[rows.horizon],
         np.ones((len(rows), 1), np.float32)], axis=1,
    ).astype(np.float64)  # fmt: skip
    fold = _folds(rows.viewer, seed)
    heads, lines, missing = {}, {}, {}
    for place, name in enumerate(OUTCOMES):
        came = rows.outcomes[:, place].astype(np.float64)
        why = _why_not(name, came)
        if why is not None:
            missing[name] = why
            continue
        told = np.empty(len(came))
        for number in range(_FOLDS):
            held = fold == number
            told[held] = entering[held] @ _head(name, entering[~held], came[~held])
        lines[name] = (log_line if name == MINUTES else platt)(told, came)
        heads[name] = _head(name, entering, came)
        errors[name] = _error(name, lines[name], told, came)
    names = tuple(heads)
    model = OutcomeModel(
        names, _stacked([heads[name] for name in names], INPUTS + 1), _stacked([lines[name] for name in names], 2),
        play.astype(np.float32), mean.astype(np.float32), scale.astype(np.float32), rates, missing,
    )  # fmt: skip
    assert set(model.names) | set(missing) | {PLAY} == set(ALL)
    return Learned(model, errors)


def _why_not(name: str, came: NDArray[np.float64]) -> str | None:
    """Why an outcome cannot be learned from what came of plays, or None."""
    if not len(came):
        return "the log tells of no playback that came of a question"
    if len(came) < LEAST_ROWS:
        return f"{len(came)} plays tell of it, {LEAST_ROWS} are needed"
    happened = int((came > 0).sum())
    if name == MINUTES:
        return None if happened >= LEAST_OF_EACH else "no play was watched for a while"
    if min(happened, len(came) - happened) < LEAST_OF_EACH:
        return f"it came of {happened} of {len(came)} plays: too much the same to tell them apart"
    return None


def _head(name: str, entering: NDArray[np.float64], came: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights under which what came is most likely (logistic; Poisson with a log for minutes), drawn to 0 but for the
    constant."""
    minutes, usual = name == MINUTES, float(came.mean())
    unit = usual if minutes else 1.0
    start = np.zeros(entering.shape[1])
    start[-1] = np.log(usual) if minutes else scipy.special.logit(usual)
    ridge = np.full(len(start), _RIDGE)
    ridge[-1] = 0

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        told = entering @ weights
        if minutes:
            amount = np.exp(np.clip(told, -20, 20))
            value, wrong = float((amount - came * told).mean()) / unit, (amount - came) / unit
        else:
            value, wrong = float((np.logaddexp(0, told) - came * told).mean()), scipy.special.expit(told) - came
        slope = entering.T @ wrong / len(came)
        return value + float(ridge @ weights**2), slope + 2 * ridge * weights

    return np.asarray(scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B").x)


def _error(name: str, line: Line, told: NDArray[np.float64], came: NDArray[np.float64]) -> float:
    lined = line[0] * told + line[1]
    return calibration_error(np.exp(lined) if name == MINUTES else scipy.special.expit(lined), came)


def _fit_play(
    offered: Sequence[Offered], weights: Sequence[NDArray[np.float32]], ranking: Ranking | None
) -> tuple[NDArray[np.float64] | None, dict[str, float]]:
    """float64[HORIZONS, 2], lines by horizon; a horizon that too few were asked about has all horizons' line. None
    where too few were asked at all. And the error of calibration on these viewers."""
    if len(offered) < LEAST_OFFERED:
        return None, {}
    logs, played = [], []
    for each in offered:
        features = len(weights[each.horizon])
        scores = each.table[:, :features] @ weights[each.horizon]
        if ranking is not None:
            shares = np.eye(len(HORIZONS), dtype=np.float32)[each.horizon][None]
            scores = scores + ranking.held_out(each.viewer).added(each.table, shares)[0]
        logs.append((scores - log_sum(scores)).astype(np.float64))
        played.append(each.chosen.astype(np.float64))
    horizon = np.array([each.horizon for each in offered])
    everybody = platt(np.concatenate(logs), np.concatenate(played))
    lines = np.array([everybody] * len(HORIZONS))
    forecast = []
    for number in range(len(HORIZONS)):
        own = np.flatnonzero(horizon == number).tolist()
        if len(own) >= LEAST_OFFERED:
            lines[number] = platt(np.concatenate([logs[i] for i in own]), np.concatenate([played[i] for i in own]))
    for each, told in zip(horizon.tolist(), logs, strict=True):
        forecast.append(scipy.special.expit(lines[each, 0] * told + lines[each, 1]))
    return lines, {PLAY: calibration_error(np.concatenate(forecast), np.concatenate(played))}


def _folds(viewers: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    names, place = np.unique(viewers, return_inverse=True)
    folds: NDArray[np.int64] = (stream(seed, "outcome viewers").permutation(len(names)) % _FOLDS)[place]
    return folds


def _mean(table: NDArray[np.float32]) -> NDArray[np.float32]:
    return table.mean(axis=0) if len(table) else np.zeros(len(COLUMNS), np.float32)


def _stacked(rows: Sequence[NDArray[np.float64] | Line], width: int) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(len(rows), width)
