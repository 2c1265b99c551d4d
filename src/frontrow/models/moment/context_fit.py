"""Fitting the context model: which of two titles was watched at which of two moments.

Take two plays of one viewer: title a at moment m, title b at moment n. That it was so and not the other way round has,
whatever the viewer likes and however popular the titles are, the odds exp(s(a,m) + s(b,n) - s(a,n) - s(b,m)): a
conditional logit (Chamberlain 1980), in which tastes, fame and the viewer's habits of hour and device all cancel. So
what is learned is the moment's own doing, not who watches when.

Leanings are drawn to 0 by ridges (normal priors). How strongly is chosen on viewers held out; where the gain on them is
not clear of 0 the model is silent: such a log shows no effect of context. A field of the context that adds nothing
clear of 0 to the rest is left out, and the others are learned as if it had never been said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from frontrow.core.random import stream
from frontrow.core.threads import blas_threads
from frontrow.features.interactions import Interactions
from frontrow.features.moments import CELLS, HOURS, NO_FIELDS, Fields
from frontrow.models.moment.context import SILENT, ContextModel, silent
from frontrow.models.traits import Traits

STRENGTHS = ((100.0, 2_000.0), (30.0, 600.0), (10.0, 200.0))
"""Ridges, of traits and of titles' own parts, that are tried."""
MOST_TITLES = 20_000
"""Titles that are learned from at most; the others lean by their traits alone."""
_HELD_OUT = 0.2
_LEAST_PAIRS = 500
_CLEAR = 2.5
"""Standard errors by which the gain on held-out viewers must be above 0."""
_ITERATIONS = 30


