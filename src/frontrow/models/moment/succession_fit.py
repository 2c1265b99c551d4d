"""Fitting the succession model: which of two titles a viewer watched at which of two places in what they watched.

Take two titles of one viewer, a at place i and b at place j. That it was so and not the other way round has, whatever
the viewer likes and however popular the titles are, the odds exp(what came before and after each says for it less what
it says for the other): a conditional logit (Chamberlain 1980) in which tastes and fame cancel. The places are close to
each other, so that tastes which move over the weeks cancel as well, and what suits the hour and the device is allowed
for. So what is learned is what the order of things does, and the company of a sitting.

Products of traits are drawn to 0 by a ridge, whose strength is chosen on viewers held out. A part whose gain on them,
beyond the other part, is not clear of 0 is silent: such a log shows no order, or no intent of a sitting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.optimize
import scipy.sparse
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import Interactions
from frontrow.features.moments import NO_FIELDS, Fields
from frontrow.models.moment.succession import (
    GAPS,
    NO_SUCCESSION,
    PARTS,
    SITTING,
    Part,
    SuccessionModel,
    gap_of,
    nothing,
)
from frontrow.models.traits import Traits

STRENGTHS: Final = ((500.0, 40.0), (160.0, 13.0))
"""Ridges that are tried: of the order, of the sitting."""
MOST_PAIRS, MOST_TRAITS, RANK = 30_000, 128, 24
_APART: Final = (2, 9)
"""How far two places of a pair are from each other, at least and less than."""
_HELD_OUT, _LEAST_PAIRS, _CLEAR, _ITERATIONS = 0.25, 500, 2.5, 25
_LEAST_GAIN: Final = 0.005
"""Nats that a part must be worth in a choice between two titles: less would move nobody's page."""
_NEGLIGIBLE: Final = 0.03
"""Directions of less than this share of the strongest are left out."""

Parameters = dict[str, NDArray[np.float32]]
"""By part: of `order` float32[traits, traits], what a title has of each trait times what was watched has of each; of
`sitting` float32[traits], what both have of one."""
Learned = tuple[Parameters, NDArray[np.float32]]
"""With how much the order counts after each gap, the shortest 1."""


@dataclass(frozen=True)
class Places:
    """What viewers watched, in order, what goes on being one place. Arrays by place: `gap` says which of GAPS lies
    before it (-1: nothing was before), `fresh` whether the title is new to its viewer, `sitting` numbers sittings."""

    viewer: NDArray[np.int64]
    title: NDArray[np.int64]
    cells: NDArray[np.int64]
    gap: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    sitting: NDArray[np.int64]

    @classmethod
    def of(cls, interactions: Interactions, fields: Fields = NO_FIELDS) -> Places:
        """Of interactions that say something for their titles; `cells` are of the axes of `fields`."""
        viewer, title, at = interactions.profile, interactions.title.astype(np.int64), interactions.at
        new_viewer = np.diff(viewer, prepend=-1) != 0
        elapsed = np.diff(at, prepend=0)
        began = new_viewer | (elapsed > SITTING)
        kept = np.flatnonzero(new_viewer | (np.diff(title, prepend=-1) != 0))
        gap = np.where(new_viewer, -1, gap_of(elapsed))
        fresh = np.zeros(len(title), bool)
        fresh[np.unique(viewer * (int(title.max(initial=0)) + 1) + title, return_index=True)[1]] = True
        cells = interactions.cells(fields)
        return cls(viewer[kept], title[kept], cells[kept], gap[kept], fresh[kept], np.cumsum(began)[kept])

    def __len__(self) -> int:
        return len(self.viewer)


