"""What may come of titles, and what that is worth: outcomes joined by weights that a request's tuning states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import Horizon
from frontrow.features.pairs import Pairs
from frontrow.models.blend import mixture
from frontrow.models.outcomes.inputs import read
from frontrow.models.outcomes.model import ALL, MINUTES, PLAY, OutcomeModel
from frontrow.models.ranker.inputs import moment_of
from frontrow.models.ranker.network import shortlist
from frontrow.models.reading import Reading
from frontrow.recommend.tuning import OutcomeName

FORMULA: Final = 1
"""Rises when the same weights come to mean another order."""
LEAST_WORTH: Final = 0.05
_HOUR: Final = 60.0
_LEAST_SLOPE: Final = 0.25

Weights = Mapping[OutcomeName, float]
ReadPairs = Callable[[NDArray[np.int64]], Pairs]
"""Features between the viewer and titles, at the request's moment."""


def stated(weights: Weights) -> dict[str, float]:
    """All weights: 1 for `play` and 0 for the others, where none is given."""
    return {name: float(weights.get(name, name == PLAY)) for name in ALL}


def version_of(weights: Weights) -> str:
    """The weights in force and what they mean, as logged with every answer that they ordered."""
    told = [f"{name}={weight:g}" for name, weight in stated(weights).items() if weight or name == PLAY]
    return f"v{FORMULA} {' '.join(told)}"


def worth(forecast: Mapping[str, NDArray[np.float32]], weights: Weights) -> NDArray[np.float32] | None:
    """float32[titles]: what a play of each is worth, the weighted sum of what may come of it, `minutes` in hours; at
    least LEAST_WORTH. None where nothing that is forecast has a weight."""
    all_of = stated(weights)
    counted = [name for name in forecast if all_of[name]]
    if not counted:
        return None
    total = sum(all_of[name] * forecast[name] / (_HOUR if name == MINUTES else 1) for name in counted)
    return np.maximum(np.float32(all_of[PLAY]) + total, np.float32(LEAST_WORTH)).astype(np.float32)


@dataclass(frozen=True)
class Asked:
    """Who is asked about: `pairs` reads their features, `weights` are those of the request."""

    pairs: ReadPairs
    weights: Weights


@dataclass(frozen=True)
class Forecast:
    """Outcomes of any titles for one query.

    `reading` is what the sources said; `scores` float32[horizons, titles] the order by what is played, horizons as in
    `horizons`; `compared` bool[titles] the titles that are new to the viewer and may be shown.
    """

    model: OutcomeModel
    asked: Asked
    reading: Reading
    horizons: tuple[Horizon, ...]
    compared: NDArray[np.bool_]
    scores: NDArray[np.float32]

    def of(self, title: int, horizon: Horizon) -> dict[str, float]:
        """What may come of one title within a horizon: nothing of a title that the viewer knows, as only new ones were
        learned from, or that may not be shown. All but `play` are if it is played."""
        if not (self.compared[title] and np.isfinite(self.scores[self.horizons.index(horizon)][title])):
            return {}
        one = np.array([title], np.int64)
        found = {PLAY: self.chances(horizon)(one)}
        if self.model.names:
            found |= self.model.after_play(self._table(one), mixture(horizon))
        return {name: float(value[0]) for name, value in found.items() if np.isfinite(value[0])}

    def chances(self, horizon: Horizon) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
        """What gives the chances, float32, that titles are played within a horizon."""
        scores = self.scores[self.horizons.index(horizon)]
        beside = scores[shortlist(scores, self.compared)]
        return lambda titles: self.model.chances_of_play(beside, scores[titles], mixture(horizon))

    @property
    def weighs(self) -> bool:
        """Whether anything that is forecast has a weight."""
        return any(weight for name, weight in stated(self.asked.weights).items() if name in self.model.names)

    def added(self, candidates: NDArray[np.int64], horizon: Horizon) -> NDArray[np.float32]:
        """float32[candidates]: what the worth of plays adds to the scores, about 0 on average, where anything
        `weighs`."""
        shares = mixture(horizon)
        value = worth(self.model.after_play(self._table(candidates), shares), self.asked.weights)
        assert value is not None
        logs = np.log(value) / max(float(shares @ self.model.play[:, 0]), _LEAST_SLOPE)
        added: NDArray[np.float32] = (logs - logs.mean()).astype(np.float32)
        return added

    def _table(self, titles: NDArray[np.int64]) -> NDArray[np.float32]:
        moment = moment_of(self.reading.query, self.reading.history)
        return read(self.reading.standardised(titles), moment, self.asked.pairs(titles), self.model.rates)


def in_words(outcomes: Mapping[str, float]) -> str:
    """What may come of a title, in a sentence."""
    told = {
        name: f"{value:.0f} minutes" if name == MINUTES else f"{_SAID.get(name, name)} {_percent(value)}"
        for name, value in outcomes.items()
    }
    play = told.pop(PLAY, None)
    after = f"if it is, {', '.join(told.values())}" if told else ""
    return "; ".join(part for part in (play, after) if part)


def _percent(chance: float) -> str:
    return f"{100 * chance:.{1 if chance < 0.1 else 0}f} %"


_SAID: Final = {
    PLAY: "played in this session", "finish": "finished", "thumbs_up": "thumbs up", "abandon": "abandoned",
}  # fmt: skip
