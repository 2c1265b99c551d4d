"""Titles as numbers: what each is about, when it came, how famous it is, and whom it suits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from frontrow.simulate import leanings
from frontrow.simulate.cast import Cast
from frontrow.simulate.places import CODES, COUNTRIES, LANGUAGES, OF_ORIGIN
from frontrow.simulate.settings import WorldSettings
from frontrow.simulate.words import GENRES, KIDS_GENRES, MOODS, THEMES

KINDS: Final = ("movie", "series", "clip", "game", "live")
_KIND_SHARE = (0.64, 0.28, 0.04, 0.02, 0.02)
DIMS: Final = 12
KIDS_AGE: Final = 7
KIDS_SHARE, NEW_SHARE, RECENT_SHARE = 0.18, 0.15, 0.10
FRANCHISE_SHARE, MAX_PARTS = 0.14, 4
DEALT: Final = 8
HEADLINER, HEADLINER_DAYS = 2.5, 2
"""Every other day a title comes that the whole service talks of, of this fame; everybody may see it."""
NOBODY: Final = -1
_ADULT_AGES = {"Horror": (16, 18), "Crime": (12, 18), "Thriller": (12, 18), "Action": (12, 16), "Drama": (6, 16),
               "Mystery": (7, 16), "Romance": (6, 14), "Comedy": (6, 14)}  # fmt: skip


@dataclass(frozen=True)
class Traits:
    """Arrays by title number. `genres`, `moods`, `themes`, `people` are numbers of theirs (−1: none), the first being
    the main one; `suits` is float64[n, 12] of length 1: who likes one direction likes what lies in it. `added` is the
    day it came, counted from the first day (negative: before). `shown` says whose genres, moods, themes, people,
    origin, languages and year a title's record shows: its own, unless the effect `content` is off."""

    kind: NDArray[np.int64]
    kids: NDArray[np.bool_]
    genres: NDArray[np.int64]
    moods: NDArray[np.int64]
    themes: NDArray[np.int64]
    people: NDArray[np.int64]
    origin: NDArray[np.int64]
    audio: NDArray[np.bool_]
    runtime: NDArray[np.float64]
    maturity: NDArray[np.int64]
    year: NDArray[np.int64]
    added: NDArray[np.int64]
    fame: NDArray[np.float64]
    episodes: NDArray[np.int64]
    next_part: NDArray[np.int64]
    part: NDArray[np.int64]
    suits: NDArray[np.float64]
    shown: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kind)


def make_traits(settings: WorldSettings, cast: Cast) -> Traits:
    """All titles of a world."""
    rng, n = settings.stream("traits"), settings.titles
    kind = rng.choice(len(KINDS), n, p=_KIND_SHARE)
    kids = (rng.random(n) < KIDS_SHARE) & (kind < 3)
    genres, moods, themes = _about(rng, n, kids)
    share = np.array([country.titles for country in COUNTRIES])
    origin = rng.choice(len(CODES), n, p=share / share.sum())
    people = _people(rng, cast, genres[:, 0], origin)
    added = _added(rng, n, settings.days)
    year = np.where(added > -120, 2026 - (rng.random(n) < 0.6), 2026 - rng.geometric(0.09, n).clip(1, 60))
    parts = _franchises(rng, kind, kids, genres, moods, themes, people, origin, year, added)
    runtime, episodes = _lengths(rng, kind, kids)
    fame = _fame(rng, added, kids) + 0.1 * cast.fame[people[:, 1:3]].mean(axis=1)
    fame[_headliners(added, np.flatnonzero(~kids & (kind < 2) & (parts[1] <= 1)))] = HEADLINER
    shown = np.arange(n) if settings.has("content") else settings.stream("content off").permutation(n)
    return Traits(
        kind, kids, genres, moods, themes, people, origin, _audio(rng, origin), runtime,
        _maturity(rng, kids, genres[:, 0]), year, added, fame, episodes, *parts,
        _suits(settings, cast, genres, moods, themes, people), shown,
    )  # fmt: skip


