"""What each source says of every title, for one query: the features that the blend joins, a row of scores each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.features.moments import AXES, CELLS, NO_MOMENT
from frontrow.features.velocity import Velocity
from frontrow.models.blend import scales
from frontrow.models.dense import Said
from frontrow.models.lending import Waiting
from frontrow.models.models import Models
from frontrow.models.names import FEATURES, ROW
from frontrow.models.query import Query
from frontrow.models.reading import History, Reading
from frontrow.models.sequence.tokens import HORIZONS
from frontrow.models.settings import ModelSettings

POPULAR = {"popular_2": 2.0, "popular_7": 7.0, "popular_30": 30.0, "popular_ever": float("inf")}
SEQUENCE = tuple(f"sequence_{horizon}" for horizon in HORIZONS)
COUNTRY_HALF_LIFE = 7.0
STEPS = {"watched": 120, "follow": 30}
"""Latest interactions that a matrix is read with."""
RECENT_DECAY = 0.9
TRANSITION_STEPS, TRANSITION_DECAY = 10, 0.6
CONTENT_STEPS, CONTENT_DECAY = 50, 0.95
FRESH_DAYS = 30.0
_Number = TypeVar("_Number", bound=np.generic)
NO_LEANINGS = np.zeros((CELLS, 0), np.float32)
_NONE = np.empty(0, np.int64)
_EVER = -(2**63), 2**63 - 1


class Popularity:
    """Popularity features from Velocity, kept until the counts change.

    A feature is log(1 + views / mean views): the same at every moment without new views, as all fade alike.
    """

    def __init__(self, velocity: Velocity) -> None:
        self.velocity = velocity
        self._kept: dict[tuple[str | None, float], tuple[tuple[int, int], NDArray[np.float32]]] = {}

    def feature(self, half_life: float, now: int | None, country: str | None, n_titles: int) -> NDArray[np.float32]:
        """float32[n_titles]; `now` None: with all views, whatever their time."""
        newest = self.velocity.newest_at
        stands = (self.velocity.revision, newest if now is None else min(now, newest))
        kept = self._kept.get((country, half_life))
        if kept is None or kept[0] != stands or len(kept[1]) != n_titles:
            views = _fit(self.velocity.decayed(half_life, stands[1], country), n_titles)
            mean = float(views.mean()) if n_titles else 0.0
            kept = (stands, np.log1p(views / np.float32(mean)) if mean > 1e-30 else np.zeros(n_titles, np.float32))
            if len(self._kept) > 256:
                self._kept.clear()
            self._kept[(country, half_life)] = kept
        return kept[1]


class Sources:
    """All sources, ready to be asked. Arrays by title number may be shorter than the catalogue: what is beyond their
    end is scored by the sources that know it. `leanings` is what models make of titles' traits, float32[., titles]:
    models.moment.leanings.Leanings. `rankable`, bool[titles], says what may stand in rows (None: all): over these
    features are standardised. `borrowing`, likewise, says what may be lent to (models.lending; None: what may stand in
    rows, so that no episode takes the place of a new title)."""

    def __init__(
        self,
        models: Models | None,
        content: NDArray[np.float32],
        velocity: Velocity | None,
        added_at: NDArray[np.int64] | None,
        leanings: NDArray[np.float32] = NO_LEANINGS,
        rankable: NDArray[np.bool_] | None = None,
        borrowing: NDArray[np.bool_] | None = None,
    ) -> None:
        self.models, self.content, self.added_at, self.rankable = models, content, added_at, rankable
        self.borrowing = rankable if borrowing is None else borrowing
        self.leanings = leanings
        self._waiting: tuple[int, Waiting] | None = None
        self._over: tuple[tuple[int, int], NDArray[np.float32]] = (_EVER, np.empty(0, np.float32))
        self._asked_last: tuple[Query, NDArray[np.float32]] | None = None
        self.settings = ModelSettings() if models is None else models.settings
        self.popularity = None if velocity is None else Popularity(velocity)

    def history(self, query: Query) -> History:
        """What models read of a query."""
        return History.of(query, self.settings.max_history)

    def read(self, query: Query, n_titles: int, borrow_at: int | None = None) -> Reading:
        """What all features say of titles 0 to `n_titles`. One that fails says nothing, the others answer. Of the
        titles that models know nothing of, the newest that are there at `borrow_at` (None: when the query is asked)
        borrow. Features are standardised over all that may stand in rows and is there when the query is asked (where
        nothing is, over what is to come), whoever asks for what, as when weights were learned."""
        rows = np.zeros((len(FEATURES), n_titles), np.float32)
        failed: dict[str, str] = {}
        history = self.history(query)
        for names, fill in self._steps(query, history, n_titles, rows):
            try:
                fill()
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one source, the others answer
                failed |= dict.fromkeys(names, f"{type(error).__name__}: {error}")
                for name in names:
                    rows[ROW[name]] = 0
        waiting = self._waiting_of(n_titles) if len(history) else None
        lent = [] if waiting is None else waiting.at(query.now if borrow_at is None else borrow_at).lend(rows)
        with np.errstate(invalid="ignore", over="ignore"):
            sums = rows.sum(axis=1)  # not finite where any score is not
        for row in np.flatnonzero(~np.isfinite(sums)).tolist():
            failed[FEATURES[row]] = "scores are not finite"
            rows[row] = 0
        mean, scale = scales(rows, self._there(query.now, n_titles))
        return Reading(query, history, rows, mean, scale, failed, _NONE if waiting is None else waiting.titles, lent)

    def _there(self, now: int, n: int) -> NDArray[np.float32]:
        """float32[n]: 1 for what features are standardised over."""
        (since, until), over = self._over
        if len(over) != n or not since <= now < until:
            able = np.ones(n, bool) if self.rankable is None else _fit(self.rankable, n)
            added = np.zeros(n, np.int64) if self.added_at is None else _fit(self.added_at, n)
            there = able & (added <= now)
            over = (there if there.any() else able).astype(np.float32)
            self._over = (_window(added, now), over)
        return over

    def _waiting_of(self, n: int) -> Waiting | None:
        """The titles of which models know nothing yet, and what they borrow from those most like them."""
        if self.models is None:
            return None
        size = min(n, len(self.content))
        if self._waiting is None or self._waiting[0] != size:
            added = None if self.added_at is None else _fit(self.added_at, size)
            able = None if self.borrowing is None else _fit(self.borrowing, size)
            learned, met, kept = self.models.watched.titles, self.models.met, self.models.lending
            self._waiting = (size, Waiting(self.content[:size], learned, met, added, kept, able))
        return self._waiting[1]

    def _steps(
        self, query: Query, history: History, n: int, rows: NDArray[np.float32]
    ) -> list[tuple[tuple[str, ...], Callable[[], None]]]:
        steps: list[tuple[tuple[str, ...], Callable[[], None]]] = []
        models = self.models
        if models is not None and len(history):
            steps += [
                (("linear",), lambda: self._linear(history, n, rows)),
                (("watched", "watched_recent"), lambda: self._watched(history, n, rows)),
                (("follow",), lambda: self._follow(history, n, rows)),
                (("transitions",), lambda: self._transitions(models, history, n, rows)),
            ]
            if models.sequence is not None:
                steps.append((SEQUENCE, lambda: self._sequence(models, query, n, rows)))
        if len(history) and len(self.content):
            steps.append((("content",), lambda: self._content(history, n, rows)))
        if models is not None and not models.succession.silent and len(history):
            steps.append((("leads_on", "sitting"), lambda: self._succession(models, query, n, rows)))
        if models is not None and not models.context.silent and query.moment != NO_MOMENT:
            steps.append((("context",), lambda: self._context(models, query, n, rows)))
        if self.popularity is not None:
            steps.append(((*POPULAR, "country"), lambda: self._popular(query, n, rows)))
        if self.added_at is not None:
            steps.append((("fresh",), lambda: self._fresh(query.now, n, rows)))
        return steps

    def said(self, name: str, history: History) -> tuple[History, Said]:
        """The part of a history that the matrix `name` (linear, watched, follow) is read with, and what it says."""
        part = history.liked() if name == "linear" else history.last(STEPS[name])
        if name not in history.said:
            history.said[name] = getattr(self.models, name).said_by(part.titles)
        return part, history.said[name]

    def _linear(self, history: History, n: int, rows: NDArray[np.float32]) -> None:
        liked, said = self.said("linear", history)
        rows[ROW["linear"]] = said.score(np.ones((1, len(liked)), np.float32), n)[0]

    def _watched(self, history: History, n: int, rows: NDArray[np.float32]) -> None:
        last, said = self.said("watched", history)
        weights = np.stack([np.ones(len(last), np.float32), last.faded(RECENT_DECAY)])
        first = ROW["watched"]
        rows[first : first + 2] = said.score(weights, n)

    def _follow(self, history: History, n: int, rows: NDArray[np.float32]) -> None:
        last, said = self.said("follow", history)
        rows[ROW["follow"]] = said.score(last.faded(self.settings.follow_decay)[None], n)[0]

    @staticmethod
    def _transitions(models: Models, history: History, n: int, rows: NDArray[np.float32]) -> None:
        last = history.last(TRANSITION_STEPS)
        rows[ROW["transitions"]] = models.transitions.score(last.titles, last.faded(TRANSITION_DECAY), n)

    def _sequence(self, models: Models, query: Query, n: int, rows: NDArray[np.float32]) -> None:
        assert models.sequence is not None
        first = ROW[SEQUENCE[0]]
        rows[first : first + len(SEQUENCE)] = models.sequence.score(query, self.content, n)

    def _content(self, history: History, n: int, rows: NDArray[np.float32]) -> None:
        size = min(n, len(self.content))
        np.dot(self.content[:size], self.taste(history), out=rows[ROW["content"], :size])

    def taste(self, history: History) -> NDArray[np.float32]:
        """The mean content of a history, weighted by how much each interaction says: float32[128]."""
        titles, weights = self.tasted(history)
        return weights @ self.content[titles]

    def tasted(self, history: History) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The titles that make up the taste, and their shares of it, which sum to 1."""
        last = history.last(CONTENT_STEPS)
        known = last.titles < len(self.content)
        weights = (last.faded(CONTENT_DECAY) * last.weights)[known]
        return last.titles[known], weights / np.float32(max(float(weights.sum()), 1e-9))

    def _context(self, models: Models, query: Query, n: int, rows: NDArray[np.float32]) -> None:
        leanings = self.leanings[: models.context.cells, :n]
        if leanings.shape[1]:
            rows[ROW["context"], : leanings.shape[1]] = self._moment(models, query) @ leanings

    def _succession(self, models: Models, query: Query, n: int, rows: NDArray[np.float32]) -> None:
        table = self.leanings[models.context.cells :]
        for name, part in (("leads_on", "order"), ("sitting", "sitting")):
            said = models.succession.score(query, table, part, n)
            if said is not None:
                rows[ROW[name], : len(said)] = said

    def _moment(self, models: Models, query: Query) -> NDArray[np.float32]:
        """The context model's reading, kept for the last query: a page asks for it twice."""
        kept = self._asked_last
        if kept is None or kept[0] is not query:
            kept = self._asked_last = (query, models.context.reading(query))
        return kept[1]

    @property
    def axes(self) -> dict[str, slice]:
        """The axes of moments that the context model knows, by name."""
        return AXES if self.models is None else self.models.context.fields.axes

    def suiting(self, query: Query, titles: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32[axes, titles]: what each of `axes` says of titles at the query's moment; they add up to the feature
        `context`."""
        axes = self.axes
        told = np.zeros((len(axes), len(titles)), np.float32)
        known = np.flatnonzero(titles < self.leanings.shape[1])
        if self.models is not None and len(known):
            cells = self.models.context.cells
            given = self.leanings[:cells].take(titles[known], 1) * self._moment(self.models, query)[:, None]
            told[:, known] = np.add.reduceat(given, [axis.start for axis in axes.values()], axis=0)
        return told

    def _popular(self, query: Query, n: int, rows: NDArray[np.float32]) -> None:
        assert self.popularity is not None
        upto = None if query.all_stored else query.now
        for name, half_life in POPULAR.items():
            rows[ROW[name]] = self.popularity.feature(half_life, upto, None, n)
        if query.country is not None:
            rows[ROW["country"]] = self.popularity.feature(COUNTRY_HALF_LIFE, upto, query.country, n)

    def _fresh(self, now: int, n: int, rows: NDArray[np.float32]) -> None:
        assert self.added_at is not None
        fresh = rows[ROW["fresh"], : min(n, len(self.added_at))]
        newest, fading = self._fading
        if now >= newest:
            np.multiply(fading[:n], np.float32(np.exp2((newest - now) / DAY / FRESH_DAYS)), out=fresh)
        else:
            fresh[:] = _freshness(self.added_at[:n], now)

    @cached_property
    def _fading(self) -> tuple[int, NDArray[np.float32]]:
        """The newest title's time, and how fresh each title was then: freshness at a later moment is a multiple."""
        assert self.added_at is not None
        newest = int(self.added_at.max(initial=0))
        return newest, _freshness(self.added_at, newest)


def _freshness(added: NDArray[np.int64], now: int) -> NDArray[np.float32]:
    """1 for a title added now, half of it for each FRESH_DAYS since; 0 for one not added yet, or nobody knows when."""
    days = (now - added) / DAY
    return np.where((added > 0) & (days >= 0), np.exp2(np.minimum(-days, 0) / FRESH_DAYS), 0).astype(np.float32)


def _window(added_at: NDArray[np.int64], now: int) -> tuple[int, int]:
    """From when, until before when the titles added by `now` are those that are there (microseconds UTC)."""
    there = added_at <= now
    return int(added_at[there].max(initial=_EVER[0])), int(added_at[~there].min(initial=_EVER[1]))


def _fit(values: NDArray[_Number], n: int) -> NDArray[_Number]:
    if len(values) == n:
        return values
    fitted = np.zeros(n, values.dtype)
    fitted[: min(n, len(values))] = values[:n]
    return fitted
