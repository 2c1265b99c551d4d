"""Each effect leaves a trace that can be measured, and that is gone when the effect is left out."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import played

from frontrow.simulate.sessions import first_weekday
from frontrow.simulate.utilities import context_of
from frontrow.simulate.viewers import DEVICES
from frontrow.simulate.words import GENRES, MOODS, THEMES

TIMES = 60


def begun(without):
    """Plays that begin something, in order of viewer and time, without films' later parts."""
    world, sessions, plays = played(without)
    kept = ~plays.went_on & (world.traits.part[plays.title] <= 1)
    return world, sessions, plays, np.flatnonzero(kept)


def shuffled_within(rng, groups, values):
    """Values exchanged among those of one group."""
    order = np.lexsort((rng.random(len(groups)), groups))
    mixed = np.empty_like(values)
    mixed[np.argsort(groups, kind="stable")] = values[order]
    return mixed


def beyond_chance(statistic, chance):
    """How many standard deviations a statistic lies above those of shuffled data."""
    return (statistic - np.mean(chance)) / np.std(chance)


def context(without):
    """Of the first thing begun in a session: do parts of the day and devices go with moods, within a viewer?"""
    world, sessions, plays, rows = begun(without)
    rows = rows[np.diff(plays.session[rows], prepend=-1) > 0]
    local = plays.at[rows] + sessions.offset[plays.session[rows]]
    when = context_of(local, first_weekday(world.settings), sessions.device[plays.session[rows]])
    where = when // (2 * len(DEVICES)) * len(DEVICES) + when % len(DEVICES)
    mood, viewer = world.traits.moods[plays.title[rows], 0], plays.viewer[rows]

    def dependence(place):
        table = np.zeros((int(place.max()) + 1, len(MOODS)))
        np.add.at(table, (place, mood), 1)
        even = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
        return ((table - even) ** 2 / np.maximum(even, 1e-9)).sum()

    rng = np.random.default_rng(1)
    return beyond_chance(dependence(where), [dependence(shuffled_within(rng, viewer, where)) for _ in range(TIMES)])


def culture(without):
    """Of titles that are open everywhere: does a viewer's country go with the origin?"""
    world, _, plays, rows = begun(without)
    everywhere = ~np.isin(np.arange(len(world.traits)), world.offers.title)
    rows = rows[everywhere[plays.title[rows]]]
    origin, viewer = world.traits.origin[plays.title[rows]], plays.viewer[rows]

    def at_home(country):
        return (country[viewer] == origin).mean()

    rng, country = np.random.default_rng(2), world.viewers.country
    return beyond_chance(at_home(country), [at_home(rng.permutation(country)) for _ in range(TIMES)])


def labels_shown(world):
    """What records tell of each title: genres, moods and themes, float[titles, labels]."""
    traits, shown = world.traits, world.traits.shown
    labels = np.zeros((len(traits), len(GENRES) + len(MOODS) + len(THEMES)))
    first = 0
    for numbers, names in ((traits.genres, GENRES), (traits.moods, MOODS), (traits.themes, THEMES)):
        for column in range(numbers.shape[1]):
            known = numbers[shown, column] >= 0
            labels[known, first + numbers[shown, column][known]] = 1
        first += len(names)
    return labels - labels.mean(axis=0)


