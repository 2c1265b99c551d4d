"""Training rows: viewers' histories laid end to end in random order and cut into rows of one length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.features.interactions import LIKED, Interactions
from frontrow.features.moments import AXES, NO_FIELDS, Fields
from frontrow.models.sequence.tokens import (
    COUNTRIES,
    FIRST,
    HORIZONS,
    Moment,
    Tokens,
    gap_bucket,
    gaps_before,
    minutes_since,
    strength_bucket,
)

SESSION_EVENTS = 5
MONTH_DAYS = 30
_UNSAID = 0.4
"""Share of questions without a time, of those without hour and device, and of those without fields of the context: as
requests are asked that say none of them."""
_FAR_SHARE = 4
"""One of so many interactions asks about the session or the days after, too."""
_NOT_LIKED = 0.2
"""What counts of a question about days to come where what followed was not liked, and of one about the session where
it was disliked or hardly begun. The next play counts whatever became of it."""


@dataclass(frozen=True)
class Question:
    """When and for what is asked, the right title numbers, and what each counts (float32, 0: no question), all of one
    shape."""

    moment: Moment
    answer: NDArray[np.int32]
    counts: NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Rows of t interactions, each asking what is watched next; some of them, at `far_place` (int64[rows, t // 4]), ask
    about the session or the days after, too. `apart` is bool[rows, t, t].
    """

    tokens: Tokens
    apart: NDArray[np.bool_]
    next: Question
    far: Question
    far_place: NDArray[np.int64]


