"""How good is every title for this viewer, now, for this horizon. (May it be shown? That is the gate's.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import Horizon
from frontrow.features.velocity import Velocity
from frontrow.models.blend import NOBODY, spread, untrained_blend, weights_of
from frontrow.models.models import Models
from frontrow.models.names import FEATURES, ROW, SOURCE_OF, SOURCES
from frontrow.models.query import Query
from frontrow.models.sources import Sources
from frontrow.recommend.grounds import Grounds

_NUMBER_OF = np.array([SOURCES.index(SOURCE_OF[name]) for name in FEATURES])


@dataclass(frozen=True)
class Scored:
    """Scores of all titles for one query.

    `raw`: by feature (models/names.py), float32[n], views of one array; `blended`: by horizon float32[n], in standard
    deviations over the rankable titles, -inf for the others; `failed`: features that raised or gave scores that are not
    finite, with why (they count as silent); `weights`: by horizon, what a unit of a raw score adds, float32[features].
    """

    raw: dict[str, NDArray[np.float32]]
    blended: dict[Horizon, NDArray[np.float32]]
    failed: dict[str, str]
    weights: dict[Horizon, NDArray[np.float32]] = field(default_factory=dict)
    mean: NDArray[np.float32] | None = None
    grounds: Grounds | None = None

    def leading(self, candidates: NDArray[np.int64], horizon: Horizon) -> list[str]:
        """The source that gave each candidate most; "popular" where none gave anything."""
        numbers = self._leading(candidates, horizon)
        return [SOURCES[number] if number >= 0 else "popular" for number in numbers.tolist()]

    def because(self, candidates: NDArray[np.int64], horizon: Horizon | None = None) -> NDArray[np.int32]:
        """The title of the history that spoke most for each candidate, in the words of its leading source; -1: none."""
        found = np.full(len(candidates), -1, np.int32)
        horizon = next(iter(self.blended), None) if horizon is None else horizon
        if self.grounds is None or horizon is None:
            return found
        leading = self._leading(candidates, horizon)
        for number in np.unique(leading[leading >= 0]).tolist():
            led = np.flatnonzero(leading == number)
            found[led] = self.grounds.because(SOURCES[number], candidates[led], self.weights[horizon])
        return found

    def evidence(self, candidate: int, horizon: Horizon) -> list[tuple[str, float, int]]:
        """(source, what it added to the blended score, title of the history that spoke most or -1), most first."""
        if self.grounds is None:
            return []
        one = np.array([candidate], np.int64)
        added = self._added(one, horizon)[:, 0]
        told = []
        for number in np.argsort(-added, kind="stable").tolist():
            if added[number] != 0:
                because = self.grounds.because(SOURCES[number], one, self.weights[horizon])
                told.append((SOURCES[number], float(added[number]), int(because[0])))
        return told

    def _leading(self, candidates: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
        if horizon not in self.weights or not len(candidates):
            return np.full(len(candidates), -1)
        added = self._added(candidates, horizon)
        best = added.argmax(axis=0)
        return np.where(added.max(axis=0) > 0, best, -1)

    def _added(self, candidates: NDArray[np.int64], horizon: Horizon) -> NDArray[np.float32]:
        """float32[sources, candidates]: what each source added to the blended scores."""
        assert self.mean is not None
        weights = self.weights[horizon]
        added = np.zeros((len(SOURCES), len(candidates)), np.float32)
        for row, name in enumerate(FEATURES):
            if weights[row]:
                added[_NUMBER_OF[row]] += weights[row] * (self.raw[name][candidates] - self.mean[row])
        return added


def unscored(rankable: NDArray[np.bool_], horizons: Sequence[Horizon]) -> Scored:
    """Scores that say nothing: 0 for every rankable title."""
    nothing = np.where(rankable, 0, -np.inf).astype(np.float32)
    return Scored({}, dict.fromkeys(horizons, nothing), {})


class Scorer:
    """All sources and their blend. Without models it scores by content, popularity and freshness.

    `content` is float32[n, 128], `added_at` int64[n] microseconds UTC (0: unknown). Titles numbered beyond what the
    models know are scored by content, popularity and freshness.
    """

    def __init__(
        self,
        models: Models | None,
        content: NDArray[np.float32],
        velocity: Velocity | None,
        added_at: NDArray[np.int64] | None = None,
    ) -> None:
        self.sources = Sources(models, content, velocity, added_at)
        self.blend = untrained_blend() if models is None else models.blend

    def score(self, query: Query, horizons: Sequence[Horizon], rankable: NDArray[np.bool_]) -> Scored:
        """Scores of all titles: n is the length of `rankable`."""
        rows, failed = self.sources.score(query, len(rankable))
        mean, scale = spread(rows, rankable.astype(np.float32))
        history = self.sources.history(query)
        weights = {
            horizon: scale * (self.blend.weights(horizon) if len(history) else weights_of(NOBODY))
            for horizon in horizons
        }
        blended = {}
        if horizons:
            joined = np.stack([weights[horizon] for horizon in horizons])
            scores = joined @ rows
            scores -= (joined @ mean)[:, None]
            scores[:, ~rankable] = -np.inf
            blended = dict(zip(horizons, scores, strict=True))
        raw = {name: rows[row] for name, row in ROW.items()}
        return Scored(raw, blended, failed, weights, mean, Grounds(self.sources, history))
