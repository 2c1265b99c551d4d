"""Training the ranker: which of the candidates was chosen, list by list (ListNet's top-one loss: Cao et al. 2007).

In numpy: some thousand lists of a hundred candidates take seconds, so everybody has a ranker and nobody needs a
training library for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.models.blend import HORIZONS
from frontrow.models.names import FEATURES
from frontrow.models.ranker.adam import Adam
from frontrow.models.ranker.network import CLIP, Layer, Ranker
from frontrow.models.ranker.trust import ndcg, trust_of

LENGTH: Final = 128
"""Candidates of a list; half of those that were not chosen are the best by the blend, half drawn from the others."""
_HIDDEN: Final = (48, 24)
_EPOCHS, _MOST_EPOCHS, _LEAST_STEPS = 4, 12, 400
_LISTS_A_STEP, _STEP, _WARM_UP, _DECAY = 64, 2e-3, 50, 1e-3
_FOLDS: Final = 3
_LEAST_LISTS: Final = 200
_ALL: Final = np.ones(len(HORIZONS), np.float32)


@dataclass(frozen=True)
class RankList:
    """One viewer asked: LENGTH candidates' columns float32[LENGTH, columns], which were chosen, which horizon. The
    first columns are the features that the blend weighs, as it weighs them.

    `viewer`: so that none is both learned from and checked with. `weight` float32[LENGTH]: what each choice weighs
    (`ranker/examination.py`); None: all 1.
    """

    table: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    horizon: int
    viewer: int
    weight: NDArray[np.float32] | None = None

    def without(self, columns: Sequence[int]) -> RankList:
        """The same, with columns that say nothing."""
        table = self.table.copy()
        table[:, columns] = 0
        return replace(self, table=table)


def list_of(
    table: NDArray[np.float32],
    blended: NDArray[np.float32],
    chosen: NDArray[np.bool_],
    horizon: int,
    viewer: int,
    rng: np.random.Generator,
    weight: NDArray[np.float32] | None = None,
) -> RankList | None:
    """A list from all candidates of one viewer; None where none or all were chosen, or too few are to be told apart."""
    if not chosen.any() or chosen.all() or len(chosen) < LENGTH:
        return None
    order = np.argsort(-blended, kind="stable")
    others = order[~chosen[order]]
    kept = order[chosen[order]][: max(LENGTH // 2, LENGTH - len(others))]
    room = LENGTH - len(kept)
    best, rest = others[: room // 2], others[room // 2 :]
    places = np.concatenate([kept, best, rng.choice(rest, room - len(best), replace=False)])
    return RankList(table[places], chosen[places], horizon, viewer, None if weight is None else weight[places])


@dataclass(frozen=True)
class Ranking:
    """A ranker, and what its like added to the blend's NDCG@10 by horizon, on lists not learned from.

    `folds` are its like, each learned without the viewers of its number in `fold_of`."""

    ranker: Ranker
    gained: dict[str, float]
    folds: tuple[Ranker, ...] = ()
    fold_of: dict[int, int] = field(default_factory=dict)

    def held_out(self, viewer: int) -> Ranker:
        """One that has not learned from this viewer."""
        return self.folds[self.fold_of.get(viewer, 0)]


def fit_ranker(lists: Sequence[RankList], weights: Sequence[NDArray[np.float32]], seed: int = 0) -> Ranking | None:
    """Learns what to add to the blend, whose `weights` are given by number of horizon.

    Three networks, each learned from two thirds of the viewers and asked about the others, say how far to trust one
    learned from all. None with too few lists, or where it is believed nowhere. The same lists and seed give the same
    ranker.
    """
    if len(lists) < _LEAST_LISTS:
        return None
    features = len(weights[0])
    learned = _Learned(
        np.stack([each.table for each in lists]),
        np.eye(len(HORIZONS), dtype=np.float32)[[each.horizon for each in lists]],
        np.stack([each.table[:, :features] @ weights[each.horizon] for each in lists]),
        np.stack([each.chosen for each in lists]),
        *_shares(lists),
    )
    mean, scale = learned.standardise()
    fold = _folds(np.array([each.viewer for each in lists]), seed)
    # Products this small cost more to share out among threads than to do.
    with blas_threads(1):
        added, without = np.empty(learned.blended.shape, np.float32), []
        for number in range(_FOLDS):
            held = np.flatnonzero(fold == number)
            without.append(_fitted(learned, np.flatnonzero(fold != number), stream(seed, "ranker", number)))
            added[held] = learned.answers(without[-1], held)
        layers = _fitted(learned, np.arange(len(lists)), stream(seed, "ranker", _FOLDS))
    trust, gained = _trust(learned, added)
    if not trust.any():
        return None
    folds = tuple(Ranker(tuple(each), mean, scale, trust) for each in without)
    fold_of = dict(zip((each.viewer for each in lists), fold.tolist(), strict=True))
    return Ranking(Ranker(tuple(layers), mean, scale, trust), gained, folds, fold_of)


def _shares(lists: Sequence[RankList]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    chosen = np.stack([each.chosen for each in lists])
    shares: NDArray[np.float64] = chosen / chosen.sum(axis=1, keepdims=True)
    if all(each.weight is None for each in lists):
        return shares, np.ones(len(lists))
    even = np.ones(LENGTH, np.float32)
    shares *= np.stack([even if each.weight is None else each.weight for each in lists])
    shares *= len(lists) / shares.sum()
    return shares, np.asarray(shares.sum(axis=1))


def _folds(viewers: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """A number below _FOLDS for each list, the same for all of one viewer."""
    names, place = np.unique(viewers, return_inverse=True)
    folds: NDArray[np.int64] = (stream(seed, "ranker viewers").permutation(len(names)) % _FOLDS)[place]
    return folds


@dataclass(frozen=True)
class _Learned:
    """All lists: `table` float32[lists, LENGTH, columns], `asked` float32[lists, horizons], `blended`, `chosen`,
    `right`, float64[lists, LENGTH]: how much each choice counts, and `weight`, a list's choices together, 1 on average.
    """

    table: NDArray[np.float32]
    asked: NDArray[np.float32]
    blended: NDArray[np.float32]
    chosen: NDArray[np.bool_]
    right: NDArray[np.float64]
    weight: NDArray[np.float64]

    def standardise(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Brings the table's columns to mean 0 and deviation 1, as the network reads them, in place; mean and
        1 / deviation (0: constant)."""
        columns = self.table.shape[2]
        said = self.table[:, :, : len(FEATURES)]
        np.clip(said, -CLIP, CLIP, out=said)
        mean, deviation = self.table.mean(axis=(0, 1)), self.table.std(axis=(0, 1))
        scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 1e-4)
        Ranker((), mean, scale, np.ones(0, np.float32)).standard(self.table.reshape(-1, columns), in_place=True)
        return mean, scale

    def answers(self, layers: Sequence[Layer], places: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[places, LENGTH]: what a network adds to lists of the standardised table."""
        columns = self.table.shape[2]
        plain = Ranker(tuple(layers), np.zeros(columns, np.float32), np.ones(columns, np.float32), _ALL)
        return np.concatenate([plain.added(self.table[place], self.asked[place][None]) for place in places.tolist()])


def _fitted(learned: _Learned, places: NDArray[np.int64], rng: np.random.Generator) -> list[Layer]:
    """A network learned from the lists at `places`."""
    asked, blended = learned.asked, learned.blended
    length, columns = learned.table.shape[1:]
    layers = _initial(columns + asked.shape[1], rng)
    adam = Adam([array for layer in layers for array in layer], _DECAY)
    an_epoch = max(1, len(places) // _LISTS_A_STEP)
    epochs = int(np.clip(-(-_LEAST_STEPS // an_epoch), _EPOCHS, _MOST_EPOCHS))
    steps, done = epochs * an_epoch, 0
    for _ in range(epochs):
        order = rng.permutation(places)
        for start in range(0, max(1, len(order) - _LISTS_A_STEP + 1), _LISTS_A_STEP):
            some = order[start : start + _LISTS_A_STEP]
            right = learned.right[some]
            entering = np.concatenate([learned.table[some], np.repeat(asked[some][:, None], length, 1)], axis=2)
            done += 1
            rate = _STEP * min(1.0, done / _WARM_UP) * 0.5 * (1 + np.cos(np.pi * done / (steps + 1)))
            weight = learned.weight[some][:, None]
            adam.step(_slopes(layers, entering.reshape(-1, entering.shape[2]), blended[some], right, weight), rate)
    return layers


def _initial(inputs: int, rng: np.random.Generator) -> list[Layer]:
    """He et al. 2015; the last layer begins at 0, so that training begins from the blend."""
    sizes = (inputs, *_HIDDEN, 1)
    layers = []
    for number, (wide, narrow) in enumerate(pairwise(sizes)):
        scale = 0.0 if number == len(sizes) - 2 else (2 / wide) ** 0.5
        layers.append((rng.normal(0, scale, (wide, narrow)).astype(np.float32), np.zeros(narrow, np.float32)))
    return layers


def _slopes(
    layers: Sequence[Layer], entering: NDArray[np.float32], blended: NDArray[np.float32], right: NDArray[np.float64],
    weight: NDArray[np.float64] | float = 1.0,
) -> list[NDArray[np.float32]]:  # fmt: skip
    """The gradient of the mean list's loss for each parameter, in the order of the layers. `weight` is what a list's
    choices, `right`, sum to."""
    states = [entering]
    for weights, bias in layers[:-1]:
        states.append(np.maximum(states[-1] @ weights + bias, 0))
    score = blended + (states[-1] @ layers[-1][0] + layers[-1][1]).reshape(blended.shape)
    odds = np.exp(score - score.max(axis=1, keepdims=True))
    expected = odds / odds.sum(axis=1, keepdims=True) * weight
    pull = ((expected - right) / len(blended)).astype(np.float32).reshape(-1, 1)
    found: list[NDArray[np.float32]] = []
    for number in range(len(layers) - 1, -1, -1):
        found = [states[number].T @ pull, pull.sum(axis=0), *found]
        if number:
            pull = (pull @ layers[number][0].T) * (states[number] > 0)
    return found


def _trust(learned: _Learned, added: NDArray[np.float32]) -> tuple[NDArray[np.float32], dict[str, float]]:
    """How much of `added` is believed for each horizon, and what that gained in NDCG@10."""
    trust, gained = np.zeros(len(HORIZONS), np.float32), {}
    for number, horizon in enumerate(HORIZONS):
        places = np.flatnonzero(learned.asked[:, number] > 0)
        if len(places):
            blended, more, weight = learned.blended[places], added[places], learned.weight[places]
            share = trust_of(blended, more, learned.right[places], weight)
            chosen = learned.chosen[places]
            trust[number] = share
            gained[horizon] = ndcg(blended + share * more, chosen, weight) - ndcg(blended, chosen, weight)
    return trust, gained