class Histories:
    """Interactions prepared once, from which every epoch draws rows.

    `country` is the number (0: other) of each interaction's country; `fields` of the context are what the model knows.
    """

    def __init__(self, interactions: Interactions, country: NDArray[np.int32], fields: Fields = NO_FIELDS) -> None:
        self.title = interactions.title
        self.at = interactions.at
        self.weight = interactions.weight
        self.country = country
        self.fields, self.cells = fields, interactions.cells(fields).astype(np.int32)
        self.first = np.flatnonzero(np.diff(interactions.profile, prepend=-1) != 0)
        self.last = np.append(self.first[1:], len(interactions)) if len(interactions) else self.first
        lengths = self.last - self.first
        self.viewer = np.repeat(np.arange(len(self.first)), lengths)
        self.end = self.last[self.viewer]
        self.gap = gap_bucket(gaps_before(self.at))
        self.gap[self.first] = FIRST
        self.strength = strength_bucket(self.weight)
        days = (self.at - (self.at.min() if len(self.at) else 0)) / DAY
        span = float(days.max()) + MONTH_DAYS + 1 if len(days) else 1.0
        key = self.viewer * span + days
        self.month_end = np.minimum(np.searchsorted(key, key + MONTH_DAYS, side="right"), self.end)

    def rows(self, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """int64[rows, length]: places of interactions, in new random order of viewers; what does not fill a row waits
        for another epoch (-1 fills the only row of a small log)."""
        lengths = self.last - self.first - 1  # the last one of each viewer asks nothing
        order = rng.permutation(np.flatnonzero(lengths > 0))
        lengths, first = lengths[order], self.first[order]
        total = int(lengths.sum())
        starts = np.repeat(first - np.append(0, np.cumsum(lengths)[:-1]), lengths)
        places = np.arange(total) + starts
        if not total:
            return np.empty((0, length), np.int64)
        if total < length:
            return np.append(places, np.full(length - total, -1))[None]
        skip = int(rng.integers(total % length + 1))
        rows: NDArray[np.int64] = places[skip : skip + total // length * length].reshape(-1, length)
        return rows

    def batch(self, places: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        """The rows at int64[rows, t] with a random question for each of their interactions."""
        tokens, place, real, apart = self._read(places)
        t = place.shape[1]
        far_place = np.sort(rng.integers(0, t, (len(place), max(1, t // _FAR_SHARE))), axis=1)
        return Batch(
            tokens=tokens,
            apart=apart,
            next=self._next(place, real, rng),
            far=self._far(np.take_along_axis(place, far_place, 1), np.take_along_axis(real, far_place, 1), rng),
            far_place=far_place,
        )

    def ahead(self, places: NDArray[np.int64]) -> tuple[Tokens, Question, NDArray[np.bool_]]:
        """The rows at int64[rows, t], what comes next after each of their interactions, at the moment when it came, and
        which of them must not see each other."""
        tokens, place, real, apart = self._read(places)
        after = np.minimum(place + 1, max(len(self.title) - 1, 0))
        moment = Moment(
            gap_bucket(self.at[after] - self.at[place]), np.zeros(place.shape, np.int32), self.country[place],
            self.cells[after],
        )  # fmt: skip
        return tokens, Question(moment, self.title[after], real.astype(np.float32)), apart

    def _read(
        self, places: NDArray[np.int64]
    ) -> tuple[Tokens, NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """What rows read: tokens, the place of each, whether it is real, and which must not see each other."""
        real = places >= 0
        place = np.maximum(places, 0)
        broken = np.ones(place.shape, bool)
        broken[:, 1:] = (place[:, 1:] != place[:, :-1] + 1) | (self.viewer[place[:, 1:]] != self.viewer[place[:, :-1]])
        part = np.cumsum(broken, axis=1)
        tokens = Tokens(
            self.title[place],
            self.strength[place],
            np.where(broken & (self.gap[place] != FIRST), 0, self.gap[place]).astype(np.int32),
            minutes_since(self.at[place], self.at[place[:, :1]]),
        )
        return tokens, place, real, part[:, :, None] != part[:, None, :]

    def _next(self, place: NDArray[np.int64], real: NDArray[np.bool_], rng: np.random.Generator) -> Question:
        horizon = np.zeros(place.shape, np.int32)
        return Question(self._moment(place, horizon, rng), self.title[place + 1], real.astype(np.float32))

    def _far(self, place: NDArray[np.int64], real: NDArray[np.bool_], rng: np.random.Generator) -> Question:
        """What is watched in the session or in the days after each of `place`, by chance."""
        session = rng.random(place.shape) < 0.5
        end = np.where(session, np.minimum(place + 1 + SESSION_EVENTS, self.end[place]), self.month_end[place])
        ahead = place + 1 + (rng.random(place.shape) * np.maximum(end - place - 1, 1)).astype(np.int64)
        horizon = np.where(session, HORIZONS.index("session"), HORIZONS.index("days")).astype(np.int32)
        liked = self.weight[ahead] >= np.where(session, np.finfo(np.float32).tiny, np.float32(LIKED))
        counts = np.where(liked, 1, _NOT_LIKED) * real
        return Question(self._moment(place, horizon, rng), self.title[ahead], counts.astype(np.float32))

    def _moment(self, place: NDArray[np.int64], horizon: NDArray[np.int32], rng: np.random.Generator) -> Moment:
        said, told = rng.random((2, *place.shape)) >= _UNSAID
        gap = gap_bucket(self.at[place + 1] - self.at[place])
        unknown = np.int32(self.fields.cells)
        cells = np.where(told[..., None], self.cells[place + 1], unknown)
        if self.fields:  # who says the hour need not say more
            cells[..., len(AXES) :] = self.cells[place + 1][..., len(AXES) :]
            cells[rng.random(place.shape) < _UNSAID, len(AXES) :] = unknown
        return Moment(np.where(said, gap, 0).astype(np.int32), horizon, self.country[place], cells)


def batches(histories: Histories, length: int, rows: int, rng: np.random.Generator) -> Iterator[Batch]:
    """One epoch. Every batch has the same shape, as a compiled step needs it; a rest of rows is filled with repeats
    that ask nothing."""
    places = histories.rows(length, rng)
    places = places[rng.permutation(len(places))]
    for start in range(0, len(places), rows):
        part = places[start : start + rows]
        if len(part) < rows:
            part = np.concatenate([part, np.full((rows - len(part), length), -1)])
        yield histories.batch(part, rng)


def numbered_countries(interactions: Interactions) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """The most frequent countries, at most COUNTRIES, and each interaction's number: 1.. in that order, else 0."""
    counts = np.bincount(interactions.country[interactions.country >= 0], minlength=len(interactions.countries))
    frequent = np.argsort(-counts, kind="stable")[:COUNTRIES]
    frequent = frequent[counts[frequent] > 0]
    number = np.zeros(len(interactions.countries) + 1, np.int32)  # the last place is read for -1
    number[frequent] = np.arange(1, len(frequent) + 1)
    return tuple(interactions.countries[place] for place in frequent.tolist()), number[interactions.country]
