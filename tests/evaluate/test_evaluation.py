"""Protocols: what is held out, who is asked, and the report."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from frontrow.core.clock import DAY
from frontrow.core.errors import UsageError
from frontrow.core.horizon import MONTH, NEXT, Horizon
from frontrow.evaluate.asking import WHOLE
from frontrow.evaluate.evaluation import evaluate
from frontrow.evaluate.html_chart import html_chart
from frontrow.evaluate.protocols import last_event, time_split
from worlds import START, interactions, training, world

ALL = np.ones(30, bool)


def test_last_event_asks_for_the_last_new_title_and_fits_without_two():
    inside = interactions([
        (1, 0, START, 1), (1, 1, START + 1, 1), (1, 2, START + 2, 0), (1, 1, START + 3, 1),
        (2, 3, START, 1), (3, 4, START, 1), (3, 0, START + 1, 1),
    ])  # fmt: skip
    task = last_event(inside, ALL, False)
    first, second = task.questions
    assert first.relevant.tolist() == [2]
    assert first.query.titles.tolist() == [0, 1]
    assert first.query.now == START + 1
    assert second.relevant.tolist() == [0]
    assert task.fit.title.tolist() == [0]
    assert task.known.title.tolist() == [0, 1, 4]
    assert task.apart["viewers with one title only"] == 1
    assert task.candidates.sum() == 5
    assert last_event(inside, ALL, True).questions[0].query.now == START + 2


def test_time_split_asks_those_who_were_there_and_liked_something_after():
    inside = interactions([
        *((1, t, START + t, 1) for t in range(6)), (1, 7, START + 10 * DAY, 1.0), (1, 6, START + 11 * DAY, 1.0),
        (2, 6, START + 5, 1), (2, 7, START + 6, 1), (2, 0, START + 12 * DAY, 0.6),
        (3, 7, START + 5, 1), (3, 0, START + 12 * DAY, 0.8), (3, 9, START + 12 * DAY, 1.0),
        (4, 0, START + 13 * DAY, 1.0), *((5, t, START + t, 1) for t in range(6)),
    ])  # fmt: skip
    task = time_split(inside, ALL, True)
    assert [question.query.now for question in task.questions] == [START + 11 * DAY, START + 12 * DAY]
    first, second = task.questions
    assert (first.query.at < START + 11 * DAY).all()
    assert first.relevant.tolist() == [6]
    assert second.relevant.tolist() == [0]  # 9 was not known at the cut
    assert task.apart == {
        "viewers unknown at the cut": 1, "viewers with nothing relevant left": 0, "relevant titles unknown": 1,
    }  # fmt: skip
    assert task.fit.at.max() < START + 11 * DAY


def test_what_forecasts_are_held_against_came_within_the_horizon():
    inside = interactions([
        *((1, t, START + t, 1) for t in range(6)), *((1, 6 + n, START + (10 + n) * DAY, 1.0) for n in range(3)),
        *((2, t, START + t, 1) for t in range(9)), (2, 0, START + 50 * DAY, 1.0),
        *((3, t, START + t, 1) for t in range(5)), (3, 0, START + 60 * DAY, 1.0),
    ])  # fmt: skip
    for horizon, days in ((NEXT, [10]), (Horizon("days", 1), [10, 11]), (MONTH, [10, 11, 12])):
        task = time_split(inside, ALL, True, horizon)
        came = {question.viewer: question.then.at.tolist() for question in task.questions}
        assert came[1] == [START + day * DAY for day in days]
        assert not task.uncompared
    assert not last_event(inside, ALL, True).uncompared
    report = evaluate(training(world(), 30), "last-event", seed=1, facets={}, horizon="session")
    assert report.calibration == {}
    assert report.uncompared == "last-event holds out too little to tell of session"
    assert "not held against what came: last-event holds out too little" in html_chart(report)


@pytest.mark.parametrize("protocol", ["last-event", "time-split"])
def test_the_report_holds_every_system_and_beats_chance(protocol):
    data = training(world(), 30)
    report = evaluate(data, protocol, seed=1)
    told = msgspec.json.decode(msgspec.json.encode(report))
    assert {"protocol", "horizon", "request_time", "users", "rows"} <= set(told)
    assert told["users"] > 0
    systems = {row["system"]: row for row in told["rows"]}
    assert {WHOLE, "linear", "follow", "EASE", "popular 7 d", "popular 30 d", "last-item Markov"} <= set(systems)
    for row in systems.values():
        for metric in row["metrics"].values():
            assert metric["low"] <= metric["value"] + 1e-9
            assert metric["value"] <= metric["high"] + 1e-9
    assert {each["metric"] for each in told["compared"]} == {"hr@10", "ndcg@10"}
    if protocol == "last-event":
        assert systems[WHOLE]["metrics"]["hr@10"]["value"] > 0.7
    assert evaluate(data, protocol, seed=1) == report


def test_another_system_is_asked_the_same_and_held_against_the_whole():
    def beside(task):
        answers = {id(question): question.relevant for question in task.questions}
        return {"oracle": lambda question: np.isin(np.arange(30), answers[id(question)]).astype(np.float32)}

    report = evaluate(training(world(), 30), "last-event", seed=1, beside=beside)
    oracle = next(row for row in report.rows if row.system == "oracle")
    assert (oracle.kind, oracle.metrics["ndcg@10"].value) == ("floor", 1.0)
    assert oracle.lead["ndcg@10"].high < 0
    assert {each.floor for each in report.compared} == {"oracle"}


def test_horizon_and_time_can_be_chosen():
    report = evaluate(training(world(), 30), "last-event", horizon="days=7", request_time="known")
    assert (report.horizon, report.request_time) == ("days=7", "known")


def test_nobody_to_ask_is_a_report_of_nobody():
    for protocol in ("last-event", "time-split"):
        assert evaluate(training(interactions([]), 3), protocol).users == 0


def test_an_unknown_protocol_says_which_there_are():
    with pytest.raises(UsageError, match="guess is no protocol") as raised:
        evaluate(training(world(), 30), "guess")
    assert "new-profiles" in raised.value.mend


def test_of_ratings_alone_only_plays_are_forecast_and_weights_move_nothing():
    data = training(world(viewers=150, titles=60), 60)
    report = evaluate(data, "last-event", seed=1, facets={})
    assert set(report.calibration) == {"play"}
    play = report.calibration["play"]
    assert play.forecasts == 10 * report.users
    assert 0 <= play.error.low <= play.error.value <= play.error.high < 0.05
    assert set(report.not_forecast) == {"minutes", "finish", "thumbs_up", "abandon"}
    weighed = evaluate(data, "last-event", seed=1, facets={}, weights={"play": 0, "finish": 5})
    assert weighed.rows == report.rows
