"""The rows of a page, each made by one function from the board; wiring lists them in their order.

A kind that the data cannot fill is absent: the board refuses a shelf with too few titles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.core.horizon import MONTH, SESSION
from frontrow.features.interactions import LIKED
from frontrow.models.names import ROW
from frontrow.recommend.best import best_places
from frontrow.recommend.board import Board, Shelf
from frontrow.recommend.occasion import named_axes, occasion, when
from frontrow.recommend.reasons import MOMENT, TOP
from frontrow.recommend.tuning import Tuning

RowMaker = Callable[[Board], Iterable[Shelf]]

TOP_WHEN = {1: "today", 7: "this week"}
LEAST_SUITING = 0.2
"""Log-odds from which a title is said to suit the moment: a fifth likelier than at the viewer's other times."""


def arranged(makers: Sequence[RowMaker], tuning: Tuning) -> list[RowMaker]:
    """The makers of a page's rows in their order: those that are to come first, then the others as they stand."""
    if not tuning.rows_first and not tuning.rows_without:
        return list(makers)
    by_name = {maker.__name__: maker for maker in makers}
    order = dict.fromkeys([*tuning.rows_first, *by_name])
    return [by_name[name] for name in order if name in by_name and name not in tuning.rows_without]


def continue_watching(board: Board) -> Iterator[Shelf]:
    """Everything in progress, last touched first."""
    going = sorted(board.viewer.seen.in_progress.items(), key=lambda each: -each[1].touched)
    yield _fixed("continue_watching", "Continue watching", [title for title, _ in going], "resume")


def top_picks(board: Board) -> Iterator[Shelf]:
    """The best of everything, for this session."""
    title = "Top picks for you" if len(board.viewer.query) else "Top picks"
    yield _scored(board, "top_picks", title, board.best(None, SESSION, board.columns))


def right_now(board: Board) -> Iterator[Shelf]:
    """What suits the moment: hour, weekday, device and context, as far as they are known and make a difference."""
    scored, row = board.scored, ROW["context"]
    suits = scored.rows[row]
    if scored.grounds is None or not scored.weights[list(board.scores).index(SESSION), row]:
        return
    deep = board.deep(SESSION)
    found = deep[board.free[deep] & (suits[deep] >= LEAST_SUITING)]
    chosen = found[best_places(board.scores[SESSION][found] + suits[found], board.columns)]
    moment = board.viewer.query.moment
    grounds = scored.grounds
    axes = named_axes(grounds.suiting(chosen).mean(axis=1).tolist(), grounds.axes) if len(chosen) else []
    if axes:
        title, reason = "For this moment", MOMENT
        if words := occasion(moment, axes):
            title, reason = f"For {words}", f"Watched more than usual {when(moment, axes)}"
        yield Shelf("right_now", title, chosen, board.scores[SESSION][chosen], "right_now", reason)


def my_list(board: Board) -> Iterator[Shelf]:
    """What the viewer put aside, last added first."""
    listed = sorted(board.viewer.seen.listed.items(), key=lambda each: -each[1])
    yield _fixed("my_list", "My list", [title for title, _ in listed], "listed")


def trending(board: Board) -> Iterator[Shelf]:
    """What gathers viewers now, faster than over the last month."""
    velocity, now, size = board.views.velocity, board.viewer.now, len(board.open)
    recent, usual = (
        velocity.decayed(days, now, all_stored=board.viewer.query.all_stored)[:size]
        for days in (board.tuning.trend_days, 30)
    )
    momentum = np.zeros(size, np.float32)
    momentum[: len(recent)] = np.where(recent > 0.05, recent * recent / np.sqrt(usual + 1), 0)
    yield _by_count(board, "trending", "Trending now", momentum, "trending")


def top10(board: Board) -> Iterator[Shelf]:
    """The ten most watched of the last days, in the viewer's country where enough is watched there."""
    velocity, now, country = board.views.velocity, board.viewer.now, board.viewer.place.country
    days = board.tuning.top_days
    stored = board.viewer.query.all_stored
    counts = velocity.window(days, now, country, stored) if country else np.zeros(0, np.float32)
    own = counts.any() and counts.sum() >= board.tuning.top_country_views
    if not own:
        counts = velocity.window(days, now, all_stored=stored)
    where, when = "in your country " if own else "", TOP_WHEN.get(days, f"of the last {days} days")
    shelf = _by_count(board, "top10", f"{TOP} {where}{when}", counts, "top10", among=board.open)
    shelf.most = 10
    yield shelf