@dataclass(frozen=True)
class Pairs:
    """Pairs of plays: `title` int64[n, 2], `cells` int64[n, 2, axes] (`unknown` where it is not known), `viewer`
    int64[n]."""

    title: NDArray[np.int64]
    cells: NDArray[np.int64]
    viewer: NDArray[np.int64]
    unknown: int

    def __len__(self) -> int:
        return len(self.viewer)

    def take(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        return Pairs(self.title[chosen], self.cells[chosen], self.viewer[chosen], self.unknown)

    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """int64[n, 2 axes] each: places in a flat table [titles, unknown + 1] of leanings that speak for how it was,
        and of those that speak for the other way round."""
        width = self.unknown + 1
        one, other = self.title[:, :1] * width, self.title[:, 1:] * width
        first, second = self.cells[:, 0], self.cells[:, 1]
        return np.hstack([one + first, other + second]), np.hstack([one + second, other + first])


def fit_context(
    interactions: Interactions, traits: Traits, n_titles: int, most: int, seed: int, earlier: ContextModel | None = None
) -> ContextModel:
    """The model of these interactions, from at most `most` pairs of plays; silent where there is nothing to learn from.

    The strength, or silence, and the fields of the context that say something are those of `earlier`, if given: a model
    of nearly the same log.
    """
    fields = interactions.fields if earlier is None else earlier.fields
    while True:
        model, telling = _fitted(interactions, fields, traits, n_titles, most, seed, earlier)
        if telling == fields:
            return model
        fields = telling


def _fitted(
    interactions: Interactions, fields: Fields, traits: Traits, n_titles: int, most: int, seed: int,
    earlier: ContextModel | None,
) -> tuple[ContextModel, Fields]:  # fmt: skip
    """The model with these fields of the context, and those of them that say something."""
    told = (interactions.hour >= 0) | (interactions.device >= 0)
    if fields:
        told |= (interactions.cells(fields) < fields.cells).any(axis=1)
    known = interactions.take(told)
    usual = _usual(known, fields)
    pairs = pairs_of(known.take(_among_most_played(known.title, n_titles)), most, seed, fields)
    if len(pairs) < _LEAST_PAIRS or (earlier is not None and earlier.silent):
        return silent(usual[:CELLS]), NO_FIELDS
    played, place = np.unique(pairs.title, return_inverse=True)  # of the others there is nothing of their own to learn
    pairs = Pairs(place.reshape(pairs.title.shape), pairs.cells, pairs.viewer, pairs.unknown)
    matrix = traits.matrix[played] if len(traits.names) else np.zeros((len(played), 0), np.float32)
    design = _Design(matrix.astype(np.float64), fields.cells)
    with blas_threads(1):  # products this small cost more to share out among threads than to do
        strength, start = (None, design.nothing()) if earlier is None else (earlier.strength, design.nothing())
        if earlier is None:
            strength, start = _strength(design, pairs, seed)
        if strength is None:
            return silent(usual[:CELLS]), NO_FIELDS
        if earlier is None and fields:
            telling = _telling(fields, design.table(start), pairs, seed)
            if telling != fields:
                return SILENT, telling
        found = design.leanings(design.fit(pairs, strength, start)).astype(np.float32)
    own = np.zeros((n_titles, fields.cells), np.float32)
    own[played] = found[len(traits.names) :]
    return ContextModel(traits.names, found[: len(traits.names)], own, usual, strength, fields), fields


def _among_most_played(title: NDArray[np.int32], n_titles: int) -> NDArray[np.bool_]:
    """Which plays are of the MOST_TITLES titles that are played most: what bounds the memory of the fit."""
    plays = np.bincount(title, minlength=n_titles)
    among = np.zeros(n_titles, bool)
    among[np.argsort(-plays, kind="stable")[:MOST_TITLES]] = True
    return among[title]


def pairs_of(interactions: Interactions, most: int, seed: int, fields: Fields = NO_FIELDS) -> Pairs:
    """The latest `most` plays, each beside another of its viewer, drawn at random; titles and moments differ."""
    latest = np.sort(np.argsort(-interactions.at, kind="stable")[:most])
    profile = interactions.profile[latest]
    mixed = latest[np.lexsort((stream(seed, "context pairs").random(len(latest)), profile))]
    other = np.roll(mixed, -1)
    title = np.stack([interactions.title[mixed], interactions.title[other]], 1).astype(np.int64)
    cells, unknown = interactions.cells(fields), fields.cells
    both = np.stack([cells[mixed], cells[other]], 1)
    # What is known of one only tells nothing.
    both[np.repeat((both == unknown).any(axis=1, keepdims=True), 2, axis=1)] = unknown
    viewer = interactions.profile[mixed]
    use = (viewer == interactions.profile[other]) & (title[:, 0] != title[:, 1])
    use &= (both[:, 0] != both[:, 1]).any(axis=1)
    return Pairs(title[use], both[use], viewer[use], unknown)


def _usual(interactions: Interactions, fields: Fields) -> NDArray[np.float32]:
    """float32[cells]: how often each cell occurs, an axis summing to 1 (to 0 where it is never known)."""
    cells = interactions.cells(fields)
    counts = np.bincount(cells.ravel(), minlength=fields.cells + 1)[: fields.cells].astype(np.float32)
    for axis in fields.axes.values():
        counts[axis] /= max(float(counts[axis].sum()), 1.0)
    return counts


def _strength(design: _Design, pairs: Pairs, seed: int) -> tuple[tuple[float, float] | None, NDArray[np.float64]]:
    """The ridges that are best on held-out viewers, and the parameters that they gave; None: none is clear of 0."""
    held = _held_out(pairs, seed)
    fitted, asked = pairs.take(~held), pairs.take(held)
    best, strength, start = 0.0, None, design.nothing()
    parameters = start
    for each in STRENGTHS:
        parameters = design.fit(fitted, each, parameters)
        gain, error = _gain(design.table(parameters), asked)
        if gain > max(best, _CLEAR * error):
            best, strength, start = gain, each, parameters
    return strength, start


def _held_out(pairs: Pairs, seed: int) -> NDArray[np.bool_]:
    """Which pairs are of viewers that strengths and fields are chosen on."""
    return stream(seed, "context viewers").random(int(pairs.viewer.max()) + 1)[pairs.viewer] < _HELD_OUT


def _telling(fields: Fields, table: NDArray[np.float64], pairs: Pairs, seed: int) -> Fields:
    """Those of the fields that add something clear of 0 to the rest on held-out viewers, whom `table` knows not."""
    asked = pairs.take(_held_out(pairs, seed))
    whole, axes = _told(table, asked), fields.axes
    kept = []
    for field in fields.known:
        without = table.copy()
        without[:, axes[f"context.{field.name}"]] = 0
        gain, error = _mean(whole - _told(without, asked))
        if gain > _CLEAR * error:
            kept.append(field)
    return Fields(tuple(kept))


def _gain(table: NDArray[np.float64], pairs: Pairs) -> tuple[float, float]:
    """Log-likelihood above that of a coin, the mean over viewers, and its standard error."""
    return _mean(_told(table, pairs))


def _told(table: NDArray[np.float64], pairs: Pairs) -> NDArray[np.float64]:
    """Log-likelihood above that of a coin of each viewer's pairs."""
    ahead, behind = pairs.places()
    odds = table.ravel()[ahead].sum(axis=1) - table.ravel()[behind].sum(axis=1)
    _, viewer = np.unique(pairs.viewer, return_inverse=True)
    return np.bincount(viewer.ravel(), np.log(2) - np.logaddexp(0, -odds)).astype(np.float64)


def _mean(told: NDArray[np.float64]) -> tuple[float, float]:
    """The mean over viewers, and its standard error."""
    if len(told) < 10:
        return 0.0, 1.0
    return float(told.mean()), float(told.std() / len(told) ** 0.5)


class _Design:
    """Parameters are float64[traits + titles that were played, cells]; leanings the same, hours smoothed by their
    neighbours. Tables have one more column, always 0, for what is not known."""

    def __init__(self, matrix: NDArray[np.float64], cells: int) -> None:
        self._matrix, self._cells = matrix, cells
        self._shape = (matrix.shape[1] + len(matrix), cells)
        apart = np.abs(np.arange(HOURS)[:, None] - np.arange(HOURS))
        near = np.exp(-0.5 * np.minimum(apart, HOURS - apart) ** 2.0)
        self._smooth = np.eye(cells)
        self._smooth[:HOURS, :HOURS] = near / np.sqrt((near**2).sum(axis=1))

    def nothing(self) -> NDArray[np.float64]:
        """All 0."""
        return np.zeros(self._shape)

    def leanings(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of traits, then of titles' own parts."""
        return parameters @ self._smooth

    def table(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64[titles, cells + 1]: leanings of titles."""
        traits = self._matrix.shape[1]
        table = np.zeros((len(self._matrix), self._cells + 1))
        table[:, : self._cells] = self.leanings(self._matrix @ parameters[:traits] + parameters[traits:])
        return table

    def fit(self, pairs: Pairs, strength: tuple[float, float], start: NDArray[np.float64]) -> NDArray[np.float64]:
        """The most likely parameters, searched from `start`."""
        titles, traits = self._matrix.shape
        ridge = np.repeat(strength, [traits, titles])[:, None]
        ahead, behind = pairs.places()
        size = titles * (self._cells + 1)

        def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            parameters = flat.reshape(self._shape)
            table = self.table(parameters).ravel()
            odds = table.take(ahead).sum(axis=1) - table.take(behind).sum(axis=1)
            pull = np.repeat(-1 / (1 + np.exp(np.clip(odds, -50, 50))), ahead.shape[1])
            moved = np.bincount(ahead.ravel(), pull, size) - np.bincount(behind.ravel(), pull, size)
            back = moved.reshape(titles, self._cells + 1)[:, : self._cells] @ self._smooth.T
            gradient = np.concatenate([self._matrix.T @ back, back]) + ridge * parameters
            return float(np.logaddexp(0, -odds).sum() + 0.5 * (ridge * parameters**2).sum()), gradient.ravel()

        found = scipy.optimize.minimize(
            loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS, "maxcor": 6}
        )
        return np.asarray(found.x).reshape(self._shape)
