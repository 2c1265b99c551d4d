"""Cold starts: who is asked about new titles, and new profiles after few events."""

from __future__ import annotations

import numpy as np
import pytest

from frontrow.catalog.title import Title
from frontrow.core.clock import DAY
from frontrow.core.horizon import MONTH, NEXT, SESSION, Horizon
from frontrow.evaluate.asking import WHOLE
from frontrow.evaluate.cold_start import new_profiles, new_titles
from frontrow.evaluate.evaluation import evaluate
from frontrow.evaluate.tf_idf import tf_idf
from worlds import START, interactions, training, world

ALL = np.ones(30, bool)


def test_the_latest_tenth_of_the_titles_leaves_with_all_its_events():
    old = [(viewer, title, START + 10 * title + viewer, 1.0) for viewer in (1, 2) for title in range(18)]
    inside = interactions([
        *old[:18], (1, 19, START + 900, 1), (1, 18, START + 901, 1), (1, 18, START + 902, 1),
        *old[18:], (3, 18, START + 800, 1), (3, 0, START + 801, 1), (4, 0, START, 1), (4, 18, START + 950, 1),
    ])  # fmt: skip
    task = new_titles(inside, ALL, False)
    assert np.flatnonzero(task.candidates).tolist() == [18, 19]
    assert task.uncompared  # who is asked takes to one: that tells nothing of how often it happens
    assert np.flatnonzero(task.rankable).tolist() == list(range(20))  # scored as on a page
    assert not np.isin(task.fit.title, [18, 19]).any()
    assert len(task.fit) == 38
    first, second = task.questions
    assert first.relevant.tolist() == [18, 19]
    assert first.query.titles.tolist() == list(range(18))
    assert first.query.now == old[17][2]
    assert second.viewer == 4
    assert task.apart == {"viewers with no new title": 1, "viewers with nothing before it": 1}
    assert new_titles(inside, ALL, True).questions[0].query.now == START + 900


def test_new_profiles_are_fed_their_first_events_and_nothing_of_them_is_fitted():
    data = world(viewers=200)
    task = new_profiles(data, ALL, False)
    asked = {question.viewer for question in task.questions}
    assert 5 <= len(asked) <= 40
    assert not np.isin(task.fit.profile, list(asked)).any()
    for question in task.questions:
        mine = data.take(data.profile == question.viewer)
        fed = len(question.query)
        assert question.group == f"after {fed} event{'s' if fed > 1 else ''}"
        assert question.query.titles.tolist() == mine.title[:fed].tolist()
        assert set(question.relevant) <= set(mine.title[fed : fed + 5])
        assert not set(question.relevant) & set(question.known)
    again = new_profiles(data.take(data.profile != min(asked)), ALL, False)
    assert {question.viewer for question in again.questions} == asked - {min(asked)}


def test_what_is_right_of_new_profiles_and_titles_follows_the_horizon():
    data = world(viewers=200)
    month = {(q.viewer, q.group): q for q in new_profiles(data, ALL, False, MONTH).questions}
    for horizon in (NEXT, SESSION, Horizon("days", 2)):
        task = new_profiles(data, ALL, False, horizon)
        assert task.horizon == horizon
        for question in task.questions:
            mine, fed = data.take(data.profile == question.viewer), len(question.query)
            last = {NEXT: fed + 1, SESSION: fed + 5}.get(horizon, len(mine))
            within = (mine.at <= mine.at[min(fed, len(mine) - 1)] + 2 * DAY) | (horizon in (NEXT, SESSION))
            within[last:] = within[:fed] = False
            assert set(question.relevant) == set(mine.title[within]) - set(question.known)
            assert set(question.relevant) <= set(month[question.viewer, question.group].relevant)
    titles = {horizon: new_titles(data, ALL, False, horizon).questions for horizon in (NEXT, SESSION, MONTH)}
    assert titles[NEXT]
    for next_, session, days in zip(*titles.values(), strict=True):
        assert len(next_.relevant) == 1
        assert set(next_.relevant) <= set(session.relevant) <= set(days.relevant)


def test_a_viewer_asked_thrice_counts_once_and_groups_are_told_apart():
    report = evaluate(training(world(viewers=200), 30), "new-profiles", seed=1)
    assert report.horizon == "session"
    assert [group.name for group in report.groups] == ["after 1 event", "after 2 events", "after 3 events"]
    assert all(group.users <= report.users for group in report.groups)
    whole = next(row.metrics["ndcg@10"].value for row in report.rows if row.system == WHOLE)
    parts = [next(row.metrics["ndcg@10"].value for row in group.rows if row.system == WHOLE) for group in report.groups]
    assert whole == pytest.approx(np.mean(parts), abs=0.02)


def test_neighbours_by_content_are_a_floor_and_find_what_is_alike():
    titles = [_title(number, "comedy" if number % 2 else "war") for number in range(30)]
    report = evaluate(training(world(), 30), "new-titles", titles=titles)
    assert "TF-IDF neighbours" in {row.system for row in report.rows}
    table = tf_idf([*titles, None]).toarray()
    likeness = table @ table.T
    assert likeness[0, 2] > likeness[0, 1]
    assert np.allclose(np.diag(likeness)[:-1], 1, atol=1e-6)
    assert not table[-1].any()
    episodes = [Title(title_id=f"e{n}", name="E", kind="episode", series_id="s", genres=["comedy"]) for n in range(500)]
    beside = tf_idf([*titles, *episodes]).toarray()
    assert np.array_equal(beside[:30, : table.shape[1]], table[:30])  # a long series makes its genre no commoner
    assert not beside[30:].any()


def test_nothing_at_all_is_a_report_of_nobody():
    for protocol in ("new-titles", "new-profiles"):
        assert evaluate(training(interactions([]), 3), protocol).users == 0


def _title(number: int, genre: str) -> Title:
    return Title(title_id=f"t{number}", kind="film", name=f"Number {number}", genres=(genre,))
