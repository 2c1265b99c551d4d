"""How good is every title for this viewer, now, for this horizon. (May it be shown? That is the gate's.)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from frontrow.core.horizon import Horizon
from frontrow.features.velocity import Velocity
from frontrow.models.blend import Blend, mixture, untrained_blend, waited
from frontrow.models.models import Models
from frontrow.models.names import FEATURES, ROW, SOURCE_OF, SOURCES
from frontrow.models.outcomes.model import OutcomeModel, log_sum
from frontrow.models.query import Query
from frontrow.models.ranker.inputs import table_of
from frontrow.models.ranker.network import Ranker, shortlist
from frontrow.models.reading import Reading
from frontrow.models.sources import NO_LEANINGS, Sources
from frontrow.recommend.grounds import Grounds
from frontrow.recommend.outcomes import Asked, Forecast
from frontrow.recommend.tuning import SourceName

_SHARE = np.array([[SOURCE_OF[name] == source for name in FEATURES] for source in SOURCES], np.float32)
"""1 where a feature is part of a source: float32[sources, features]."""


@dataclass(frozen=True)
class Scored:
    """Scores of all titles for one query.

    `rows`: float32[features, n], in the order of models/names.py; `blended`: by horizon float32[n], in standard
    deviations (Sources.read) and with what the ranker adds, -inf for the others; `failed`: features that
    raised or gave scores that are not finite, and the ranker likewise, with why (they count as silent); `weights`: what
    a unit of a raw score adds to the blend, float32[horizons, features], horizons in the order of `blended`; `mean`:
    float32[features], over the same titles; `lent`: features that were lent to titles (models/lending.py): what
    they add is said for the title's content; `unseen`: titles that models know nothing of, and the weights that hold
    for them; `forecast`: what may come of titles, where that can be told; `weighed`:
    what it is worth moved their order; `intent` and `lift`: what the running session wants of each genre, and
    float32[n], what that added (recommend.intent); `lower` and `lower_for`: what was taken off titles of which the
    viewer asked for fewer, float32[n], and like which one, int32[n] (recommend.fewer).
    """

    rows: NDArray[np.float32]
    blended: dict[Horizon, NDArray[np.float32]]
    failed: dict[str, str]
    weights: NDArray[np.float32]
    mean: NDArray[np.float32]
    grounds: Grounds | None = None
    forecast: Forecast | None = None
    lent: Sequence[tuple[list[int], NDArray[np.int64]]] = ()
    weighed: bool = False
    intent: Mapping[str, float] = field(default_factory=dict)
    lift: NDArray[np.float32] | None = None
    lower: NDArray[np.float32] | None = None
    lower_for: NDArray[np.int32] | None = None
    unseen: tuple[NDArray[np.int64], NDArray[np.float32]] | None = None

    @property
    def raw(self) -> dict[str, NDArray[np.float32]]:
        """Scores by feature."""
        return {name: self.rows[row] for name, row in ROW.items()}

    def leading(self, candidates: NDArray[np.int64], horizon: Horizon) -> list[str]:
        """The source that gave each candidate most; "popular" where none gave anything."""
        numbers = self._leading(candidates, self._weights_of(self._all_of(horizon, candidates), candidates))
        return [SOURCES[number] if number >= 0 else "popular" for number in numbers.tolist()]

    def reasons(
        self, candidates: NDArray[np.int64], horizon: NDArray[np.int64], open_titles: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """For each candidate, scored for the horizon beside it (its place in `blended`): the number of the source that
        gave it most (-1: none gave anything), and the title of the history that spoke most for it (-1: none), of those
        that `open_titles`, bool[titles], leaves open."""
        weights = self._weights_of(horizon, candidates)
        leading, because = self._leading(candidates, weights), np.full(len(candidates), -1, np.int32)
        if self.grounds is None:
            return leading, because
        for number in np.flatnonzero(np.bincount(leading + 1, minlength=1)[1:]).tolist():
            led = np.flatnonzero(leading == number)
            because[led] = self.grounds.because(SOURCES[number], candidates[led], weights.take(led, 1), open_titles)
        return leading, because

    def evidence(
        self, candidate: int, horizon: Horizon, open_titles: NDArray[np.bool_]
    ) -> list[tuple[str, float, int]]:
        """(source, what it added to the blended score, title of the history that spoke most or -1), most first; titles
        as in `reasons`."""
        if self.grounds is None:
            return []
        one = np.array([candidate], np.int64)
        weights = self._weights_of(self._all_of(horizon, one), one)
        added = self._added(one, weights)[:, 0]
        told = []
        for number in np.argsort(-added, kind="stable").tolist():
            if added[number] != 0:
                because = self.grounds.because(SOURCES[number], one, weights, open_titles)
                told.append((SOURCES[number], float(added[number]), int(because[0])))
        return told

    def _leading(self, candidates: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.int64]:
        if self.grounds is None or not len(candidates):
            return np.full(len(candidates), -1)
        added = self._added(candidates, weights)
        return np.where(added.max(axis=0) > 0, added.argmax(axis=0), -1)

    def _weights_of(self, horizon: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.float32]:
        weights = self.weights.T.take(horizon, 1)  # `take` along an axis is several times as fast as indexing
        if self.unseen is not None and (of_unseen := np.isin(candidates, self.unseen[0])).any():
            weights[:, of_unseen] = self.unseen[1].T.take(horizon[of_unseen], 1)
        return weights

    def _added(self, candidates: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[sources, candidates]: what each source adds, by `weights` float32[features, candidates]."""
        added = self.rows.take(candidates, 1)
        added -= self.mean[:, None]
        added *= weights
        for features, titles in self.lent:
            borrowed = np.flatnonzero(np.isin(candidates, titles))
            if len(borrowed):
                cells = np.array(features)[:, None], borrowed
                added[ROW["content"], borrowed] += added[cells].sum(axis=0)
                added[cells] = 0
        summed: NDArray[np.float32] = _SHARE @ added
        return summed

    def _all_of(self, horizon: Horizon, candidates: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.full(len(candidates), list(self.blended).index(horizon))


def unscored(rankable: NDArray[np.bool_], horizons: Sequence[Horizon]) -> Scored:
    """Scores that say nothing: 0 for every rankable title."""
    nothing = np.where(rankable, 0, -np.inf).astype(np.float32)
    features = len(FEATURES)
    return Scored(
        rows=np.zeros((features, len(rankable)), np.float32),
        blended=dict.fromkeys(horizons, nothing),
        failed={},
        weights=np.zeros((len(horizons), features), np.float32),
        mean=np.zeros(features, np.float32),
    )


def ordered_anew(scores: NDArray[np.float32], added: NDArray[np.float32]) -> NDArray[np.float32]:
    """`scores` with what is `added` to each, both float32[candidates], less what that would give all of them together:
    how they stand beside others, which nothing was added to, stays."""
    anew = scores + added
    return anew - (log_sum(anew) - log_sum(scores))


class Scorer:
    """All sources, their blend, the ranker of what that puts forward, and what may come of it.

    Without models it scores by content, popularity and freshness. `content` is float32[n, 128], `added_at` int64[n]
    microseconds UTC (0: unknown). Titles that models know nothing of are scored by content, popularity, freshness, what
    suits the moment (`leanings`, float32[CELLS, n]) and as those most like them. `rankable`, bool[n], is what may stand
    in rows (None: everything). A title's score is the same whatever else is asked for.
    """

    def __init__(
        self,
        models: Models | None,
        content: NDArray[np.float32],
        velocity: Velocity | None,
        added_at: NDArray[np.int64] | None = None,
        leanings: NDArray[np.float32] = NO_LEANINGS,
        rankable: NDArray[np.bool_] | None = None,
    ) -> None:
        self.sources = Sources(models, content, velocity, added_at, leanings, rankable)
        self.blend = untrained_blend() if models is None else models.blend
        self.ranker = None if models is None else models.ranker
        self.outcomes = None if models is None else models.outcomes

    def joining(self, blend: Blend, ranker: Ranker | None, outcomes: OutcomeModel | None = None) -> Scorer:
        """The same sources, joined otherwise."""
        other = copy(self)
        other.blend, other.ranker, other.outcomes = blend, ranker, outcomes
        return other

    def score(
        self,
        query: Query,
        horizons: Sequence[Horizon],
        eligible: NDArray[np.bool_],
        factors: Mapping[SourceName, float] | None = None,
        asked: Asked | None = None,
        compared: NDArray[np.bool_] | None = None,
    ) -> Scored:
        """Scores of the titles that are `eligible`, bool[n]; -inf for the others. `factors` multiply the parts of
        sources in the blend; `asked` is who is asked about, where outcomes may be told. Among those `compared`, bool[n]
        (None: all that are eligible), that the viewer's history does not hold, the ranker orders the best; whatever
        else is eligible stands as the blend has it."""
        return self.join(self.sources.read(query, len(eligible)), horizons, eligible, factors, asked, compared)

    def join(
        self,
        reading: Reading,
        horizons: Sequence[Horizon],
        eligible: NDArray[np.bool_],
        factors: Mapping[SourceName, float] | None = None,
        asked: Asked | None = None,
        compared: NDArray[np.bool_] | None = None,
    ) -> Scored:
        """`score` from what the sources read."""
        failed, known, unit = dict(reading.failed), len(reading.history), reading.scale
        compared = eligible.copy() if compared is None else compared & eligible
        compared[reading.query.titles[reading.query.titles < len(compared)]] = False
        if factors:
            by_source = {str(source): factor for source, factor in factors.items()}
            unit = unit * np.array([by_source.get(SOURCE_OF[name], 1.0) for name in FEATURES], np.float32)
        shares = [
            self.blend.weights(horizon, known) if known else self.blend.for_nobody(horizon) for horizon in horizons
        ]
        weights = unit * np.stack(shares) if shares else np.zeros((0, len(FEATURES)), np.float32)
        scores = np.where(eligible, weights @ reading.rows - (weights @ reading.mean)[:, None], np.float32(-np.inf))
        unseen = self._score_unseen(reading, unit, horizons, scores)
        if known and len(scores):
            failed |= self._rank_again(reading, horizons, compared, scores)
        forecast, weighed = None, False
        if asked is not None and self.outcomes is not None and known and len(scores):
            forecast = Forecast(self.outcomes, asked, reading, tuple(horizons), compared, scores)
            try:
                scores, weighed = self._weigh(forecast)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with them, what is played orders
                failed["outcomes"] = f"{type(error).__name__}: {error}"
        blended = dict(zip(horizons, scores, strict=True))
        return Scored(
            reading.rows, blended, failed, weights, reading.mean, Grounds(self.sources, reading), forecast,
            reading.lent, weighed, unseen=unseen,
        )  # fmt: skip

    def _score_unseen(
        self, reading: Reading, unit: NDArray[np.float32], horizons: Sequence[Horizon], scores: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
        """Scores the titles that models know nothing of by weights of their own, in place: which, and the weights."""
        titles = reading.unseen
        if self.blend.unseen is None or not len(titles) or not len(scores):
            return None
        titles = titles[np.isfinite(scores[0].take(titles))]
        shares, levels = zip(
            *(self.blend.of_unseen(horizon, len(reading.history)) for horizon in horizons), strict=True
        )
        weights = unit * np.stack(shares)
        added_at = self.sources.added_at
        long = np.ones(len(titles), np.float32) if added_at is None else waited(added_at[titles], reading.query.now)
        ahead = np.stack(levels) @ np.stack([1 - long, long])
        scores[:, titles] = weights @ reading.rows.take(titles, 1) + ahead - (weights @ reading.mean)[:, None]
        return titles, weights

    def _weigh(self, forecast: Forecast) -> tuple[NDArray[np.float32], bool]:
        """The scores with what plays are worth, where that counts (the forecast keeps them without), and whether."""
        if not forecast.weighs:
            return forecast.scores, False
        scores, weighed = forecast.scores.copy(), False
        for place, horizon in enumerate(forecast.horizons):
            if len(candidates := shortlist(scores[place], forecast.compared)):
                added = forecast.added(candidates, horizon)
                if not np.isfinite(added).all():
                    raise ValueError("what plays are worth is not finite")
                scores[place, candidates] += added * np.float32(self.blend.settled(len(forecast.reading.history)))
                weighed = True
        return scores, weighed

    def _rank_again(
        self, reading: Reading, horizons: Sequence[Horizon], compared: NDArray[np.bool_], scores: NDArray[np.float32]
    ) -> dict[str, str]:
        """Adds what the ranker says to the best scores of each horizon, in place; why it failed, if it did: then the
        blend's own order stays for that horizon."""
        failed: dict[str, str] = {}
        if self.ranker is None:
            return failed
        for horizon, own in zip(horizons, scores, strict=True):
            try:
                candidates, told = self._ranked(self.ranker, reading, horizon, compared, own)
                own[candidates] = told
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the blend answers
                failed["ranker"] = f"{type(error).__name__}: {error}"
        return failed

    def _ranked(
        self, ranker: Ranker, reading: Reading, horizon: Horizon, compared: NDArray[np.bool_],
        scores: NDArray[np.float32],
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:  # fmt: skip
        """Which of a horizon's scores, float32[titles], the ranker changes, and to what."""
        candidates = shortlist(scores, compared)
        if not len(candidates):
            return candidates, scores[candidates]
        table = table_of(self.sources, reading, candidates)
        added = ranker.added(table, mixture(horizon)[None])[0]
        if self.blend.unseen is not None:  # it learned from titles that have been watched
            known = ~np.isin(candidates, reading.unseen)
            candidates, added = candidates[known], added[known]
        if not np.isfinite(added).all():
            raise ValueError("scores are not finite")
        added *= np.float32(self.blend.settled(len(reading.history)))  # and from settled viewers
        return candidates, ordered_anew(scores[candidates], added)