def because_you_watched(board: Board) -> Iterator[Shelf]:
    """For each of the last titles that the viewer liked: what is like it, as this viewer would order it."""
    seeds: list[int] = []
    query = board.viewer.query
    for title, weight in zip(query.titles[::-1].tolist(), query.weights[::-1].tolist(), strict=True):
        if len(seeds) >= board.tuning.because_rows:
            break
        fewer = board.tuning.less_like and title in board.viewer.state.less_like
        if weight >= LIKED and title not in seeds and title < len(board.open) and board.open[title] and not fewer:
            seeds.append(title)
    if not seeds:
        return
    candidates = board.deep(SESSION)
    likeness = board.views.likeness_of(board.viewer.arm.model).among(seeds, candidates)
    for seed, like in zip(seeds, likeness, strict=True):
        open_ones = (board.free.take(candidates) & (like > 0)).nonzero()[0]
        nearest = open_ones[best_places(like[open_ones], 4 * board.columns)]
        numbers = candidates[nearest]
        scores = board.scores[SESSION][numbers]
        order = np.argsort(-(_unit(like[nearest]) + _unit(scores)), kind="stable")
        title = f"Because you watched {board.views.catalogue.name(seed, board.viewer.language)}"
        yield Shelf("because_you_watched", title, numbers[order], scores[order], "because_you_watched", title, seed)


def new_releases(board: Board) -> Iterator[Shelf]:
    """What joined the catalogue lately, the best for this viewer first."""
    now, added = board.viewer.now, board.views.catalogue.added_at
    new = (added > now - board.tuning.new_days * DAY) & (added <= now) & board.open
    if 0 < new.sum() <= board.tuning.new_most_share * board.open.sum():
        yield _scored(board, "new_releases", "New releases", board.best(new, SESSION, board.columns), code="new")


def leaving_soon(board: Board) -> Iterator[Shelf]:
    """What the viewer can watch for a few days more only."""
    viewer, catalogue = board.viewer, board.views.catalogue
    last = viewer.now + board.tuning.leaving_days * DAY
    later = catalogue.rights.mask(viewer.place, last, len(board.open))
    yield _scored(board, "leaving_soon", "Leaving soon", board.best(~later, MONTH, board.columns), code="leaving_soon")


def genres(board: Board) -> Iterator[Shelf]:
    """A row for each genre, those the viewer watches most first, for the coming weeks."""
    for genre in board.genres:
        members = board.views.catalogue.of_genre(genre)
        yield _scored(board, "genre", genre[:1].upper() + genre[1:], board.best(members, MONTH, board.columns), MONTH)


def hidden_gems(board: Board) -> Iterator[Shelf]:
    """What suits the viewer and few have found."""
    velocity, viewer = board.views.velocity, board.viewer
    views = velocity.decayed(math.inf, viewer.now, all_stored=viewer.query.all_stored)[: len(board.open)]
    found = views[views > 0]
    if not len(found):
        return
    few = np.zeros(len(board.open), bool)
    few[: len(views)] = (views > 0) & (views <= _quantile(found, board.tuning.gems_share))
    yield _scored(board, "hidden_gems", "Hidden gems", board.best(few, MONTH, board.columns), MONTH)


def genre_pairs(board: Board) -> Iterator[Shelf]:
    """Where two of the viewer's genres meet."""
    for one, other in combinations(board.genres[: board.tuning.genre_pairs], 2):
        catalogue = board.views.catalogue
        members = catalogue.of_genre(one) & catalogue.of_genre(other)
        title = f"{one[:1].upper()}{one[1:]} meets {other[:1].lower()}{other[1:]}"
        yield _scored(board, "genre", title, board.best(members, MONTH, board.columns), MONTH)


def watch_again(board: Board) -> Iterator[Shelf]:
    """What was watched over so many days ago (30 at least) and liked, the latest first."""
    if not board.viewer.personal:
        return
    before = board.viewer.now - board.tuning.again_days * DAY
    liked = {int(t) for t, w in zip(board.viewer.query.titles, board.viewer.query.weights, strict=True) if w >= LIKED}
    old = [(at, title) for title, at in board.viewer.seen.watched.items() if at < before and title in liked]
    yield _fixed("watch_again", "Watch again", [title for _, title in sorted(old, reverse=True)], "watch_again")


def _fixed(kind: str, title: str, numbers: list[int], code: str) -> Shelf:
    scores = np.linspace(1, 0, len(numbers), endpoint=False, dtype=np.float32)
    return Shelf(kind, title, np.array(numbers, np.int64), scores, code)


def _scored(
    board: Board, kind: str, title: str, numbers: NDArray[np.int64], horizon: object = SESSION, code: str = ""
) -> Shelf:
    chosen = MONTH if horizon == MONTH else SESSION
    return Shelf(kind, title, numbers, board.scores[chosen][numbers], code, horizon=chosen)


def _by_count(
    board: Board, kind: str, title: str, counts: NDArray[np.float32], code: str, among: NDArray[np.bool_] | None = None
) -> Shelf:
    mask = (board.free if among is None else among)[: len(counts)]
    counts = counts[: len(mask)]
    found = np.flatnonzero(mask & (counts > 0))
    best = found[best_places(counts[found], board.columns)]
    return Shelf(kind, title, best, counts[best], code)


def _quantile(values: NDArray[np.float32], share: float) -> np.float32:
    """np.quantile, in a third of its time."""
    place = share * (len(values) - 1)
    below = math.floor(place)
    parted = np.partition(values, below)
    if place == below:
        return np.float32(parted[below])
    above = parted[below + 1 :].min()
    return np.float32(parted[below] + np.float32(place - below) * (above - parted[below]))


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Finite values stretched to 0..1."""
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
