"""The rows of a page, each made by one function from the board; wiring lists them in their order.

A kind that the data cannot fill is absent: the board refuses a shelf with too few titles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from frontrow.core.clock import DAY
from frontrow.core.horizon import MONTH, SESSION
from frontrow.features.interactions import LIKED
from frontrow.recommend.best import best_places
from frontrow.recommend.board import Board, Shelf

RowMaker = Callable[[Board], Iterable[Shelf]]

NEW_AT_MOST = 0.5
"""When more of the catalogue than this share is new, nothing stands out as new."""
TOP_DAYS, TREND_DAYS = 7, 2
LEAST_COUNTRY_VIEWS = 50
"""Views of the last week below which a country has no top 10 of its own."""
AGAIN_DAYS = 30


def continue_watching(board: Board) -> Iterator[Shelf]:
    """Everything in progress, last touched first."""
    going = sorted(board.viewer.seen.in_progress.items(), key=lambda each: -each[1].touched)
    yield _fixed("continue_watching", "Continue watching", [title for title, _ in going], "resume")


def top_picks(board: Board) -> Iterator[Shelf]:
    """The best of everything, for this session."""
    title = "Top picks for you" if len(board.viewer.query) else "Top picks"
    yield _scored(board, "top_picks", title, board.best(None, SESSION, board.columns))


def my_list(board: Board) -> Iterator[Shelf]:
    """What the viewer put aside, last added first."""
    listed = sorted(board.viewer.seen.listed.items(), key=lambda each: -each[1])
    yield _fixed("my_list", "My list", [title for title, _ in listed], "listed")


def trending(board: Board) -> Iterator[Shelf]:
    """What gathers viewers now, faster than over the last month."""
    velocity, now, size = board.views.velocity, board.viewer.now, len(board.open)
    recent, usual = velocity.decayed(TREND_DAYS, now)[:size], velocity.decayed(30, now)[:size]
    momentum = np.zeros(size, np.float32)
    momentum[: len(recent)] = np.where(recent > 0.05, recent * recent / np.sqrt(usual + 1), 0)
    yield _by_count(board, "trending", "Trending now", momentum, "trending")


def top10(board: Board) -> Iterator[Shelf]:
    """The ten most watched of the last week, in the viewer's country where enough is watched there."""
    velocity, now, country = board.views.velocity, board.viewer.now, board.viewer.place.country
    counts = velocity.window(TOP_DAYS, now, country) if country else np.zeros(0, np.float32)
    own = counts.sum() >= LEAST_COUNTRY_VIEWS
    if not own:
        counts = velocity.window(TOP_DAYS, now)
    where = "in your country " if own else ""
    shelf = _by_count(board, "top10", f"Top 10 {where}this week", counts, "top10", among=board.open)
    shelf.most = 10
    yield shelf


def because_you_watched(board: Board) -> Iterator[Shelf]:
    """For each of the last titles that the viewer liked: what is like it, as this viewer would order it."""
    seeds: list[int] = []
    query = board.viewer.query
    for title, weight in zip(query.titles[::-1].tolist(), query.weights[::-1].tolist(), strict=True):
        if len(seeds) >= board.viewer.arm.tuning.because_rows:
            break
        if weight >= LIKED and title not in seeds and title < len(board.open) and board.open[title]:
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
    new = (added > now - board.viewer.arm.tuning.new_days * DAY) & (added <= now) & board.open
    if 0 < new.sum() <= NEW_AT_MOST * board.open.sum():
        yield _scored(board, "new_releases", "New releases", board.best(new, SESSION, board.columns), code="new")


def leaving_soon(board: Board) -> Iterator[Shelf]:
    """What the viewer can watch for a few days more only."""
    viewer, catalogue = board.viewer, board.views.catalogue
    last = viewer.now + viewer.arm.tuning.leaving_days * DAY
    later = catalogue.rights.mask(viewer.place, last, len(board.open))
    yield _scored(board, "leaving_soon", "Leaving soon", board.best(~later, MONTH, board.columns), code="leaving_soon")


def genres(board: Board) -> Iterator[Shelf]:
    """A row for each genre, those the viewer watches most first, for the coming weeks."""
    for genre in board.genres:
        members = board.views.catalogue.of_genre(genre)
        yield _scored(board, "genre", genre[:1].upper() + genre[1:], board.best(members, MONTH, board.columns), MONTH)


def hidden_gems(board: Board) -> Iterator[Shelf]:
    """What suits the viewer and few have found."""
    views = board.views.velocity.decayed(math.inf, board.viewer.now)[: len(board.open)]
    found = views[views > 0]
    if not len(found):
        return
    few = np.zeros(len(board.open), bool)
    few[: len(views)] = (views > 0) & (views <= _median(found))
    yield _scored(board, "hidden_gems", "Hidden gems", board.best(few, MONTH, board.columns), MONTH)


def genre_pairs(board: Board) -> Iterator[Shelf]:
    """Where two of the viewer's genres meet."""
    for one, other in combinations(board.genres[: board.viewer.arm.tuning.genre_pairs], 2):
        catalogue = board.views.catalogue
        members = catalogue.of_genre(one) & catalogue.of_genre(other)
        title = f"{one[:1].upper()}{one[1:]} meets {other[:1].lower()}{other[1:]}"
        yield _scored(board, "genre", title, board.best(members, MONTH, board.columns), MONTH)


def watch_again(board: Board) -> Iterator[Shelf]:
    """What was watched over 30 days ago and liked, the latest first."""
    if not board.viewer.personal:
        return
    before = board.viewer.now - AGAIN_DAYS * DAY
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


def _median(values: NDArray[np.float32]) -> np.float32:
    """np.median, in a third of its time."""
    middle = len(values) // 2
    parted = np.partition(values, middle)
    if len(values) % 2:
        return np.float32(parted[middle])
    median: np.float32 = np.array([parted[:middle].max(), parted[middle]]).mean()
    return median


def _unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Finite values stretched to 0..1."""
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