@dataclass(frozen=True)
class Pairs:
    """Pairs of places, arrays by pair: `apart` is what the one title has of each trait and the other has not,
    `before` and `following` float32[GAPS, pairs, traits] (None where a gap never occurs) what came before the one place
    less before the other, and after; `company` likewise what else was in the sitting; `offset` what the moments say."""

    viewer: NDArray[np.int64]
    apart: NDArray[np.float32]
    before: list[NDArray[np.float32]]
    following: list[NDArray[np.float32]]
    company: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.viewer)

    def take(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        return Pairs(
            self.viewer[chosen], self.apart[chosen], [each[chosen] for each in self.before],
            [each[chosen] for each in self.following], self.company[chosen], self.offset[chosen],
        )  # fmt: skip

    def by_gap(self, order: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32[pairs, GAPS]: what the order says for how it was, by gap, as if each counted in full."""
        towards, away = self.apart @ order, self.apart @ order.T
        return np.stack([
            np.einsum("ij,ij->i", towards, before) + np.einsum("ij,ij->i", away, following)
            for before, following in zip(self.before, self.following, strict=True)
        ], axis=1)  # fmt: skip


def fit_succession(
    interactions: Interactions, traits: Traits, leanings: NDArray[np.float32], seed: int,
    earlier: SuccessionModel | None = None, fields: Fields = NO_FIELDS,
) -> SuccessionModel:  # fmt: skip
    """The model of interactions that say something for their titles; parts are silent where there is nothing to learn.

    `leanings`, float32[cells, titles], is what the context model, which knows `fields`, says of titles, none where it
    is silent. A part that is silent in `earlier`, if given, a model of nearly the same log, is so again.
    """
    if not len(interactions) or not len(traits.names) or (earlier is not None and earlier.silent):
        return NO_SUCCESSION
    places = Places.of(interactions, fields)
    names, matrix = _common(traits, places.title)
    pairs = pairs_of(places, matrix, leanings, seed)
    if len(pairs) < _LEAST_PAIRS:
        return NO_SUCCESSION
    with blas_threads(1):
        if earlier is None:
            strength, heard = _chosen(pairs, seed)
            if not heard:
                return NO_SUCCESSION
        else:
            strength, heard = earlier.strength, tuple(part for part in PARTS if earlier.parts[part].rank)
        found, fading = _learned(pairs, heard, strength)
        parts = {part: nothing(len(names)) for part in PARTS}
        parts |= {part: (_factors if part == "order" else _shared)(each) for part, each in found.items()}
    usual = float(fading[places.gap[places.gap >= 0]].mean())
    return SuccessionModel(names, parts["order"], parts["sitting"], fading, usual, strength)


def _common(traits: Traits, title: NDArray[np.int64]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The MOST_TRAITS that are watched most, and float32[titles, names] of them."""
    watched = np.bincount(title, minlength=len(traits.matrix))[: len(traits.matrix)].astype(np.float32)
    chosen = np.sort(np.argsort(-(watched @ traits.matrix), kind="stable")[:MOST_TRAITS])
    return tuple(traits.names[each] for each in chosen.tolist()), np.ascontiguousarray(traits.matrix[:, chosen])


def pairs_of(places: Places, matrix: NDArray[np.float32], leanings: NDArray[np.float32], seed: int) -> Pairs:
    """Places at which a title was new to its viewer, each beside another close by; at most MOST_PAIRS, drawn."""
    rng = stream(seed, "succession pairs")
    one = np.flatnonzero(places.fresh)
    other = one + rng.integers(*_APART, len(one))
    inside = other < len(places)
    one, other = one[inside], other[inside]
    use = (places.viewer[one] == places.viewer[other]) & places.fresh[other]
    use &= places.sitting[one] != places.sitting[other]
    kept = np.flatnonzero(use)
    if len(kept) > MOST_PAIRS:
        kept = np.sort(rng.permutation(kept)[:MOST_PAIRS])
    one, other = one[kept], other[kept]
    apart = matrix[places.title[one]] - matrix[places.title[other]]
    before = [_there(places, matrix, one, gap, 0) - _there(places, matrix, other, gap, 0) for gap in range(GAPS)]
    after = [_there(places, matrix, one, gap, 1) - _there(places, matrix, other, gap, 1) for gap in range(GAPS)]
    company = _company(places, matrix, one) - _company(places, matrix, other)
    return Pairs(places.viewer[one], apart, before, after, company, _offset(places, one, other, leanings))


def _there(
    places: Places, matrix: NDArray[np.float32], where: NDArray[np.int64], gap: int, ahead: int
) -> NDArray[np.float32]:
    """float32[where, traits] of the title before each place (`ahead` 1: after it), over this gap; else 0."""
    later = where + ahead
    there = (later < len(places)) & (places.gap.take(later, mode="clip") == gap)
    there &= places.viewer.take(later, mode="clip") == places.viewer[where]
    title = places.title.take(later if ahead else where - 1, mode="wrap")
    return np.asarray(matrix[title] * there[:, None].astype(np.float32))


def _company(places: Places, matrix: NDArray[np.float32], where: NDArray[np.int64]) -> NDArray[np.float32]:
    """float32[where, traits]: the mean of what else was watched in each place's sitting."""
    chosen, sitting = np.unique(places.sitting[where], return_inverse=True)
    inside = np.flatnonzero(np.isin(places.sitting, chosen))
    row, title = np.searchsorted(chosen, places.sitting[inside]), places.title[inside]
    ones = np.ones(len(inside), np.float32)
    total = scipy.sparse.csr_matrix((ones, (row, title)), shape=(len(chosen), len(matrix))) @ matrix
    others = (np.bincount(row, minlength=len(chosen))[sitting] - 1)[:, None]
    company = (total[sitting] - matrix[places.title[where]]) * (others > 0)
    return np.asarray(company / np.maximum(others, 1), np.float32)


def _offset(
    places: Places, one: NDArray[np.int64], other: NDArray[np.int64], leanings: NDArray[np.float32]
) -> NDArray[np.float32]:
    """What the moments of two places say for how it was."""
    if not leanings.shape[1]:
        return np.zeros(len(one), np.float32)
    table = np.vstack([leanings, np.zeros((1, leanings.shape[1]), np.float32)])

    def says(title: NDArray[np.int64], where: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(table[places.cells[where], places.title[title][:, None]].sum(axis=1))

    return says(one, one) + says(other, other) - says(other, one) - says(one, other)


def _chosen(pairs: Pairs, seed: int) -> tuple[tuple[float, float], tuple[str, ...]]:
    """The ridges that are best on held-out viewers, and the parts that are worth something there beyond the other."""
    held = stream(seed, "succession viewers").random(int(pairs.viewer.max()) + 1)[pairs.viewer] < _HELD_OUT
    fitted, asked = pairs.take(~held), pairs.take(held)
    best, strength = -np.inf, STRENGTHS[0]
    heard: tuple[str, ...] = PARTS
    start: Learned | None = None
    whole: Learned = ({}, np.ones(GAPS, np.float32))
    for each in STRENGTHS:
        start = _learned(fitted, PARTS, each, start)
        told = float(_told(asked, *start).sum())
        if told > best:
            best, strength, whole = told, each, start
    for part in reversed(PARTS):
        others = tuple(each for each in heard if each != part)
        without = _learned(fitted, others, strength, whole)
        gain = _told(asked, *whole) - _told(asked, *without)
        clear = len(gain) >= 10 and gain.mean() > _CLEAR * gain.std() / len(gain) ** 0.5
        if not clear or gain.sum() < _LEAST_GAIN * len(asked):
            heard, whole = others, without
    return strength, heard


def _learned(
    pairs: Pairs, parts: tuple[str, ...], strength: tuple[float, float], start: Learned | None = None
) -> Learned:
    """Products of traits, and how the order fades, found in turn."""
    even = np.ones(GAPS, np.float32)
    if not parts:
        return {}, even
    fading = even if start is None or "order" not in parts else start[1]
    found = _fit(pairs, parts, strength, fading, None if start is None else start[0])
    if "order" in parts:
        fading = _fading(pairs, found)
        scale = max(float(fading[0]), 0.1)
        found["order"] *= scale
        fading /= np.float32(scale)
        found = _fit(pairs, parts, strength, fading, found)
    return found, fading


def _odds(pairs: Pairs, found: Parameters, fading: NDArray[np.float32]) -> NDArray[np.float32]:
    odds = pairs.offset.copy()
    if "order" in found:
        odds += pairs.by_gap(found["order"]) @ fading
    if "sitting" in found:
        odds += (pairs.apart * pairs.company) @ found["sitting"]
    return odds


def _told(pairs: Pairs, found: Parameters, fading: NDArray[np.float32]) -> NDArray[np.float64]:
    """The log-likelihood of each viewer's pairs."""
    _, viewer = np.unique(pairs.viewer, return_inverse=True)
    told = -np.logaddexp(0, -_odds(pairs, found, fading).astype(np.float64))
    return np.bincount(viewer, told).astype(np.float64)


def _fading(pairs: Pairs, found: Parameters) -> NDArray[np.float32]:
    """float32[GAPS], none negative: how much the order counts after each gap, drawn to 1 as a few pairs would draw."""
    if "order" not in found:
        return np.ones(GAPS, np.float32)
    told = pairs.by_gap(found["order"]).astype(np.float64)
    rest = _odds(pairs, {part: each for part, each in found.items() if part != "order"}, np.ones(GAPS, np.float32))

    def loss(fading: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = told @ fading + rest
        pull = -1 / (1 + np.exp(np.clip(odds, -50, 50)))
        away = fading - 1
        return float(np.logaddexp(0, -odds).sum() + 5 * away @ away), told.T @ pull + 10 * away

    bounds = [(0, 4)] * GAPS
    return np.asarray(
        scipy.optimize.minimize(loss, np.ones(GAPS), jac=True, method="L-BFGS-B", bounds=bounds).x, np.float32
    )


def _fit(
    pairs: Pairs, parts: tuple[str, ...], strength: tuple[float, float], fading: NDArray[np.float32],
    start: Parameters | None,
) -> Parameters:  # fmt: skip
    """The most likely products of traits, searched from `start`."""
    width = pairs.apart.shape[1]
    shapes = {"order": (width, width), "sitting": (width,)}
    ends = np.cumsum([np.prod(shapes[part]) for part in parts]).astype(np.int64)
    ridge = np.repeat([dict(zip(PARTS, strength, strict=True))[part] for part in parts], np.diff(ends, prepend=0))
    before = sum((each * factor for each, factor in zip(pairs.before, fading, strict=True)), np.float32(0))
    after = sum((each * factor for each, factor in zip(pairs.following, fading, strict=True)), np.float32(0))
    shared = pairs.apart * pairs.company

    def tables_of(flat: NDArray[np.float64]) -> Parameters:
        split = np.split(flat.astype(np.float32), ends[:-1])
        return {part: each.reshape(shapes[part]) for part, each in zip(parts, split, strict=True)}

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        tables = tables_of(flat)
        odds = pairs.offset.astype(np.float64)
        if "order" in tables:
            odds += np.einsum("ij,ij->i", pairs.apart @ tables["order"], before)
            odds += np.einsum("ij,ij->i", after @ tables["order"], pairs.apart)
        if "sitting" in tables:
            odds += shared @ tables["sitting"]
        pull = (-1 / (1 + np.exp(np.clip(odds, -50, 50)))).astype(np.float32)
        slopes = []
        if "order" in tables:
            moved = pairs.apart * pull[:, None]
            slopes.append((moved.T @ before + after.T @ moved).ravel())
        if "sitting" in tables:
            slopes.append(pull @ shared)
        gradient = np.concatenate(slopes).astype(np.float64) + ridge * flat
        return float(np.logaddexp(0, -odds).sum() + 0.5 * (ridge * flat**2).sum()), gradient

    began = np.zeros(ends[-1]) if start is None else np.concatenate([start[part].ravel() for part in parts])
    found = scipy.optimize.minimize(
        loss, began.astype(np.float64), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS}
    )
    return tables_of(found.x)


def _shared(weights: NDArray[np.float32]) -> Part:
    """What both have of a trait, of the RANK traits that say most."""
    most = np.sort(np.argsort(-np.abs(weights), kind="stable")[:RANK])
    both = np.eye(len(weights), dtype=np.float32)[:, most]
    return Part(both * weights[most], both)


def _factors(product: NDArray[np.float32]) -> Part:
    """The product of traits as two factors of a low rank."""
    left, size, right = np.linalg.svd(product)
    rank = min(RANK, int(np.count_nonzero(size > _NEGLIGIBLE * size[0])) if size[0] > 0 else 0)
    root = np.sqrt(size[:rank])
    return Part((left[:, :rank] * root).astype(np.float32), (right[:rank].T * root).astype(np.float32))