def _about(
    rng: np.random.Generator, n: int, kids: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Genres [n, 3], moods [n, 2], themes [n, 3]; all lean on the main genre."""
    adult_share = np.array([0.0 if g in KIDS_GENRES else 1.0 / (rank + 4) for rank, g in enumerate(GENRES)])
    kids_share = np.array([1.0 if g in KIDS_GENRES else 0.0 for g in GENRES])
    genres = np.full((n, 3), NOBODY)
    genres[:, 0] = np.where(
        kids,
        rng.choice(len(GENRES), n, p=kids_share / kids_share.sum()),
        rng.choice(len(GENRES), n, p=adult_share / adult_share.sum()),
    )
    second = _two_of(rng, leanings.second_genres(), genres[:, 0])
    genres[:, 1] = np.where(rng.random(n) < 0.7, second[:, 0], NOBODY)
    genres[:, 2] = np.where((rng.random(n) < 0.25) & (genres[:, 1] >= 0), second[:, 1], NOBODY)
    moods = _two_of(rng, leanings.moods(rng), genres[:, 0])
    themes = _most_of(rng, leanings.themes(rng), genres[:, 0], 3)
    themes[rng.random(n) < 0.5, 2] = NOBODY
    return genres, moods, themes


def _two_of(rng: np.random.Generator, shares: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two different columns for each row number, by the row's shares."""
    return _most_of(rng, shares, row, 2)


def _most_of(
    rng: np.random.Generator, shares: NDArray[np.float64], row: NDArray[np.int64], many: int
) -> NDArray[np.int64]:
    """As many different columns for each row number, by the row's shares (0: never)."""
    with np.errstate(divide="ignore"):
        chance = np.log(shares)[row]
    return np.argsort(-(rng.gumbel(size=chance.shape) + chance), axis=1, kind="stable")[:, :many]


def _people(
    rng: np.random.Generator, cast: Cast, genre: NDArray[np.int64], origin: NDArray[np.int64]
) -> NDArray[np.int64]:
    """A director and up to four of the cast [n, 5]: mostly of the origin's country, and of the genre's speciality."""
    n = len(genre)
    people = np.full((n, 5), NOBODY)
    weight = np.exp(0.6 * cast.fame)
    for code in range(len(CODES)):
        for main in range(len(GENRES)):
            rows = np.flatnonzero((origin == code) & (genre == main))
            fits = weight * np.where(cast.country == code, 1.0, 0.01) * np.where(cast.genre == main, 1.0, 0.05)
            cumulated = np.cumsum(fits)
            drawn = np.searchsorted(cumulated, rng.random((len(rows), 5)) * cumulated[-1], side="right")
            people[rows] = drawn.clip(max=len(weight) - 1)
    for later in range(1, 5):  # nobody twice
        again = (people[:, :later] == people[:, later : later + 1]).any(axis=1)
        people[again, later] = NOBODY
    people[rng.random(n) < 0.3, 4] = NOBODY
    return people


def _added(rng: np.random.Generator, n: int, days: int) -> NDArray[np.int64]:
    """Some titles come within the history, some in the month before; the others have been there for long."""
    u = rng.random(n)
    added = -rng.integers(30, 1_500, n)
    added = np.where(u < NEW_SHARE + RECENT_SHARE, -rng.integers(1, 30, n), added)
    return np.where(u < NEW_SHARE, rng.integers(0, days, n), added)


def _franchises(
    rng: np.random.Generator, kind: NDArray[np.int64], kids: NDArray[np.bool_], *shared: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Binds films into series of two to four parts; returns the next part (−1: none) and the part's number (0: no
    part of any). Parts share what they are about (arrays changed in place) and come out in order."""
    genres, moods, themes, people, origin, year, added = shared
    next_part, part = np.full(len(kind), NOBODY), np.zeros(len(kind), np.int64)
    for group in (kids, ~kids):
        films = rng.permutation(np.flatnonzero((kind == 0) & group))[: int(FRANCHISE_SHARE * (kind == 0).sum())]
        films = films[: round(len(films) * group.mean())]
        start = 0
        while start + 2 <= len(films):
            size = min(2 + int(rng.integers(0, MAX_PARTS - 1)), len(films) - start)
            members = films[start : start + size]
            start += size
            lead = members[0]
            for array in (genres, themes, people):
                array[members] = array[lead]
            moods[members], origin[members] = moods[lead], origin[lead]
            added[members], year[members] = np.sort(added[members]), np.sort(year[members])
            next_part[members[:-1]] = members[1:]
            part[members] = np.arange(1, size + 1)
    return next_part, part


def _lengths(
    rng: np.random.Generator, kind: NDArray[np.int64], kids: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Minutes (of an episode, for series), and how many episodes."""
    n = len(kind)
    film = (rng.normal(104, 17, n) - 22 * kids).clip(58, 190).round()
    episode = np.where(kids, rng.choice([11, 22, 24], n), rng.choice([24, 30, 44, 52, 58], n)).astype(np.float64)
    other = np.where(kind == 2, rng.integers(3, 14, n), np.where(kind == 3, 40, 120))
    runtime = np.where(kind == 0, film, np.where(kind == 1, episode, other))
    return runtime, np.where(kind == 1, 4 + rng.geometric(0.14, n).clip(max=26), 0)


def _fame(rng: np.random.Generator, added: NDArray[np.int64], kids: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Normal, but dealt evenly over time: of every eight titles that come one after the other, one is a hit."""
    fame = np.empty(len(added))
    for group in (kids, ~kids):
        members = np.flatnonzero(group)
        members = members[np.lexsort((rng.random(len(members)), added[members]))]
        dealt = np.concatenate([rng.permutation(DEALT) for _ in range(0, len(members) + DEALT, DEALT)])[: len(members)]
        fame[members] = ndtri((dealt + 0.25 + 0.5 * rng.random(len(members))) / DEALT)
    return fame


def _headliners(added: NDArray[np.int64], fit: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first of the fit titles that come in each slot of two days, from the month before the history on."""
    slot = added[fit] // HEADLINER_DAYS
    slots, first = np.unique(slot, return_index=True)
    return fit[first[slots >= -30 // HEADLINER_DAYS]]


def _audio(rng: np.random.Generator, origin: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Languages that a title can be heard in: its own, English often, others sometimes."""
    chance = np.array([0.55 if language == "en" else 0.28 for language in LANGUAGES])
    audio = rng.random((len(origin), len(LANGUAGES))) < chance
    own = np.array([LANGUAGES.index(OF_ORIGIN[code]) for code in CODES])
    audio[np.arange(len(origin)), own[origin]] = True
    return audio


def _maturity(rng: np.random.Generator, kids: NDArray[np.bool_], genre: NDArray[np.int64]) -> NDArray[np.int64]:
    low, high = (np.array([_ADULT_AGES.get(name, (6, 14))[end] for name in GENRES]) for end in (0, 1))
    steps = np.array([0, 6, 7, 12, 14, 16, 18])
    drawn = low[genre] + rng.random(len(genre)) * (high - low + 1)[genre]
    adult = steps[np.searchsorted(steps, drawn, side="right") - 1]
    return np.where(kids, rng.choice([0, 0, 6, KIDS_AGE], len(genre)), adult)


def _suits(
    settings: WorldSettings,
    cast: Cast,
    genres: NDArray[np.int64],
    moods: NDArray[np.int64],
    themes: NDArray[np.int64],
    people: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Directions of taste: of genres, moods, themes and people, and a little that no record tells."""
    rng = settings.stream("suits")
    genre, mood, theme = (_directions(rng, len(names)) for names in (GENRES, MOODS, THEMES))
    person = 0.7 * _directions(rng, len(cast.name)) + 0.3 * genre[cast.genre]
    own = _directions(rng, len(genres))
    total = 0.35 * own
    for directions, numbers, weights in (
        (genre, genres, (1.0, 0.5, 0.25)), (mood, moods, (0.8, 0.4)), (theme, themes, (0.9, 0.7, 0.5)),
        (person, people, (0.4, 0.35, 0.25, 0.0, 0.0)),
    ):  # fmt: skip
        known = np.vstack([directions, np.zeros((1, DIMS))])  # −1 is the last row
        for column, weight in enumerate(weights):
            total += weight * known[numbers[:, column]]
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))


def _directions(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    drawn = rng.standard_normal((n, DIMS))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))
