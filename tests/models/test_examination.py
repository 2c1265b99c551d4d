"""Places on a page: what is learned of them from a log of known bias, and that ranking learned with it is truer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from frontrow.events.event import TYPE_NUMBER
from frontrow.events.log import NO_CLOCK, EventColumns
from frontrow.features.placements import (
    CELLS,
    COLUMNS,
    NOWHERE,
    Placements,
    Shown,
    came_from,
    cell_of,
    placements_of,
)
from frontrow.models.blend import weights_of
from frontrow.models.ranker.columns import COLUMNS as RANKED
from frontrow.models.ranker.examination import MOST_WEIGHT, Examination, fit_examination
from frontrow.models.ranker.fit import LENGTH, RankList, fit_ranker
from worlds import interactions

SLOTS = 12
HOUR = 3_600_000_000


def looked(slots: int = SLOTS) -> np.ndarray:
    """How likely each place of the first row is looked at in these logs: 1, .71, .58, ..."""
    return 1 / np.sqrt(np.arange(slots) + 1)


def log(count: int, seed: int, sorted_by: float = 1.0):
    """Impressions of pages that were laid by something that knows a part of what is wanted: place, taken, what is known
    (two signals), the truth."""
    rng = np.random.default_rng(seed)
    known = rng.normal(size=(count, SLOTS, 2))
    wanted = 1 / (1 + np.exp(-(-1.5 + 1.2 * known[..., 0] + 0.8 * known[..., 1])))
    shown = np.argsort(-(sorted_by * known[..., 0] + rng.normal(size=(count, SLOTS))), axis=1)  # best first
    known = np.take_along_axis(known, shown[..., None], 1)
    wanted = np.take_along_axis(wanted, shown, 1)
    taken = rng.random((count, SLOTS)) < wanted * looked()
    place = np.broadcast_to(np.arange(SLOTS), (count, SLOTS))
    return cell_of(np.zeros_like(place), place).ravel(), taken.ravel(), known.reshape(-1, 2), wanted.ravel()


@pytest.fixture(scope="module")
def learned() -> Examination:
    cell, taken, known, _ = log(3_000, 0)
    found = fit_examination(cell, taken, known)
    assert found is not None
    return found


def test_how_places_are_looked_at_is_told_apart_from_what_stands_there(learned):
    told = learned.chance[:SLOTS]
    cell, taken, _, _ = log(3_000, 0)
    rate = np.bincount(cell, taken, CELLS)[:SLOTS] / np.bincount(cell, minlength=CELLS)[:SLOTS]
    plain = rate / rate.max()
    assert np.abs(told - looked()).mean() < 0.05
    assert np.abs(plain - looked()).mean() > 2 * np.abs(told - looked()).mean()


def test_what_is_held_out_takes_its_placements_along():
    inside = interactions([(1, 0, 10 * HOUR, 1.0), (1, 1, 50 * HOUR, 1.0), (2, 0, 5 * HOUR, 1.0)])
    shown = [(1, 0, 9), (1, 0, 45), (1, 0, 47), (1, 2, 9), (2, 0, 1), (2, 0, 2), (3, 0, 1)]  # profile, title, hour
    profile, title, hour = (np.array(column) for column in zip(*shown, strict=True))
    count = len(shown)
    placements = Placements(
        np.arange(count), hour * HOUR, profile, title.astype(np.int32), np.zeros(count, np.int64), np.ones(count, bool)
    )
    assert placements.told_by(inside).offset.tolist() == [0, 1, 4]
    assert not len(placements.told_by(inside.take(np.zeros(3, bool))))


def test_choices_weigh_inversely_and_at_most_so_much():
    told = Examination(np.linspace(1, 0, CELLS))
    cells = np.array([0, CELLS // 2, CELLS - 1, NOWHERE], np.int16)
    weights = told.weights(cells)
    assert weights.tolist() == pytest.approx([1, 1 / told.chance[CELLS // 2], MOST_WEIGHT, 1])
    assert weights.dtype == np.float32


def test_too_little_or_one_place_tells_nothing():
    cell, taken, known, _ = log(3_000, 1)
    assert fit_examination(cell[:500], taken[:500], known[:500]) is None
    assert fit_examination(np.zeros_like(cell), taken, known) is None
    assert fit_examination(cell, np.zeros_like(taken), known) is None


def test_places_that_nobody_tells_of_are_like_all():
    cell, taken, known, _ = log(3_000, 2)
    found = fit_examination(cell, taken, known)
    assert found is not None
    assert np.isfinite(found.chance).all()
    assert (found.chance > 0).all()
    assert (found.chance <= 1).all()
    assert np.ptp(found.chance[SLOTS:]) < 1e-9


def test_without_bias_all_places_are_looked_at_alike():
    rng = np.random.default_rng(3)
    cell, _, known, wanted = log(3_000, 3)
    found = fit_examination(cell, rng.random(len(cell)) < wanted, known)
    assert found is not None
    assert found.chance[:SLOTS].min() > 0.85


def lists(count: int, seed: int, examination: Examination | None) -> list[RankList]:
    """What viewers took of pages that an old ranker sorted by popularity, of no use to anybody: what they want is told
    by what-follows. Only what is looked at can be taken."""
    rng, made = np.random.default_rng(seed), []
    follow, popular = RANKED.index("follow"), RANKED.index("popular_7")
    for viewer in range(count):
        table = rng.normal(size=(LENGTH, len(RANKED))).astype(np.float32)
        order = np.argsort(-table[:, popular])
        seen = np.zeros(LENGTH)
        places = np.arange(LENGTH)
        seen[order] = np.where(places < 8 * SLOTS, looked(8 * SLOTS)[np.minimum(places, 8 * SLOTS - 1)] ** 2, 0)
        odds = np.exp(3 * table[:, follow].astype(np.float64)) * seen
        taken = int(rng.choice(LENGTH, p=odds / odds.sum()))
        rank = int(np.flatnonzero(order == taken)[0])
        cell = cell_of(np.array([rank // COLUMNS]), np.array([rank % COLUMNS])).astype(np.int16)
        chosen = places == taken
        weight = None
        if examination is not None:
            weight = np.where(chosen, examination.weights(cell)[0], 1).astype(np.float32)
        made.append(RankList(table, chosen, viewer % 3, viewer, weight))
    return made


def test_ranking_learned_with_the_correction_is_nearer_to_what_is_wanted():
    truly = Examination(np.concatenate([looked(8 * SLOTS) ** 2, np.full(CELLS - 8 * SLOTS, 0.01)]))
    weights = [weights_of({"follow": 0.5, "popular_7": 0.5})] * 3
    rng = np.random.default_rng(9)
    fresh = rng.normal(size=(400, LENGTH, len(RANKED))).astype(np.float32)
    follow, popular = RANKED.index("follow"), RANKED.index("popular_7")
    told = {}
    for name, examination in {"corrected": truly, "plain": None}.items():
        ranking = fit_ranker(lists(1_500, 4, examination), weights, 1)
        assert ranking is not None
        full = replace(ranking.ranker, trust=np.ones(3, np.float32))
        shares = np.eye(3, dtype=np.float32)[:1]
        scores = [table[:, : len(weights[0])] @ weights[0] + full.added(table, shares)[0] for table in fresh]
        told[name] = [
            float(np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(scores, fresh[..., column], strict=True)]))
            for column in (follow, popular)
        ]
    assert told["corrected"][0] > told["plain"][0] + 0.01  # what is wanted
    assert told["corrected"][1] < told["plain"][1] - 0.03  # what the old pages put first


# reading places from a log


def columns(rows) -> EventColumns:
    """From (hours, type, profile, title)."""
    count = len(rows)
    hours, types, profile, title = zip(*rows, strict=True) if rows else ((), (), (), ())
    nan, none = np.full(count, np.nan, np.float32), np.full(count, -1, np.int16)
    return EventColumns(
        np.arange(1, count + 1), (np.array(hours, float) * HOUR).astype(np.int64), np.array(profile, np.int64),
        np.array(title, np.int32), np.array([TYPE_NUMBER[name] for name in types], np.int8), none.astype(np.int8), none,
        nan, nan, nan, np.zeros(count, np.int64), np.ones(count, bool), np.full(count, NO_CLOCK, np.int16), (),
    )  # fmt: skip


def shown(rows) -> Shown:
    """From (hours, profile, title, row, column)."""
    hours, profile, title, row, column = zip(*rows, strict=True)
    return Shown(
        np.arange(len(rows)), (np.array(hours, float) * HOUR).astype(np.int64), np.array(profile, np.int64),
        np.array(title, np.int32), np.array(row, np.int64), np.array(column, np.int64),
    )  # fmt: skip


def test_what_was_taken_and_from_where():
    series_of = np.array([0, 1, 1], np.int32)  # 2 is an episode of 1
    where = shown([(0, 1, 0, 0, 3), (0, 1, 1, 2, 40), (0, 2, 0, 9, 0), (10, 1, 0, 1, 1)])
    events = columns([(1, "select", 1, 0), (2, "play", 1, 2), (9, "play", 2, 0), (10, "play", 1, 0)])
    placed = placements_of(where, events, series_of)
    assert placed.taken.tolist() == [True, True, False, True]  # the third nine hours later
    assert placed.cell.tolist() == [3, 2 * COLUMNS + COLUMNS - 1, 7 * COLUMNS, COLUMNS + 1]
    from frontrow.features.interactions import interactions_of

    played = [(1, "stop", 1, 0), (2, "stop", 1, 2), (9, "stop", 2, 0), (11, "stop", 1, 0)]
    inside = interactions_of(columns(played), series_of)
    assert inside.title.tolist() == [0, 1, 0, 0]
    assert came_from(inside, placed).tolist() == [3, 2 * COLUMNS + COLUMNS - 1, COLUMNS + 1, NOWHERE]
    nothing = placements_of(shown([(500, 7, 7, 0, 0)]), events, series_of)
    assert came_from(inside, nothing).tolist() == [NOWHERE] * 4