def content(without):
    """Do the labels of what a viewer plays of one half of the catalogue tell those of the other half?"""
    world, _, plays, rows = begun(without)
    rows = rows[(world.viewers.limit > 20)[plays.viewer[rows]]]
    labels = labels_shown(world)
    found = []
    for split in range(8):  # any one split has coincidences
        half = np.random.default_rng(split).random(len(world.traits)) < 0.5
        one, other = (means(plays, rows[half[plays.title[rows]] == side], labels) for side in (True, False))
        both = np.isfinite(one[:, 0]) & np.isfinite(other[:, 0])
        one, other = one[both] - one[both].mean(axis=0), other[both] - other[both].mean(axis=0)
        found.append((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
    return 100 * float(np.mean(found))


def means(plays, rows, values):
    """The mean of values over the titles that each viewer began (NaN: none)."""
    viewers = int(plays.viewer.max()) + 1
    pairs = np.unique(np.column_stack([plays.viewer[rows], plays.title[rows]]), axis=0)
    total, count = np.zeros((viewers, values.shape[1])), np.bincount(pairs[:, 0], minlength=viewers)
    np.add.at(total, pairs[:, 0], values[pairs[:, 1]])
    with np.errstate(invalid="ignore"):
        return np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan)


def sequence(without):
    """From one session to the next: is the mood that follows the last one begun more often?"""
    world, _, plays, rows = begun(without)
    mood, viewer = world.traits.moods[plays.title[rows], 0], plays.viewer[rows]
    expected = world.utilities.follower[mood[:-1]]
    pairs = (viewer[1:] == viewer[:-1]) & (plays.session[rows][1:] != plays.session[rows][:-1])
    rng = np.random.default_rng(3)
    chance = [(expected == shuffled_within(rng, viewer, mood)[1:])[pairs].mean() for _ in range(TIMES)]
    return beyond_chance((expected == mood[1:])[pairs].mean(), chance)


def session(without):
    """Is what is begun in the mood that the session is for?"""
    world, sessions, plays, rows = begun(without)
    mood, viewer = world.traits.moods[plays.title[rows], 0], plays.viewer[rows]
    intent = sessions.intent[plays.session[rows]]
    rng = np.random.default_rng(4)
    return beyond_chance(
        (intent == mood).mean(), [(shuffled_within(rng, viewer, intent) == mood).mean() for _ in range(TIMES)]
    )


def alike_in_one_session(without):
    """How often two things begun in one session share their mood."""
    world, _, plays, rows = begun(without)
    mood, visit = world.traits.moods[plays.title[rows], 0], plays.session[rows]
    return (mood[1:] == mood[:-1])[visit[1:] == visit[:-1]].mean()


def drift(without):
    """Do titles that lie where a taste is going to come later than those that lie where it was, within a viewer?"""
    world, _, plays, rows = begun(without)
    taste, going = world.viewers.taste, played()[0].viewers.later
    going = going - (going * taste).sum(axis=1, keepdims=True) * taste  # what suits them now is used up in time
    viewer = plays.viewer[rows]
    lies = (going[viewer] * world.traits.suits[plays.title[rows]]).sum(axis=1)
    time = plays.at[rows] - means_of(viewer, plays.at[rows])[viewer]
    rng = np.random.default_rng(5)
    return beyond_chance(
        (lies * time).mean(), [(shuffled_within(rng, viewer, lies) * time).mean() for _ in range(TIMES)]
    )


def means_of(group, values):
    """The mean of each group."""
    return np.bincount(group, values) / np.maximum(np.bincount(group), 1)


MEASURES = {
    "context": (context, 12, 4),
    "culture": (culture, 12, 4),
    "content": (content, 6, 2),
    "sequence": (sequence, 12, 4),
    "session": (session, 12, 4),
    "drift": (drift, 8, 4),
}
"""The measure of each effect, what it is at least with the effect, and at most without."""


@pytest.mark.parametrize("effect", MEASURES)
def test_an_effect_can_be_seen_and_is_gone_when_left_out(effect):
    measure, least, most = MEASURES[effect]
    assert measure("") > least
    assert abs(measure(effect)) < most


@pytest.mark.parametrize("effect", MEASURES)
def test_an_effect_left_out_leaves_the_others(effect):
    for other, (measure, least, _) in MEASURES.items():
        if other != effect:
            assert measure(effect) > least / 2, other


@pytest.mark.parametrize("effect", MEASURES)
def test_an_effect_left_out_changes_neither_titles_nor_habits(effect):
    (one, sessions, _), (other, without, _) = played(), played(effect)
    for name in ("kind", "runtime", "maturity", "year", "added", "origin", "fame", "episodes", "suits"):
        np.testing.assert_array_equal(getattr(one.traits, name), getattr(other.traits, name))
    np.testing.assert_array_equal(one.traits.shown == np.arange(len(one.traits)), np.full(len(one.traits), True))
    assert (other.traits.shown == np.arange(len(one.traits))).mean() == pytest.approx(
        float(effect != "content"), abs=0.05
    )
    for name in ("country", "language", "limit", "created", "device", "rhythm", "taste"):
        np.testing.assert_array_equal(getattr(one.viewers, name), getattr(other.viewers, name))
    np.testing.assert_array_equal(sessions.start, without.start)
    np.testing.assert_array_equal(sessions.intent, without.intent)


def test_the_first_minutes_of_a_session_tell_the_next():
    assert alike_in_one_session("") > 1.15 * alike_in_one_session("session")


def test_the_parts_of_a_film_series_are_watched_in_order():
    world, _, plays = played()
    before = np.full(len(world.traits), -1)
    has = world.traits.next_part >= 0
    before[world.traits.next_part[has]] = np.flatnonzero(has)
    first = {}
    for viewer, title, at in zip(plays.viewer.tolist(), plays.title.tolist(), plays.at.tolist(), strict=True):
        first.setdefault((viewer, title), at)
    later = [(viewer, title, at) for (viewer, title), at in first.items() if before[title] >= 0]
    in_order = [first.get((viewer, before[title]), np.inf) < at for viewer, title, at in later]
    assert len(later) > 100
    assert np.mean(in_order) > 0.6


def test_what_is_played_is_what_is_wanted():
    """More of what suits is watched to the end, and liked."""
    world, _, plays = played()
    suits = (world.viewers.taste[plays.viewer] * world.traits.suits[plays.title]).sum(axis=1)
    finished = plays.to >= 0.9
    assert suits[finished].mean() > suits[~finished].mean() + 0.02
    assert suits[plays.thumb >= 4].mean() > suits[plays.thumb == 1].mean()
    assert set(np.unique(plays.thumb)) == {0, 1, 4, 5}
