"""Learning a blend: how likely what viewers watched was, among the titles that any source put forward."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.models.blend import HORIZONS, PRIOR, Blend, weights_of

_TOP = 100
_CUT = 10
_FAR_LEVEL = 3.0
LEAST_CASES, ENOUGH_CASES = 20, 400
"""With fewer viewers to ask, a horizon keeps its prior; and all that it may be told from is heard."""


@dataclass(frozen=True)
class Case:
    """One viewer asked: standardised features of the candidates, float32[candidates, features], and which of them
    they went on to watch; `relevant` counts those outside the candidates too."""

    features: NDArray[np.float32]
    hit: NDArray[np.bool_]
    relevant: int


@dataclass(frozen=True)
class Beside:
    """One viewer asked among all titles: standardised features of those that nobody had watched, float32[titles,
    features], which of them they went on to watch, how long those have `waited`, the log of the odds of all others
    together, and how many of those they watched."""

    features: NDArray[np.float32]
    hit: NDArray[np.bool_]
    waited: NDArray[np.float32]
    others: float
    others_hit: int


def put_forward(standardised: NDArray[np.float32], eligible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which titles are among the best eligible ones of any feature of float32[features, titles]: bool[titles]."""
    titles = np.flatnonzero(eligible)
    chosen = np.zeros(standardised.shape[1], bool)
    top = min(_TOP, len(titles) - 1)
    for row in standardised[:, titles]:
        if top > 0 and row.any():
            chosen[titles[np.argpartition(-row, top)[:top]]] = True
    return chosen


def case_of(
    standardised: NDArray[np.float32],
    eligible: NDArray[np.bool_],
    forward: NDArray[np.bool_],
    targets: NDArray[np.int32],
) -> Case | None:
    """A case from float32[features, titles]: the titles that were put forward, and the targets that are eligible."""
    targets = np.unique(targets[eligible[targets]])
    if not len(targets):
        return None
    chosen = forward.copy()
    chosen[targets] = True
    candidates = np.flatnonzero(chosen)
    return Case(standardised[:, candidates].T.copy(), np.isin(candidates, targets), len(targets))


class Cases:
    """Many cases, joined for fast evaluation."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.cases = list(cases)
        self.features = np.concatenate([case.features for case in self.cases])
        self.hit = np.concatenate([case.hit for case in self.cases])
        sizes = np.array([len(case.hit) for case in self.cases])
        self.start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self.owner = np.repeat(np.arange(len(self.cases)), sizes)
        relevant = np.array([case.relevant for case in self.cases])
        self.share = (1 / relevant)[self.owner[self.hit]]
        gains = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(_CUT) + 2))])
        self.ideal = gains[np.minimum(relevant, _CUT)]

    def __len__(self) -> int:
        return len(self.cases)

    def loss(self, weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Mean negative log-likelihood of the hits under a softmax over candidates, and its gradient."""
        score = self.features @ weights.astype(np.float32)
        score -= np.maximum.reduceat(score, self.start)[self.owner]
        odds = np.exp(score)
        total = np.add.reduceat(odds, self.start)
        chance = odds / total[self.owner]
        loss = float((self.share * (np.log(total)[self.owner[self.hit]] - score[self.hit])).sum())
        pull = chance
        pull[self.hit] -= self.share.astype(np.float32)
        gradient = self.features.T @ pull
        return loss / len(self), gradient.astype(np.float64) / len(self)

    def told(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64[cases]: the mean log-likelihood of each case's hits, of those that were put forward."""
        score = (self.features @ weights.astype(np.float32)).astype(np.float64)
        score -= np.maximum.reduceat(score, self.start)[self.owner]
        total = np.log(np.add.reduceat(np.exp(score), self.start))
        owner = self.owner[self.hit]
        return np.bincount(owner, self.share * (score[self.hit] - total[owner]), len(self)).astype(np.float64)

    def ndcg(self, weights: NDArray[np.float64]) -> float:
        """Mean NDCG@10, ties counted half, with the ideal cut at min(10, relevant)."""
        score = self.features @ weights.astype(np.float32)
        order = np.lexsort((-score, self.owner))
        rank = np.empty(len(score), np.int64)
        rank[order] = np.arange(len(score)) - self.start[self.owner]
        hits = np.flatnonzero(self.hit & (rank < _CUT))
        gain = np.bincount(self.owner[hits], 1 / np.log2(rank[hits] + 2), len(self))
        return float((gain / self.ideal).mean())


def learn_weights(cases: Cases, prior: NDArray[np.float32], pull: float = 10.0) -> NDArray[np.float32]:
    """The most likely non-negative weights for these cases, drawn to the prior as `pull` cases would draw.

    Searching NDCG@10 itself, weight by weight, from there on won nothing on viewers that it had not seen.
    """
    start = prior.astype(np.float64)
    strength = pull / len(cases)

    def penalised(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        loss, gradient = cases.loss(weights)
        away = weights - start
        return loss + strength * float(away @ away), gradient + 2 * strength * away

    found = scipy.optimize.minimize(
        penalised, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start), options={"maxiter": 100}
    )
    return np.asarray(found.x, np.float32)


def learn_levels(beside: list[Beside], weights: NDArray[np.float32]) -> tuple[float, float]:
    """What unseen titles, joined by `weights`, have ahead of the others to be watched as often as they are, those that
    came just now and those that have been there for long: the most likely, each viewer counted once, drawn to 0 as by a
    normal prior with deviation _FAR_LEVEL."""
    size = np.array([len(each.hit) for each in beside])
    owner, start = np.repeat(np.arange(len(beside)), size), np.concatenate([[0], np.cumsum(size)[:-1]])
    hit, long = (np.concatenate(each) for each in zip(*((one.hit, one.waited) for one in beside), strict=True))
    part = np.stack([1 - long, long]).astype(np.float64)
    others = np.array([each.others for each in beside])
    odds = np.concatenate([each.features @ weights for each in beside]).astype(np.float64) - others[owner]
    share = 1 / (np.add.reduceat(hit, start, dtype=np.int64) + np.array([each.others_hit for each in beside]))[owner]

    def penalised(levels: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        ahead = odds + levels @ part
        most = np.maximum(np.maximum.reduceat(ahead, start), 0)
        chance = np.exp(ahead - most[owner])
        total = np.add.reduceat(chance, start) + np.exp(-most)
        loss = float((most + np.log(total)).sum() - (share * ahead)[hit].sum())
        pull = chance / total[owner] - np.where(hit, share, 0)
        slope = part @ pull + levels / _FAR_LEVEL**2
        return loss + 0.5 * float(levels @ levels) / _FAR_LEVEL**2, slope

    new, old = scipy.optimize.minimize(penalised, np.zeros(2), jac=True, method="L-BFGS-B").x
    return float(new), float(old)


@dataclass
class Blending:
    """The blends as they are learned: cases and weights by horizon, and NDCG@10 on those very cases.

    `left_out` are rows of features that have no part in it.
    """

    left_out: list[int]
    cases: dict[str, list[Case]] = field(default_factory=lambda: {horizon: [] for horizon in HORIZONS})
    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    validation: dict[str, float] = field(default_factory=dict)
    newcomer_cases: dict[tuple[str, int], list[Case]] = field(default_factory=dict)
    newcomers: dict[str, dict[int, NDArray[np.float32]]] = field(default_factory=dict)
    unseen_cases: list[Case] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    unseen: NDArray[np.float32] | None = None
    levels: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        self.weights |= {horizon: self._prior(horizon) for horizon in HORIZONS}

    def add(self, horizon: str, cases: list[Case]) -> None:
        """Learns a horizon's weights from these cases and the ones before."""
        self.cases[horizon] += cases
        if len(self.cases[horizon]) >= LEAST_CASES:
            joined = Cases(self.cases[horizon])
            joined.features[:, self.left_out] = 0
            self.weights[horizon] = learn_weights(joined, self._prior(horizon))
            ndcg = joined.ndcg(self.weights[horizon].astype(np.float64))
            self.validation[f"{horizon}_ndcg@10"] = round(ndcg, 6)

    def add_newcomers(self, horizon: str, known: int, cases: list[Case]) -> None:
        """Learns a horizon's weights for viewers with `known` interactions, starting from its own: `session` (for the
        next play too) or `days`."""
        self.newcomer_cases[horizon, known] = cases
        if len(cases) >= LEAST_CASES:
            joined = Cases(cases)
            joined.features[:, self.left_out] = 0
            self.newcomers.setdefault(horizon, {})[known] = learn_weights(joined, self.weights[horizon])

    def add_unseen(self, cases: list[Case], beside: list[Beside]) -> None:
        """Learns the weights of titles that models know nothing of, starting from those of the session, and from
        viewers among all titles how they stand beside the others."""
        self.unseen_cases += cases
        self.beside += beside
        if len(self.unseen_cases) >= LEAST_CASES:
            joined = Cases(self.unseen_cases)
            joined.features[:, self.left_out] = 0
            self.unseen = learn_weights(joined, self.weights["session"])
            if self.beside:
                self.levels = learn_levels(self.beside, self.unseen)

    def blend(self) -> Blend:
        """What was learned."""
        return Blend(self.weights, self.newcomers, self.unseen, self.levels)

    def without(self, left_out: list[int]) -> Blending:
        """Blends learned from the same cases without these rows."""
        other = Blending(left_out)
        for horizon, cases in self.cases.items():
            other.add(horizon, cases)
        for (horizon, known), cases in self.newcomer_cases.items():
            other.add_newcomers(horizon, known, cases)
        other.add_unseen(self.unseen_cases, self.beside)
        return other

    def hears(self, rows: list[int]) -> bool:
        """Whether any of these features said anything of a case, or there was none to say it of."""
        cases = [case for found in self.cases.values() for case in found]
        return not cases or any(case.features[:, rows].any() for case in cases)

    def worth(self, horizon: str, rows: list[int], seed: int) -> tuple[float, float] | None:
        """What these features are worth to viewers that the weights were not learned from, in nats a case, with its
        standard error; None with too few cases to tell."""
        cases = self.cases[horizon]
        if len(cases) < ENOUGH_CASES:
            return None
        order = stream(seed, "worth of features").permutation(len(cases))
        halves = [Cases(cases[place] for place in order[number::2].tolist()) for number in range(2)]
        prior, gains = self._prior(horizon), []
        without = prior.copy()
        without[rows] = 0
        for half, other in (halves, halves[::-1]):
            heard = other.told(learn_weights(half, prior).astype(np.float64))
            part, rest = half.features[:, rows].copy(), other.features[:, rows].copy()
            half.features[:, rows] = other.features[:, rows] = 0
            gains.append(heard - other.told(learn_weights(half, without).astype(np.float64)))
            half.features[:, rows], other.features[:, rows] = part, rest
        gain = np.concatenate(gains)
        return float(gain.mean()), float(gain.std() / len(gain) ** 0.5)

    def in_order(self) -> list[NDArray[np.float32]]:
        """Weights in the order of HORIZONS."""
        return [self.weights[horizon] for horizon in HORIZONS]

    def _prior(self, horizon: str) -> NDArray[np.float32]:
        prior = weights_of(PRIOR[horizon])
        prior[self.left_out] = 0
        return prior
